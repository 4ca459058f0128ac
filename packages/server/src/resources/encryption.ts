import {
  isAllowedAddress,
  type FetchedDocument,
  type FetchRefusal,
} from '@countersign/guard/outbound'
import {
  createKeySet,
  encryptJwt,
  importKey,
  ok,
  parseStrictJson,
  refuse,
  type ContentEncryption,
  type EpochSeconds,
  type JweKeyAlgorithm,
  type Jwk,
  type Key,
  type Result,
} from '@countersign/jwt'
import { isEncryptionAlg } from '../keys/material.ts'
import type { ResourceEncryption } from '../store/port/records.ts'
import type { EncryptTo } from '../tokens/mint.ts'
import type { EncryptionRefusal } from '../tokens/plan.ts'

/** How the content can be encrypted: all are authenticated. */
const contentEncryptions = new Set(['A256GCM', 'A192GCM', 'A128GCM'])

export interface EncryptionDeps {
  /** Fetches one JSON document by the rules that guards fetch keys by. */
  readonly fetch: (url: string) => Promise<Result<FetchedDocument, FetchRefusal>>
  /** The public half of the active key that this service keeps for a resource, promised until then. */
  readonly managedKey: (
    audience: string,
    alg: string,
    until: EpochSeconds,
  ) => Key | undefined | Promise<Key | undefined>
  /** Units: seconds of a clock that never goes back. */
  readonly monotonic: () => number
}

/** Units: seconds. Stated ages are brought inside; a set once fetched serves that long while its owner is away. */
const ageDefault = 300
const ageMin = 30
const ageMax = 3_600
const staleMax = 86_400
const retryAfter = 5

type FetchedKey = Result<Key, EncryptionRefusal>

/** The key behind one address, and when to look there again. */
interface Remote {
  key: Key | undefined
  fetchedAt: number
  maxAge: number
  triedAt: number
  failure: string
  flight: Promise<FetchedKey> | undefined
}

/**
 * Makes the encryption of tokens to their resource.
 * Refuses: `encryption_key_unavailable`; a token for such a resource never leaves only signed.
 * Why: a request waits for a resource's key set only the first time; after that it is fetched behind the requests.
 * Source: RFC 7519 §5.2; RFC 7517 §5.
 */
export function createResourceEncryption(deps: EncryptionDeps): EncryptTo {
  const given = new WeakMap<ResourceEncryption, FetchedKey>()
  const remotes = new Map<string, Remote>()

  function keyOf(
    encryption: ResourceEncryption,
    audience: string,
    until: EpochSeconds,
  ): FetchedKey | Promise<FetchedKey> {
    switch (encryption.source) {
      case 'jwk': {
        const known = given.get(encryption) ?? importGiven(encryption)
        given.set(encryption, known)
        return known
      }
      case 'managed': {
        const key = deps.managedKey(audience, encryption.alg, until)
        return key instanceof Promise ? key.then(heldHere) : heldHere(key)
      }
      case 'jwks_uri':
        return remoteKey(encryption)
    }
  }

  function remoteKey({ jwksUri, alg }: Remotely): FetchedKey | Promise<FetchedKey> {
    const name = `${alg} ${jwksUri}`
    const remote = remotes.get(name) ?? { ...untouched }
    remotes.set(name, remote)
    const now = deps.monotonic()
    const age = now - remote.fetchedAt
    if (age < remote.maxAge && remote.key !== undefined) return ok(remote.key)
    const mayTry = remote.flight !== undefined || now - remote.triedAt >= retryAfter
    const flight = mayTry ? fetchInto(remote, jwksUri, alg) : undefined
    if (remote.key !== undefined && age < staleMax) return ok(remote.key)
    return flight ?? unavailable(remote.failure)
  }

  /** One fetch for all who ask meanwhile. */
  function fetchInto(remote: Remote, jwksUri: string, alg: string): Promise<FetchedKey> {
    if (remote.flight !== undefined) return remote.flight
    remote.triedAt = deps.monotonic()
    remote.flight = deps
      .fetch(jwksUri)
      .then((fetched) => {
        const key = fetched.ok
          ? pickKey(fetched.value.document, alg)
          : unavailable(fetched.refusal.reason)
        if (!key.ok || !fetched.ok) {
          remote.failure = key.ok ? '' : key.refusal.detail
          return key
        }
        remote.key = key.value
        remote.fetchedAt = deps.monotonic()
        const stated = fetched.value.maxAgeSeconds ?? ageDefault
        remote.maxAge = Math.min(Math.max(stated, ageMin), ageMax)
        return key
      })
      .finally(() => {
        remote.flight = undefined
      })
    return remote.flight
  }

  return (signed, encryption, audience, until) => {
    const enc = encryption.enc as ContentEncryption
    const seal = (key: FetchedKey): Result<string, EncryptionRefusal> =>
      key.ok ? ok(encryptJwt(signed, key.value, { enc })) : key
    const key = keyOf(encryption, audience, until)
    return key instanceof Promise ? key.then(seal) : seal(key)
  }
}

type Remotely = Extract<ResourceEncryption, { source: 'jwks_uri' }>

const untouched: Remote = {
  key: undefined,
  fetchedAt: -Infinity,
  maxAge: 0,
  triedAt: -Infinity,
  failure: 'not fetched',
  flight: undefined,
}

/** Says in a sentence why tokens could not be encrypted so; `undefined` where they can. */
export function objectToEncryption(encryption: ResourceEncryption): string | undefined {
  const { source, alg, enc } = encryption
  if (!isEncryptionAlg(alg)) return `Tokens are not encrypted with ${alg} here.`
  if (!contentEncryptions.has(enc)) return `Tokens are not encrypted with ${enc} here.`
  if (source === 'jwks_uri' && !isAllowedAddress(encryption.jwksUri)) {
    return 'A key set is fetched over https only (http on this machine).'
  }
  if (source !== 'jwk') return undefined
  const key = importGiven(encryption)
  if (!key.ok) return `The encryption key cannot be used: ${key.refusal.detail}.`
  return key.value.kind === 'public' ? undefined : 'Give the public half of the key alone.'
}

function importGiven({ jwk, alg }: Extract<ResourceEncryption, { source: 'jwk' }>): FetchedKey {
  const parsed = parseStrictJson(jwk)
  if (!parsed.ok) return unavailable('it is no JSON')
  const key = importKey(parsed.value as Jwk, { alg: alg as JweKeyAlgorithm, use: 'enc' })
  return key.ok ? key : unavailable(key.refusal.reason)
}

/** The first key of a set that encrypts as the record says; a resource that rotates puts its new one first. */
function pickKey(document: unknown, alg: string): FetchedKey {
  const set = createKeySet(document, { algorithms: [alg as JweKeyAlgorithm] })
  if (!set.ok) return unavailable(set.refusal.reason)
  const key = set.value.keys.find((member) => member.alg === alg && member.use === 'enc')
  return key === undefined ? unavailable(`no ${alg} key in the set`) : ok(key)
}

function heldHere(key: Key | undefined): FetchedKey {
  return key === undefined ? unavailable('no managed key') : ok(key)
}

function unavailable(detail: string): Result<never, EncryptionRefusal> {
  return refuse({ reason: 'encryption_key_unavailable', detail })
}
