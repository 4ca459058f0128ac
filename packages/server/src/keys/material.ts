import { importKey, type Jwk, type JwsAlgorithm, type Key } from '@countersign/jwt'
import { startFault } from '../config/start-fault.ts'
import type { KeyRecord } from '../store/port/records.ts'
import type { Seals } from './seal.ts'

/** The algorithms that tokens of a resource can be signed with. */
export const signingAlgs = [
  'ES256',
  'ES384',
  'ES512',
  'Ed25519',
  'EdDSA',
  'Ed448',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'HS256',
  'HS384',
  'HS512',
  'ML-DSA-44',
  'ML-DSA-65',
  'ML-DSA-87',
] as const satisfies readonly JwsAlgorithm[]

/** Those with a key pair: whoever can check what was signed must not be able to sign it. */
export const asymmetricAlgs: readonly JwsAlgorithm[] = signingAlgs.filter(
  (alg) => !alg.startsWith('HS'),
)

const known: ReadonlySet<string> = new Set(signingAlgs)

export function isSigningAlg(alg: string): alg is JwsAlgorithm {
  return known.has(alg)
}

/** Opens a sealed key. Throws: a start fault when it does not open, or is no key of its algorithm. */
export function openKey(record: KeyRecord, seals: Seals): Key {
  const { kid, alg } = record
  const text = Buffer.from(seals.open(record.sealed, record)).toString()
  const imported = isSigningAlg(alg)
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
