import {
  createKeySet,
  decryptJwe,
  isJsonObject,
  ok,
  parseStrictJson,
  refuse,
  signJwt,
  type EpochSeconds,
  type JweKeyAlgorithm,
  type Key,
  type KeySet,
  type Result,
} from '@countersign/jwt'
import type { KeyHolder } from '../policy/key-source.ts'
import { describeFetchRefusal, fetchDocument } from '../outbound/fetch-document.ts'
import { describeMetadataRefusal, discover } from './discovery.ts'
import type { IssuerRoute } from './issuer-route.ts'
import { noUsableKey } from './fetched-step.ts'
import { listSkipped } from './missing-keys.ts'
import {
  createFetchedKeys,
  type FetchedKeysDeps,
  type Jwks,
  type RemoteKeyTimes,
} from './fetched.ts'

/** How a guard fetches the keys that its issuer keeps for this API: as the API's client. */
export type ManagedKeys = {
  readonly clientId: string
  /** The name of this API at its issuer. Default: the guard's audience. */
  readonly resource?: string
} & (
  | {
      readonly clientSecret: string
      readonly assertionKey?: never
      readonly envelopeKey?: never
    }
  | {
      /** A private signing key of the client. The issuer has its public half (`private_key_jwt`). */
      readonly assertionKey: Key
      /** A private decryption key of the client. With it, only keys that are encrypted to it are accepted. */
      readonly envelopeKey?: Key
      readonly clientSecret?: never
    }
)

/** The metadata member with the endpoint for private keys of APIs (RFC 8414 §2 allows further members). */
export const decryptionKeysMetadata = 'decryption_keys_endpoint'

export interface ManagedKeysDeps extends Omit<FetchedKeysDeps, 'now'> {
  readonly now: () => EpochSeconds
}

/**
 * Keeps the private keys that decrypt tokens of one API. It fetches them ahead of need, over https (http on this
 * machine), as the API's client.
 * Throws: TypeError at once for a missing client, for both or none of its credentials, and for an unfit key.
 * Why: fetched keys are never written to disk, so a guard that starts while its issuer is unreachable decrypts nothing.
 * Source: our own protocol (docs/encrypted-tokens.md); RFC 6749 §2.3.1; RFC 7523 §3.
 */
export function createManagedKeys(
  managed: ManagedKeys,
  route: IssuerRoute,
  resource: string,
  times: RemoteKeyTimes,
  deps: ManagedKeysDeps,
): KeyHolder {
  checkClient(managed)
  let tag = ''

  async function fetch() {
    const metadata = await discover(route)
    if (!metadata.ok) return describeMetadataRefusal(metadata.refusal)
    const endpoint = metadata.value.document[decryptionKeysMetadata]
    if (typeof endpoint !== 'string') return 'metadata: decryption_keys_endpoint_missing'
    const located = route.locate(endpoint)
    if (!located.ok) return 'metadata: decryption_keys_endpoint_refused'
    const { fields, headers } = authenticate(managed, route.issuer, deps.now())
    const known = tag === '' ? {} : { tag }
    const body = new URLSearchParams({ resource, ...known, ...fields }).toString()
    const post = { body, headers: { ...headers, 'content-type': formType } }
    const fetched = await fetchDocument(located.value, route.fetch, route.limits, post)
    if (!fetched.ok) return `decryption keys: ${describeFetchRefusal(fetched.refusal)}`
    const { document, maxAgeSeconds } = fetched.value
    const { keys, encrypted_keys: encrypted } = document
    if (nameOf(document) === '') return 'decryption keys: malformed'
    if (nameOf(document) === tag && keys === undefined && encrypted === undefined)
      return { jwks: 'unchanged' as const, maxAgeSeconds }
    const jwks = openEnvelope(document, managed.envelopeKey)
    return typeof jwks === 'string' ? jwks : { jwks, maxAgeSeconds }
  }

  function read(jwks: Jwks): Result<KeySet, string> {
    const made = createKeySet(jwks, { acceptPrivate: true })
    if (!made.ok) return refuse(noUsableKey)
    const { keys } = made.value
    // A guard refuses a set with a key that cannot decrypt.
    if (keys.length === 0 || !keys.every(isForOpening))
      return refuse(`${noUsableKey}${listSkipped(made.value)}`)
    tag = nameOf(jwks)
    return ok(made.value)
  }

  const maxAgeSeconds = Math.min(times.maxAgeSeconds, announcedSeconds)
  return createFetchedKeys({ fetch, nameOf, read }, { ...times, maxAgeSeconds }, deps)
}

