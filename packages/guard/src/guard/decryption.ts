import {
  createDecrypter,
  keySetOf,
  refuse,
  type ContentEncryption,
  type JweKeyAlgorithm,
  type Key,
  type KeySet,
  type Result,
} from '@countersign/jwt'
import type { KeySource } from '../policy/key-source.ts'
import type { GuardRefusal } from '../refusal.ts'

/** The keys with which a guard opens encrypted tokens; a source changes them while it runs. */
export type DecryptionKeys = Key | readonly Key[] | KeySet | KeySource

export interface DecryptionOptions {
  readonly decryptionKeys?: DecryptionKeys
  /** The AES-GCM ones unless told otherwise. */
  readonly decryptionEncryptions?: readonly ContentEncryption[]
  /** Takes tokens that are only signed beside encrypted ones. Weakens: their claims can be read on the way. */
  readonly acceptPlainTokensUnsafe?: boolean
}

/** Gives the signed token that was presented, out of its envelope where it has to be in one. */
export type OpenEnvelope = (token: string) => Result<string, GuardRefusal>

const encryptionsDefault: readonly ContentEncryption[] = ['A128GCM', 'A192GCM', 'A256GCM']

/**
 * Prepares the opening of nested tokens; undefined where no keys were given.
 * Refuses: `plain_token`, and `decryption_failed` for every kind of failure alike.
 * Throws: TypeError at once for keys that cannot decrypt.
 * Source: RFC 7519 §5.2; RFC 8725 §2.3.
 */
export function createOpenEnvelope(options: DecryptionOptions): OpenEnvelope | undefined {
  const { decryptionKeys, acceptPlainTokensUnsafe = false } = options
  if (decryptionKeys === undefined) return undefined
  const { decryptionEncryptions: encryptions = encryptionsDefault } = options
  const current = keysOf(decryptionKeys)
  let preparedFor = current()
  let decrypt = prepare(preparedFor, encryptions)
  return (token) => {
    if (!isEnvelope(token)) return acceptPlainTokensUnsafe ? { ok: true, value: token } : plain
    const keys = current()
    if (keys !== preparedFor) {
      decrypt = prepare(keys, encryptions)
      preparedFor = keys
    }
    const opened = decrypt(token)
    return opened.ok ? opened : failed
  }
}

const plain = refuse<GuardRefusal>({ reason: 'plain_token', proven: false })
const failed = refuse<GuardRefusal>({ reason: 'decryption_failed', proven: false })

function keysOf(given: DecryptionKeys): () => KeySet {
  if ('keySet' in given) return given.keySet
  const set = isList(given) ? keySetOf(given) : 'find' in given ? given : keySetOf([given])
  return () => set
}

function isList(given: object): given is readonly Key[] {
  return Array.isArray(given)
}

function prepare(
  keys: KeySet,
  encryptions: readonly ContentEncryption[],
): ReturnType<typeof createDecrypter> {
  // A key for signing among them is refused by name when the decrypter is made.
  const algorithms = [...new Set(keys.keys.map(({ alg }) => alg as JweKeyAlgorithm))]
  return createDecrypter({ keys, algorithms, encryptions })
}

/** Five parts are an envelope; whatever else is judged as a signed token. */
function isEnvelope(token: string): boolean {
  let dots = 0
  for (let at = token.indexOf('.'); at !== -1; at = token.indexOf('.', at + 1)) dots += 1
  return dots === 4
}
