import { explainMissingKeys } from '../keys/missing-keys.ts'
import type { KeyHolder, KeysHealth } from '../policy/key-source.ts'
import type { RevocationHealth } from '../policy/revocation-view.ts'
import type { IssuerVerifier } from '../token/issuer-verifier.ts'
import type { Issuers, LookupOccupancy } from './issuers-port.ts'

/** The state of a guard's keys and revocations, for a readiness probe and a metric. */
export interface GuardHealth {
  /** False while an issuer's tokens cannot be verified, or are refused because its revocations are too old. */
  readonly ok: boolean
  readonly issuers: readonly IssuerHealth[]
  /** The state of fetched decryption keys. */
  readonly decryption?: KeysHealth
  readonly cachedTokens: number
  /** The count of looked-up issuers. Beyond `issuersMax` each new one evicts another. */
  readonly lookup?: LookupOccupancy
}

/** The state of one issuer's keys and revocations. */
export interface IssuerHealth {
  readonly issuer: string
  readonly keys: KeysHealth
  readonly revocation?: RevocationHealth
}

/** Describes the open verifiers. */
export function describeHealth(
  { listVerifiers, occupancy }: Issuers,
  decryption: KeyHolder | undefined,
  cachedTokens: number,
): GuardHealth {
  const verifiers = listVerifiers()
  const issuers = verifiers.map(({ issuer, keys, revocation }) => ({
    issuer,
    keys: keys.health(),
    ...(revocation === undefined ? {} : { revocation: revocation.health() }),
  }))
  const areUsable = verifiers.every(
    ({ keys, revocation }) =>
      keys.health().state !== 'missing' && !(revocation?.isTooStale() ?? false),
  )
  const base = {
    issuers,
    cachedTokens,
    ...(occupancy === undefined ? {} : { lookup: occupancy() }),
  }
  if (decryption === undefined) return { ok: areUsable, ...base }
  const health = decryption.health()
  return { ok: areUsable && health.state !== 'missing', decryption: health, ...base }
}

/**
 * Waits for the first keys and the first page of revocations.
 * Throws: Error that names the issuer and why its keys could not be fetched.
 */
export async function untilReady(
  verifiers: readonly IssuerVerifier[],
  decryption: KeyHolder | undefined,
): Promise<void> {
  const opening = decryption?.load?.().then(() => {
    if (decryption.current() === undefined)
      throw new Error(`no keys to decrypt tokens: ${explainMissingKeys(decryption.health())}`)
  })
  await Promise.all([
    opening,
    ...verifiers.map(async ({ issuer, keys, revocation }) => {
      await keys.load?.()
      if (keys.current() === undefined)
        throw new Error(`no keys of ${issuer}: ${explainMissingKeys(keys.health())}`)
      await revocation?.ready?.()
    }),
  ])
}
