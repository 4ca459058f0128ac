import { isIPv6 } from 'node:net'
import type { RateLimiterMemory } from 'rate-limiter-flexible'
import { consume, windowSeconds } from './limiter.ts'
import type { MaybePromise } from '../maybe-promise.ts'

/** Units: failed attempts per minute. */
export const guessLimits = { perAddress: 60, perClientAndAddress: 10, perClient: 200 } as const

/** Counts failed attempts, by client and by address. */
export interface Guesses {
  /** Counts one attempt; gives the seconds to wait when there were too many. */
  readonly count: (clientId: string, address: string) => Promise<number | undefined>
  /** Counts a signature that proved invalid, for the address alone. */
  readonly countProof: (address: string) => Promise<void>
  /** The seconds for which an address has to wait before another signature is verified for it. */
  readonly waitOfProofs: (address: string) => MaybePromise<number | undefined>
  /** Takes one attempt back, because it was right. */
  readonly forgive: (clientId: string, address: string) => Promise<void>
}

/**
 * Makes the counters; the library is loaded at the first attempt that needs it.
 * Why: an attempt is counted before its hash is worked out, so a flood costs nothing; an IPv6 neighbourhood (/64) is
 * one address, because one person has all of it.
 */
export function createGuesses(
  limits: Record<keyof typeof guessLimits, number> = guessLimits,
): Guesses {
  let made: Promise<readonly [RateLimiterMemory, RateLimiterMemory, RateLimiterMemory]> | undefined
  const load = async () => {
    const library = await import('rate-limiter-flexible')
    const limiter = (points: number) =>
      new library.RateLimiterMemory({ points, duration: windowSeconds })
    return [
      limiter(limits.perAddress),
      limiter(limits.perClientAndAddress),
      limiter(limits.perClient),
    ] as const
  }
  return {
    async count(clientId, address) {
      made ??= load()
      const names = namesOf(clientId, address)
      // One after another: whoever is turned away already costs nobody else a try, and no memory for the names made up.
      for (const [index, limiter] of (await made).entries()) {
        const wait = await consume(limiter, names[index] ?? '')
        if (wait > 0) return wait
      }
      return undefined
    },
    async countProof(address) {
      made ??= load()
      const [perAddress] = await made
      await consume(perAddress, neighbourhood(address))
    },
    waitOfProofs(address) {
      // Nothing was counted yet.
      if (made === undefined) return undefined
      return made.then(async ([perAddress]) => {
        const counted = await perAddress.get(neighbourhood(address))
        if (counted === null || counted.consumedPoints <= limits.perAddress - 1) return undefined
        return Math.max(1, Math.ceil(counted.msBeforeNext / 1000))
      })
    },
    async forgive(clientId, address) {
      made ??= load()
      const names = namesOf(clientId, address)
      await Promise.all((await made).map((limiter, index) => limiter.reward(names[index] ?? '')))
    },
  }
}

function namesOf(clientId: string, address: string): readonly [string, string, string] {
  const place = neighbourhood(address)
  return [place, `${place} ${clientId}`, clientId]
}

/** An IPv4 address as it is; of an IPv6 address its first four groups. */
export function neighbourhood(address: string): string {
  if (!isIPv6(address)) return address
  const [front = '', back] = address.split('::', 2)
  const groups = front === '' ? [] : front.split(':')
  if (back !== undefined) {
    const after = back === '' ? [] : back.split(':')
    while (groups.length + after.length < 8) groups.push('0')
    groups.push(...after)
  }
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
