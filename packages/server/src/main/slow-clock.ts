import type { Log } from '../http/log.ts'
import type { Mint } from '../tokens/mint.ts'

/** Units: milliseconds. The warning is logged once in this time. */
const onceMs = 60_000

/**
 * Logs that no token is made because the clock is behind a revocation of everything.
 * Why: the answers are 503 until the clock has caught up, and a client cannot know the cause.
 */
export function warnOfSlowClock(
  mint: Mint,
  log: Pick<Log, 'warn'>,
  monotonicMs: () => number,
): Mint {
  let loggedAt = -Infinity
  const warn = (minted: Awaited<ReturnType<Mint>>): Awaited<ReturnType<Mint>> => {
    if (minted.ok || minted.refusal.reason !== 'clock_behind') return minted
    const now = monotonicMs()
    if (now - loggedAt < onceMs) return minted
    loggedAt = now
    const { bySeconds } = minted.refusal
    log.warn(
      { bySeconds },
      'no token is made: the clock is behind the moment up to which everything was revoked. Set the clock.',
    )
    return minted
  }
  return (plan) => {
    const minted = mint(plan)
    return minted instanceof Promise ? minted.then(warn) : warn(minted)
  }
}