/** Units: seconds between the publication of a key and the first token that is encrypted to it. */
const announcedSeconds = 300

/** Decrypts the set if an envelope is required. Returns a text that explains a failure. */
function openEnvelope(document: Jwks, key: Key | undefined): Jwks | string {
  const { tag, encrypted_keys: text } = document
  if (key === undefined)
    return text === undefined
      ? document
      : 'decryption keys: encrypted, and the guard has no envelopeKey'
  if (typeof text !== 'string') return 'decryption keys: not encrypted'
  const algorithms = [key.alg as JweKeyAlgorithm]
  const opened = decryptJwe(text, {
    keys: key,
    algorithms,
    encryptions: ['A256GCM'],
    tokenBytesMax,
  })
  const set = opened.ok ? parseStrictJson(opened.value.payload, setLimits) : opened
  const keys = set.ok && isJsonObject(set.value) ? set.value['keys'] : undefined
  return keys === undefined ? 'decryption keys: envelope_refused' : { tag, keys }
}

/** Units: bytes, as for other fetched documents; levels; members, as a set of a hundred keys may have. */
const tokenBytesMax = 100 * 1024
const setLimits = { bytesMax: tokenBytesMax, depthMax: 6, membersMax: 2_000 }

const formType = 'application/x-www-form-urlencoded'

function nameOf({ tag }: Jwks): string {
  return typeof tag === 'string' ? tag : ''
}

function isForOpening({ use, kind }: Key): boolean {
  return use === 'enc' && kind === 'private'
}

function checkClient(managed: ManagedKeys): void {
  const { clientId, clientSecret, assertionKey, envelopeKey } = managed
  if (typeof clientId !== 'string' || clientId === '')
    throw new TypeError('decryptionKeys needs the id of the client of this API')
  if ((clientSecret === undefined) === (assertionKey === undefined) || clientSecret === '')
    throw new TypeError('decryptionKeys needs a clientSecret or an assertionKey, and not both')
  if (assertionKey !== undefined && (assertionKey.use !== 'sig' || assertionKey.kind !== 'private'))
    throw new TypeError('assertionKey is a private key that signs')
  if (envelopeKey !== undefined && (assertionKey === undefined || !isForOpening(envelopeKey)))
    throw new TypeError('envelopeKey is a private key that decrypts, and needs an assertionKey')
}

/** Units: seconds. An assertion serves one request; the clocks may differ a little. */
const assertionTtlSeconds = 60

function authenticate(
  { clientId, clientSecret, assertionKey }: ManagedKeys,
  issuer: string,
  now: EpochSeconds,
): {
  readonly fields: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
} {
  if (clientSecret !== undefined) {
    const pair = [clientId, clientSecret].map((half) => encodeURIComponent(half)).join(':')
    return { fields: {}, headers: { authorization: `Basic ${btoa(pair)}` } }
  }
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: issuer,
    jti: crypto.randomUUID(),
    iat: Math.floor(now),
    exp: Math.floor(now) + assertionTtlSeconds,
  }
  const assertion = signJwt(claims, assertionKey, { typ: 'client-authentication+jwt' })
  return {
    fields: { client_assertion_type: assertionType, client_assertion: assertion },
    headers: {},
  }
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
