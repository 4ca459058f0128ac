import type { RateLimiterMemory } from 'rate-limiter-flexible'

/**
 * Makes a counter of acts by name, so many a minute; it gives the seconds to wait, 0 where the act may go on.
 * Why: the library is loaded at the first act that is counted.
 */
export function createLimiter(perMinuteMax: number): (name: string) => Promise<number> {
  let made: Promise<RateLimiterMemory> | undefined
  const load = async () => {
    const library = await import('rate-limiter-flexible')
    return new library.RateLimiterMemory({ points: perMinuteMax, duration: windowSeconds })
  }
  return async (name) => {
    made ??= load()
    return consume(await made, name)
  }
}

/** Units: seconds in which acts are counted. */
export const windowSeconds = 60

/**
 * Counts one act; gives the seconds to wait, 0 when it may go on. `onFirst` is called with the seconds at the first act
 * that may not.
 */
export async function consume(
  limiter: RateLimiterMemory,
  name: string,
  onFirst?: (seconds: number) => void,
): Promise<number> {
  try {
    await limiter.consume(name)
    return 0
  } catch (rejected) {
    if (rejected instanceof Error || typeof rejected !== 'object' || rejected === null)
      throw rejected
    const ms = 'msBeforeNext' in rejected ? Number(rejected.msBeforeNext) : windowSeconds * 1000
    const seconds = Math.max(1, Math.ceil(ms / 1000))
    const isFirst = 'consumedPoints' in rejected && rejected.consumedPoints === limiter.points + 1
    if (isFirst) onFirst?.(seconds)
    return seconds
  }
}
