import type { RateLimiterMemory } from 'rate-limiter-flexible'
import { networkOf } from '../http/network.ts'
import { consume, windowSeconds } from './limiter.ts'
import type { MaybePromise } from '../maybe-promise.ts'

/** Units: failed attempts per minute. */
export const guessLimits = { perAddress: 60, perClientAndAddress: 10, perClient: 200 } as const

/** The first attempt that is refused because there were too many. */
export interface LockOut {
  /** An address, a client from an address, or a client from everywhere. */
  readonly by: 'address' | 'client_and_address' | 'client'
  readonly address: string
  /** Absent where there is no such client, because people paste secrets into the wrong field. */
  readonly clientId: string | undefined
  readonly seconds: number
}

/** Counts failed attempts, by client and by address. */
export interface Guesses {
  /** Counts one attempt; gives the seconds to wait when there were too many. `isKnown`: whether there is such a client. */
  readonly count: (
    clientId: string,
    address: string,
    isKnown: boolean,
  ) => Promise<number | undefined>
  /** Counts a signature that proved invalid, for the address alone. */
  readonly countProof: (address: string) => Promise<void>
  /** The seconds for which an address has to wait before another signature is verified for it. */
  readonly waitOfProofs: (address: string) => MaybePromise<number | undefined>
  /** Takes one attempt back, because it was right. */
  readonly forgive: (clientId: string, address: string) => Promise<void>
}

/**
 * Makes the counters; the library is loaded at the first attempt that needs it.
 * Why: an attempt is counted before its hash is worked out, so a flood costs nothing; an IPv6 network (/64) is
 * one address, because one person has all of it.
 */
export function createGuesses(
  limits: Record<keyof typeof guessLimits, number> = guessLimits,
  onLockOut: (lockOut: LockOut) => void = () => {},
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
    async count(clientId, address, isKnown) {
      made ??= load()
      const names = namesOf(clientId, address)
      // One after another: whoever is turned away already costs nobody else a try, and no memory for the names made up.
      for (const [index, limiter] of (await made).entries()) {
        const by = scopes[index] ?? 'client'
        const wait = await consume(limiter, names[index] ?? '', (seconds) =>
          onLockOut({ by, address, clientId: isKnown ? clientId : undefined, seconds }),
        )
        if (wait > 0) return wait
      }
      return undefined
    },
    async countProof(address) {
      made ??= load()
      const [perAddress] = await made
      const name = networkOf(address)
      await consume(perAddress, name)
      // From this count on `waitOfProofs` makes the address wait.
      const counted = await perAddress.get(name)
      if (counted?.consumedPoints !== limits.perAddress) return
      const seconds = Math.max(1, Math.ceil(counted.msBeforeNext / 1000))
      onLockOut({ by: 'address', address, clientId: undefined, seconds })
    },
    waitOfProofs(address) {
      // Nothing was counted yet.
      if (made === undefined) return undefined
      return made.then(async ([perAddress]) => {
        const counted = await perAddress.get(networkOf(address))
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

/** The scopes of the three counters, in their order. */
const scopes = ['address', 'client_and_address', 'client'] as const

function namesOf(clientId: string, address: string): readonly [string, string, string] {
  const place = networkOf(address)
  return [place, `${place} ${clientId}`, clientId]
}
