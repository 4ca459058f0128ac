import {
  asymmetricAlgorithms,
  exportJwk,
  generateKey,
  importKey,
  jwsAlgorithms,
  publicKeyOf,
  type JweKeyAlgorithm,
  type Jwk,
  type JwsAlgorithm,
  type Key,
} from '@countersign/jwt'
import { startFault } from '../config/start-fault.ts'
import type { KeyRecord } from '../store/port/records.ts'
import type { WantedGroup } from './lifecycle.ts'
import type { SealContext, Seals } from './seal.ts'

/** The algorithms that tokens of a resource can be signed with. */
export const signingAlgs = jwsAlgorithms

/** Those with a key pair: a party that can verify a signature must not be able to make one. */
export const asymmetricAlgs = asymmetricAlgorithms

/**
 * The algorithms of DPoP proofs. RSA counts with PSS padding only.
 * Source: FAPI 2.0 Security Profile §5.4.1.
 */
export const proofAlgs: readonly JwsAlgorithm[] = asymmetricAlgs.filter(
  (alg) => !alg.startsWith('RS'),
)

/** How tokens can be encrypted to a resource: with a key pair, whose private half only the resource needs. */
export const encryptionAlgs = [
  'ECDH-ES+A256KW',
  'ECDH-ES+A192KW',
  'ECDH-ES+A128KW',
  'ECDH-ES',
  'RSA-OAEP-256',
  'RSA-OAEP-384',
  'RSA-OAEP-512',
] as const satisfies readonly JweKeyAlgorithm[]

export function isSigningAlg(alg: string): alg is JwsAlgorithm {
  return signing.has(alg)
}

export function isEncryptionAlg(alg: string): alg is JweKeyAlgorithm {
  return encrypting.has(alg)
}

const signing: ReadonlySet<string> = new Set(signingAlgs)
const encrypting: ReadonlySet<string> = new Set(encryptionAlgs)

/** Opens a sealed key. Throws: a start fault when it does not open, or is no key of its algorithm. */
export function openKey(record: SealContext & Pick<KeyRecord, 'sealed'>, seals: Seals): Key {
  const { kid, alg } = record
  const text = Buffer.from(seals.open(record.sealed, record)).toString()
  const imported = isKeyAlg(alg)
    ? importKey(JSON.parse(text) as Jwk, { alg, kid })
    : ({ ok: false } as const)
  if (imported.ok) return imported.value
  throw startFault(
    `Key ${kid} of this database is no ${alg} key that this program can use: start the version that made it.`,
  )
}

/** Opens a secret of the server. */
export function openSecret(record: KeyRecord, seals: Seals): Uint8Array {
  return seals.open(record.sealed, record)
}

/** A new key or secret of a group, before it is sealed. */
export interface Material {
  readonly kid: string
  readonly publicJwk: string | null
  readonly plain: Uint8Array
}

/** Units: bytes of a secret of the server. */
const secretBytes = 32

/** Makes the key that a group lacks. Throws: for an algorithm that this program has no keys for (our bug). */
export function makeMaterial(
  { purpose, alg, curve }: WantedGroup,
  deps: {
    readonly randomId: () => string
    readonly randomBytes: (length: number) => Uint8Array
  },
): Material {
  if (purpose === 'server')
    return { kid: deps.randomId(), publicJwk: null, plain: deps.randomBytes(secretBytes) }
  if (!isKeyAlg(alg)) throw new Error(`no key can be made for ${alg}`)
  const kid = deps.randomId()
  const key = generateKey(alg, curve === undefined ? { kid } : { kid, curve })
  const plain = Buffer.from(JSON.stringify(exportJwk(key, { private: true })))
  const isSecret = key.kind === 'secret'
  return {
    kid,
    publicJwk: isSecret ? null : JSON.stringify(exportJwk(publicKeyOf(key))),
    plain,
  }
}

function isKeyAlg(alg: string): alg is JwsAlgorithm | JweKeyAlgorithm {
  return isSigningAlg(alg) || isEncryptionAlg(alg)
}
