import { explainMissingKeys } from '../keys/missing-keys.ts'
import type { KeyHolder, KeysHealth } from '../policy/key-source.ts'
import type { RevocationHealth } from '../policy/revocation-view.ts'
import type { IssuerVerifier } from '../token/issuer-verifier.ts'
import type { Issuers, LookupOccupancy } from './issuers-port.ts'

/** How good a guard's knowledge is, for a readiness probe and a metric. */
export interface GuardHealth {
  /** False while some issuer's tokens cannot be judged, or would be refused for old revocations. */
  readonly ok: boolean
  readonly issuers: readonly IssuerHealth[]
  /** Of the keys that open encrypted tokens, where they are fetched. */
  readonly decryption?: KeysHealth
  readonly cachedTokens: number
  /** How full the memory of looked-up issuers is; beyond it each new one evicts another. */
  readonly lookup?: LookupOccupancy
}

/** What a guard knows of one issuer, and how old that is. */
export interface IssuerHealth {
  readonly issuer: string
  readonly keys: KeysHealth
  readonly revocation?: RevocationHealth
}

/** Describes the verifiers in force. */
export function describeHealth(
  { open, occupancy }: Issuers,
  decryption: KeyHolder | undefined,
  cachedTokens: number,
): GuardHealth {
  const verifiers = open()
  const issuers = verifiers.map(({ issuer, keys, revocation }) => ({
    issuer,
    keys: keys.health(),
    ...(revocation === undefined ? {} : { revocation: revocation.health() }),
  }))
  const usable = verifiers.every(
    ({ keys, revocation }) =>
      keys.health().state !== 'missing' && !(revocation?.isTooStale() ?? false),
  )
  const base = {
    issuers,
    cachedTokens,
    ...(occupancy === undefined ? {} : { lookup: occupancy() }),
  }
  if (decryption === undefined) return { ok: usable, ...base }
  const health = decryption.health()
  return { ok: usable && health.state !== 'missing', decryption: health, ...base }
}

/**
 * Waits for the first keys and the first knowledge of revocations.
 * Throws: Error that names the issuer whose keys cannot be had.
 */
export async function untilReady(
  verifiers: readonly IssuerVerifier[],
  decryption: KeyHolder | undefined,
): Promise<void> {
  const opening = decryption?.load?.().then(() => {
    if (decryption.current() === undefined)
      throw new Error(`no keys to open tokens with: ${explainMissingKeys(decryption.health())}`)
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
