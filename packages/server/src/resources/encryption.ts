import { isAllowedAddress } from '@countersign/guard/outbound'
import { createKeysAt, noUsableKey, type KeysAtDeps } from '@countersign/guard/token'
import {
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
  type KeySet,
  type Result,
} from '@countersign/jwt'
import { encryptionAlgs, isEncryptionAlg } from '../keys/material.ts'
import type { ResourceEncryption } from '../store/port/records.ts'
import type { EncryptTo } from '../tokens/mint.ts'
import type { EncryptionRefusal } from '../tokens/plan.ts'

/** How the content can be encrypted: all are authenticated. */
const contentEncryptions = new Set(['A256GCM', 'A192GCM', 'A128GCM'])

export interface EncryptionDeps extends KeysAtDeps {
  /** The public half of the active key that this service keeps for a resource, promised until then. */
  readonly managedKey: (
    audience: string,
    alg: string,
    until: EpochSeconds,
  ) => Key | undefined | Promise<Key | undefined>
}

type FetchedKey = Result<Key, EncryptionRefusal>

/**
 * Makes the encryption of tokens to their resource.
 * Refuses: `encryption_key_unavailable`; a token for such a resource never leaves only signed.
 * Why: a request waits for a resource's key set only the first time; after that it is fetched behind the requests.
 * Source: RFC 7519 §5.2; RFC 7517 §5.
 */
export function createResourceEncryption(deps: EncryptionDeps): EncryptTo {
  const given = new WeakMap<ResourceEncryption, FetchedKey>()
  const holders = new Map<string, ReturnType<typeof createKeysAt>>()

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
    const holder = holders.get(name) ?? createKeysAt(jwksUri, [alg as JweKeyAlgorithm], deps)
    holders.set(name, holder)
    const keySet = holder.current()
    if (keySet !== undefined) return pickKey(keySet, alg)
    const loaded = holder.load?.() ?? Promise.resolve()
    return loaded.then(() => {
      const fetched = holder.current()
      if (fetched !== undefined) return pickKey(fetched, alg)
      const { keys, failure } = holder.health()
      return keys === 0 && failure === noUsableKey
        ? noKey(alg)
        : unavailable(failure ?? 'not fetched')
    })
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

/** Says in a sentence why tokens could not be encrypted so; `undefined` where they can. */
export function objectToEncryption(encryption: ResourceEncryption): string | undefined {
  const { source, alg, enc } = encryption
  if (!isEncryptionAlg(alg))
    return `Tokens are not encrypted with ${alg} here: name ${encryptionAlgs.join(', ')}.`
  if (!contentEncryptions.has(enc))
    return `Tokens are not encrypted with ${enc} here: name ${[...contentEncryptions].join(', ')}.`
  if (source === 'managed' && encryption.curve !== undefined) return objectToCurve(encryption)
  if (source === 'jwks_uri' && !isAllowedAddress(encryption.jwksUri)) {
    return 'A key set is fetched over https only (http on this machine).'
  }
  if (source !== 'jwk') return undefined
  const key = importGiven(encryption)
  if (!key.ok) return `The encryption key cannot be used: ${key.refusal.detail}.`
  return key.value.kind === 'public' ? undefined : 'Give the public half of the key alone.'
}

const curves: readonly string[] = ['X25519', 'P-256', 'P-384', 'P-521']

function objectToCurve({ alg, curve }: Extract<ResourceEncryption, { source: 'managed' }>) {
  if (!alg.startsWith('ECDH-ES')) return `${alg} has no curve.`
  return curves.includes(curve ?? '') ? undefined : `Name one of the curves ${curves.join(', ')}.`
}

function importGiven({ jwk, alg }: Extract<ResourceEncryption, { source: 'jwk' }>): FetchedKey {
  const parsed = parseStrictJson(jwk)
  if (!parsed.ok) return unavailable('it is no JSON')
  const key = importKey(parsed.value as Jwk, { alg: alg as JweKeyAlgorithm, use: 'enc' })
  return key.ok ? key : unavailable(key.refusal.reason)
}

/** The first key of a set, because a resource that rotates puts its new key first. */
function pickKey({ keys: [first] }: KeySet, alg: string): FetchedKey {
  return first === undefined ? noKey(alg) : ok(first)
}

function noKey(alg: string): FetchedKey {
  return unavailable(`no ${alg} key in the set`)
}

function heldHere(key: Key | undefined): FetchedKey {
  return key === undefined ? unavailable('no managed key') : ok(key)
}

function unavailable(detail: string): Result<never, EncryptionRefusal> {
  return refuse({ reason: 'encryption_key_unavailable', detail })
}
