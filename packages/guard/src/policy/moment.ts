/** One reading of both clocks. Units: seconds. The wall clock may jump, the monotonic clock may not. */
export interface Moment {
  readonly wall: number
  readonly monotonic: number
}

/** A moment before every other moment. */
export const longAgo: Moment = { wall: -Infinity, monotonic: -Infinity }

/**
 * Returns the seconds between two moments: the larger difference of the two clocks.
 * Why: the monotonic clock does not count a suspended machine, and the wall clock may be set back.
 */
export function ageBetween(since: Moment, now: Moment): number {
  return Math.max(now.wall - since.wall, now.monotonic - since.monotonic)
}

/**
 * Whether a pause that began at a moment still lasts.
 * Why: if the wall clock was set back, the pause ends. Otherwise it would last as long as the clock's step.
 */
export function isWithin(seconds: number, since: Moment, now: Moment): boolean {
  return Math.abs(now.wall - since.wall) < seconds && now.monotonic - since.monotonic < seconds
}
