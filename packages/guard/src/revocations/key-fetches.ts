/** Key fetches that announcements may still cause. It grows with time. Units: fetches; monotonic seconds. */
export interface KeyFetches {
  readonly left: number
  readonly countedAt: number
}

/** Units: fetches; seconds until one more is earned. */
const fetchesAtOnce = 5
const secondsPerFetch = 10

export const allKeyFetches: KeyFetches = { left: fetchesAtOnce, countedAt: 0 }

/**
 * Takes one key fetch. Returns `undefined` if none is left. Pure.
 * Why: keys that change several times within seconds must reach the guard each time. An issuer that announces other
 * keys with each message must not cause a fetch with each.
 */
export function takeKeyFetch(fetches: KeyFetches, monotonic: number): KeyFetches | undefined {
  const earned = (monotonic - fetches.countedAt) / secondsPerFetch
  const left = Math.min(fetchesAtOnce, fetches.left + earned)
  return left < 1 ? undefined : { left: left - 1, countedAt: monotonic }
}
