import type { FollowerTimes } from './follower-state.ts'

/** Units: seconds. The pause while a node lags, and in the first minute of an outage. */
export const shortPauseSeconds = 1
/** Units: attempts in a row, for about a minute. */
const shortPauses = 60

/** Returns the pause after a failure. It doubles with each failure in a row. Pure. */
export function pauseAfter(
  failures: number,
  [first, longest]: FollowerTimes['retrySeconds'],
): number {
  return Math.min(longest, first * 2 ** Math.min(failures, 16))
}

/**
 * Returns the pause after a failed attempt: at most a second in the first minute of an outage, longer afterwards.
 * Why: after a failover or a restart of the issuer the next revocations must arrive within about a second.
 */
export function pauseInOutage(failures: number, retry: FollowerTimes['retrySeconds']): number {
  if (failures < shortPauses) return Math.min(shortPauseSeconds, pauseAfter(failures, retry))
  return pauseAfter(failures - shortPauses + 1, retry)
}
