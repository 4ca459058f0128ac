import {
  createDecrypter,
  decodeBase64url,
  generateKey,
  keySetOf,
  legible,
  ok,
  parseStrictJson,
  refuse,
  type ContentEncryption,
  type JweKeyAlgorithm,
  type JweRefusal,
  type Key,
  type KeySet,
  type Result,
} from '@countersign/jwt'
import { defaultRemoteKeyTimes, type RemoteKeyTimes } from '../keys/fetched.ts'
import { createManagedKeys, type ManagedKeys, type ManagedKeysDeps } from '../keys/managed.ts'
import type { IssuerRoute } from '../keys/issuer-route.ts'
import { explainAddress, isAllowedAddress } from '../outbound/fetch-document.ts'
import type { KeyHolder, KeySource } from '../policy/key-source.ts'
import type { RevokingEntry } from '../policy/revocation-entry.ts'
import type { MaybePromise } from '../policy/maybe-promise.ts'
import type { AboutToken } from '../refusal.ts'
import type { TokenRefusal } from './proven-token.ts'
import { keysUnavailable } from './verify-signed.ts'

/**
 * The keys with which a guard opens encrypted tokens. They are given, read from a source in this process, or fetched
 * from the issuer as the client of this API.
 */
export type DecryptionKeys = Key | readonly Key[] | KeySet | KeySource | ManagedKeys

/** How encrypted tokens are opened, and whether signed tokens are accepted too. */
export interface DecryptionOptions {
  /** The keys that open encrypted tokens. Default: none, and encrypted tokens are refused. */
  readonly decryptionKeys?: DecryptionKeys
  /** Default: the AES-GCM encryptions of the runtime. */
  readonly decryptionEncryptions?: readonly ContentEncryption[]
  /** Accepts tokens without encryption too. Weakens: others can read their claims in transit. Default: `false`. */
  readonly acceptPlainTokensUnsafe?: boolean
}

/** A signed token from an envelope. */
export interface Opened {
  readonly token: string
  /** The key or key set that opened the envelope, compared by identity. */
  readonly by: object
  readonly kid: string | undefined
  /** The only audience of tokens under this key, if the opener knows it. */
  readonly audience?: string
}

/** Opens the envelopes of tokens. */
export interface EnvelopeOpener {
  /** Opens one envelope, synchronously if the keys are present. Refuses: `decryption_failed`, `keys_unavailable`. */
  readonly openEnvelope: (token: string) => MaybePromise<Result<Opened, TokenRefusal>>
  /** Whether the key that opened an envelope is still in force. */
  readonly isInForce: (by: object, kid: string | undefined) => boolean
}

/** The envelope opener of a guard. */
export interface GuardEnvelopes extends EnvelopeOpener {
  /** The holder of fetched keys. Undefined for given keys. */
  readonly fetched: KeyHolder | undefined
}

/** The options of a guard that its envelope opener reads. */
export interface EnvelopeOptions extends DecryptionOptions {
  readonly audience: string | readonly string[]
  readonly remoteKeys?: Partial<RemoteKeyTimes>
}

const encryptionsDefault: readonly ContentEncryption[] = ['A128GCM', 'A192GCM', 'A256GCM']

/**
 * Prepares the opening of nested tokens. Returns undefined without the option `decryptionKeys`.
 * Refuses: `keys_unavailable` before the first keys; `decryption_failed` for every other failure.
 * Throws: TypeError at once for keys that cannot decrypt, and for options with which no key can be fetched.
 * Source: RFC 7519 §5.2; RFC 8725 §2.3.
 */
export function createGuardEnvelopes(
  options: EnvelopeOptions,
  route: IssuerRoute | undefined,
  deps: ManagedKeysDeps,
  burntBy: (kid: string) => RevokingEntry | undefined,
): GuardEnvelopes | undefined {
  const { decryptionKeys } = options
  if (decryptionKeys === undefined) return undefined
  const encryptions = options.decryptionEncryptions ?? encryptionsDefault.filter(isOffered)
  // The encryptions are checked at once, and not when the first keys arrive.
  prepareDecrypter(keySetOf([generateKey('ECDH-ES')]), encryptions)
  const fetched = isManaged(decryptionKeys)
    ? fetchKeys(decryptionKeys, options, route, deps)
    : undefined
  const current = isManaged(decryptionKeys) ? () => fetched?.current() : keysOf(decryptionKeys)
  // A source may have no key yet, or no key any more. A list without keys is a mistake.
  const prepare = (keys: KeySet): Decrypt =>
    'keySet' in decryptionKeys && keys.keys.length === 0
      ? () => noKey
      : prepareDecrypter(keys, encryptions)
  let preparedFor = current()
  let decrypt = preparedFor === undefined ? undefined : prepare(preparedFor)

  function attempt(token: string, fetchesLeft: number): MaybePromise<Result<Opened, TokenRefusal>> {
    const keySet = current()
    if (keySet === undefined) return unavailable(fetched)
    if (keySet !== preparedFor || decrypt === undefined) {
      decrypt = prepare(keySet)
      preparedFor = keySet
    }
    const opened = decrypt(token)
    if (opened.ok) return ok({ token: opened.value, by: keySet, kid: kidOf(token, keySet) })
    const fetching =
      opened.refusal.reason === 'key_unknown' && fetchesLeft > 0
        ? fetched?.fetchUnknown?.()
        : undefined
    const { refusal } = opened
    return fetching?.then(() => attempt(token, fetchesLeft - 1)) ?? failedBy(token, refusal)
  }

  /** Makes one refusal for every failure. The facts are for the owner only, because the refusal is unproven. */
  function failedBy(token: string, cause: JweRefusal): Result<Opened, TokenRefusal> {
    const kid = envelopeKid(token)
    const by = kid === undefined ? undefined : burntBy(kid)
    const names = envelopeNames(token)
    return by === undefined
      ? refuse({ reason: 'decryption_failed', cause, ...names })
      : refuse({ reason: 'revoked', by, ...names })
  }

  return {
    fetched,
    isInForce: (by) => by === current(),
    openEnvelope: (token) => {
      if (current() !== undefined) return attempt(token, fetchesMax)
      return fetched?.load?.().then(() => attempt(token, 0)) ?? unavailable(fetched)
    },
  }
}

