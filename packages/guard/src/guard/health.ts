import type { KeysHealth } from '../policy/key-source.ts'
import type { RevocationHealth } from '../policy/revocation-view.ts'
import type { Desk } from './desk.ts'

/** How good a guard's knowledge is, for a readiness probe and a metric. */
export interface GuardHealth {
  /** False while some issuer's tokens cannot be judged, or would be refused for old revocations. */
  readonly ok: boolean
  readonly issuers: readonly IssuerHealth[]
  readonly cachedTokens: number
}

export interface IssuerHealth {
  readonly issuer: string
  readonly keys: KeysHealth
  readonly revocation?: RevocationHealth
}

/** Describes the desks as they stand. */
export function describeHealth(desks: readonly Desk[], cachedTokens: number): GuardHealth {
  const issuers = desks.map(({ issuer, keys, revocation }) => ({
    issuer,
    keys: keys.health(),
    ...(revocation === undefined ? {} : { revocation: revocation.health() }),
  }))
  const usable = desks.every(
    ({ keys, revocation }) =>
      keys.health().state !== 'missing' && !(revocation?.isTooStale() ?? false),
  )
  return { ok: usable, issuers, cachedTokens }
}

/**
 * Waits for the first keys and the first knowledge of revocations.
 * Throws: Error that names the issuer whose keys cannot be had.
 */
export async function untilReady(desks: readonly Desk[]): Promise<void> {
  await Promise.all(
    desks.map(async ({ issuer, keys, revocation }) => {
      await keys.load?.()
      if (keys.current() === undefined)
        throw new Error(`no keys of ${issuer}: ${keys.health().failure ?? 'none'}`)
      await revocation?.ready?.()
    }),
  )
}
