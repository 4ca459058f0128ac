import {
  createDecrypter,
  decodeBase64url,
  generateKey,
  keySetOf,
  ok,
  refuse,
  type ContentEncryption,
  type JweKeyAlgorithm,
  type Key,
  type KeySet,
  type Result,
} from '@countersign/jwt'
import { defaultRemoteKeyTimes } from '../keys/fetched.ts'
import { createManagedKeys, type ManagedKeys } from '../keys/managed.ts'
import { isAllowedAddress } from '../outbound/fetch-document.ts'
import type { KeyHolder, KeySource } from '../policy/key-source.ts'
import type { GuardRefusal } from '../refusal.ts'
import type { GuardDeps, GuardOptions } from './options.ts'
import type { Soon } from './soon.ts'

/**
 * The keys with which a guard opens encrypted tokens: given, from a source that changes them while it runs, or fetched
 * from the issuer that keeps them, as the client that acts for this API.
 */
export type DecryptionKeys = Key | readonly Key[] | KeySet | KeySource | ManagedKeys

/** How encrypted tokens are opened, and whether others are taken. */
export interface DecryptionOptions {
  readonly decryptionKeys?: DecryptionKeys
  /** Those AES-GCM ones that the runtime has unless told otherwise. */
  readonly decryptionEncryptions?: readonly ContentEncryption[]
  /** Takes tokens that are only signed beside encrypted ones. Weakens: their claims can be read on the way. */
  readonly acceptPlainTokensUnsafe?: boolean
}

/** A signed token out of its envelope, and what opened that; nothing did where a plain one was taken. */
export interface Opened {
  readonly token: string
  readonly keySet: KeySet | undefined
  readonly kid: string | undefined
}

/** Opens the envelopes that tokens come in. */
export interface EnvelopeOpener {
  /** At once whenever the keys are there; only missing keys or an unknown one make anybody wait. */
  readonly open: (token: string) => Soon<Result<Opened, GuardRefusal>>
  /** The set in force. */
  readonly current: () => KeySet | undefined
  /** The holder of keys that are fetched; absent for keys in hand. */
  readonly fetched: KeyHolder | undefined
}

const encryptionsDefault: readonly ContentEncryption[] = ['A128GCM', 'A192GCM', 'A256GCM']

/**
 * Prepares the opening of nested tokens; undefined where no keys were asked for.
 * Refuses: `plain_token`; `keys_unavailable` before the first keys came; `decryption_failed` for every other failure alike.
 * Throws: TypeError at once for keys that cannot decrypt, or that could not be fetched.
 * Source: RFC 7519 §5.2; RFC 8725 §2.3.
 */
export function createEnvelopeOpener<Claims>(
  options: GuardOptions<Claims>,
  issuer: string | undefined,
  deps: GuardDeps,
): EnvelopeOpener | undefined {
  const { decryptionKeys, acceptPlainTokensUnsafe = false } = options
  if (decryptionKeys === undefined) return undefined
  const encryptions = options.decryptionEncryptions ?? encryptionsDefault.filter(isOffered)
  // Keys that come later must not be what shows that they could never have been used.
  prepare(keySetOf([generateKey('ECDH-ES')]), encryptions)
  const fetched = isManaged(decryptionKeys)
    ? fetchKeys(decryptionKeys, options, issuer, deps)
    : undefined
  const current = isManaged(decryptionKeys) ? () => fetched?.current() : keysOf(decryptionKeys)
  let preparedFor = current()
  let decrypt = preparedFor === undefined ? undefined : prepare(preparedFor, encryptions)

  function attempt(token: string, fetchesLeft: number): Soon<Result<Opened, GuardRefusal>> {
    const keySet = current()
    if (keySet === undefined) return unavailable
    if (keySet !== preparedFor || decrypt === undefined) {
      decrypt = prepare(keySet, encryptions)
      preparedFor = keySet
    }
    const opened = decrypt(token)
    if (opened.ok) return ok({ token: opened.value, keySet, kid: kidOf(token, keySet) })
    const fetching =
      opened.refusal.reason === 'key_unknown' && fetchesLeft > 0
        ? fetched?.fetchUnknown?.()
        : undefined
    return fetching?.then(() => attempt(token, fetchesLeft - 1)) ?? failed
  }

  return {
    current,
    fetched,
    open: (token) => {
      if (!isEnvelope(token))
        return acceptPlainTokensUnsafe ? ok({ token, keySet: undefined, kid: undefined }) : plain
      if (current() !== undefined) return attempt(token, fetchesMax)
      return fetched?.load?.().then(() => attempt(token, 0)) ?? unavailable
    },
  }
}

/** Units: fetches for one unknown key: one that was under way already, and one of its own. */
const fetchesMax = 2

const plain = refuse<GuardRefusal>({ reason: 'plain_token', proven: false })
const failed = refuse<GuardRefusal>({ reason: 'decryption_failed', proven: false })
const unavailable = refuse<GuardRefusal>({
  reason: 'keys_unavailable',
  proven: false,
  retryAfterSeconds: 5,
})

/** Whether keys are to be fetched; whatever is no key, list, set or source must be the description of a client. */
export function isManaged(given: DecryptionKeys): given is ManagedKeys {
  return !Array.isArray(given) && !('keySet' in given) && !('find' in given) && !('alg' in given)
}

function fetchKeys<Claims>(
  managed: ManagedKeys,
  { audience, remoteKeys }: GuardOptions<Claims>,
  issuer: string | undefined,
  deps: GuardDeps,
): KeyHolder {
  if (issuer === undefined)
    throw new TypeError('decryptionKeys of a client are fetched from the one issuer of a guard')
  if (!isAllowedAddress(issuer))
    throw new TypeError(`issuer ${issuer} is no https address; decryption keys cannot be fetched`)
  const [only, ...others] = [audience].flat()
  const resource = managed.resource ?? (others.length === 0 ? only : undefined)
  if (resource === undefined)
    throw new TypeError('decryptionKeys needs a resource where a guard has several audiences')
  return createManagedKeys(
    managed,
    issuer,
    resource,
    { ...defaultRemoteKeyTimes, ...remoteKeys },
    deps,
  )
}

function keysOf(given: Exclude<DecryptionKeys, ManagedKeys>): () => KeySet {
  if ('keySet' in given) return given.keySet
  const set = isList(given) ? keySetOf(given) : 'find' in given ? given : keySetOf([given])
  return () => set
}

function isList(given: object): given is readonly Key[] {
  return Array.isArray(given)
}

/** Whether this runtime can open such contents; Deno lacks one of them. */
function isOffered(encryption: ContentEncryption): boolean {
  try {
    prepare(keySetOf([generateKey('ECDH-ES')]), [encryption])
    return true
  } catch {
    return false
  }
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

/** The name of the key that opened an envelope, whose header is authentic by then. */
function kidOf(token: string, keySet: KeySet): string | undefined {
  const header = decodeBase64url(token.slice(0, token.indexOf('.')))
  const { alg, kid } = JSON.parse(new TextDecoder().decode(header)) as Record<string, string>
  return keySet.find({ alg: String(alg), kid, use: 'enc' })?.kid
}