/** Units: fetches for one unknown key: one that runs already, and one of its own. */
const fetchesMax = 2

const noKey = refuse({ reason: 'key_unknown' } as const)

function unavailable(fetched: KeyHolder | undefined): Result<Opened, TokenRefusal> {
  return refuse(keysUnavailable('decrypt', fetched?.health()))
}

/** Whether keys are fetched: every value except a key, a list, a set or a source describes a client. */
export function isManaged(given: DecryptionKeys): given is ManagedKeys {
  return !Array.isArray(given) && !('keySet' in given) && !('find' in given) && !('alg' in given)
}

function fetchKeys(
  managed: ManagedKeys,
  { audience, remoteKeys }: EnvelopeOptions,
  route: IssuerRoute | undefined,
  deps: ManagedKeysDeps,
): KeyHolder {
  if (route === undefined)
    throw new TypeError('decryptionKeys of a client need a guard with one issuer')
  const { address, limits } = route
  if (!isAllowedAddress(address, limits.plainHttpHost))
    throw new TypeError(
      `issuer ${address} ${explainAddress(address)}; decryption keys cannot be fetched`,
    )
  const [only, ...others] = [audience].flat()
  const resource = managed.resource ?? (others.length === 0 ? only : undefined)
  if (resource === undefined)
    throw new TypeError('decryptionKeys needs a resource if a guard has several audiences')
  return createManagedKeys(
    managed,
    route,
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

/** Whether this runtime has an encryption. Deno lacks one of them. */
function isOffered(encryption: ContentEncryption): boolean {
  try {
    prepareDecrypter(keySetOf([generateKey('ECDH-ES')]), [encryption])
    return true
  } catch {
    return false
  }
}

type Decrypt = ReturnType<typeof createDecrypter>

function prepareDecrypter(keys: KeySet, encryptions: readonly ContentEncryption[]): Decrypt {
  // `createDecrypter` throws for a signing key and names it.
  const algorithms = [...new Set(keys.keys.map(({ alg }) => alg as JweKeyAlgorithm))]
  return createDecrypter({ keys, algorithms, encryptions })
}

/** Whether a token has the five parts of an envelope. Every other text is read as a signed token. */
export function isEnvelope(token: string): boolean {
  let dots = 0
  for (let at = token.indexOf('.'); at !== -1; at = token.indexOf('.', at + 1)) dots += 1
  return dots === 4
}

/** Names the key of an opened envelope, whose header is authentic. */
function kidOf(token: string, keySet: KeySet): string | undefined {
  const { alg = '', kid } = readHeader(token)
  return keySet.find({ alg, kid, use: 'enc' })?.kid
}

/** Reads the key in the header of an envelope, which is not proven. */
export function envelopeKid(token: string): string | undefined {
  return readHeader(token).kid
}

/** Reads the names in the header of an envelope, which is not proven. */
export function envelopeNames(token: string): AboutToken {
  const { alg, kid } = readHeader(token)
  return {
    proven: false,
    ...(alg === undefined ? {} : { alg: legible(alg, 32) }),
    ...(kid === undefined ? {} : { kid: legible(kid, 64) }),
  }
}

/** Units: characters. A longer header is not read for its key. */
const headerLengthMax = 4096

function readHeader(token: string): { readonly alg?: string; readonly kid?: string } {
  const end = token.indexOf('.')
  const bytes = end > headerLengthMax ? undefined : decodeBase64url(token.slice(0, end))
  const header = bytes === undefined ? undefined : parseStrictJson(bytes)
  if (header?.ok !== true || typeof header.value !== 'object' || header.value === null) return {}
  const { alg, kid } = header.value as Readonly<Record<string, unknown>>
  return {
    ...(typeof alg === 'string' ? { alg } : {}),
    ...(typeof kid === 'string' ? { kid } : {}),
  }
}
