import { networkOf } from '../http/network.ts'
import type { Counted, CounterVerbs } from '../store/port/counter-verbs.ts'

/** Units: attempts that may fail in one window. */
const factorLimits = { perUser: 20, perDevice: 20, perNetwork: 60 } as const

/** Units: seconds. */
const userWindowSeconds = 3_600
const networkWindowSeconds = 60

/** The attempt to prove a second factor, as it is counted. */
export interface FactorAttempt {
  /** The factor. Each has counters of its own. */
  readonly kind: string
  readonly userId: string
  readonly address: string
  /** The id of a browser in which this user signed in before. */
  readonly device?: string | undefined
}

export type FactorCount =
  | { readonly outcome: 'counted' }
  | { readonly outcome: 'limited'; readonly waitSeconds: number }

export interface FactorCounters {
  /** Counts one attempt before its code is checked. Throws: a fault of the store; nothing is counted then. */
  readonly count: (attempt: FactorAttempt) => Promise<FactorCount>
  /** Takes the attempt off again, because it was right. */
  readonly forgive: (attempt: FactorAttempt) => Promise<void>
}

/**
 * Makes the counters of failed second factors, which all nodes share.
 * Why next to the tries of a ticket: the password gives any number of tickets to a person who knows it.
 */
export function createFactorCounters(
  store: CounterVerbs,
  limits: Record<keyof typeof factorLimits, number> = factorLimits,
): FactorCounters {
  return {
    async count(attempt) {
      const taken = await store.take(countersOf(attempt, limits))
      return taken.outcome === 'counted'
        ? { outcome: 'counted' }
        : { outcome: 'limited', waitSeconds: taken.waitSeconds }
    },
    forgive: (attempt) => store.forgive(countersOf(attempt, limits).map(({ key }) => key)),
  }
}

function countersOf(
  { kind, userId, address, device }: FactorAttempt,
  limits: Record<keyof typeof factorLimits, number>,
): readonly Counted[] {
  // A counter of its own, so that a stranger with the password locks out no browser in which the user signed in before.
  const own =
    device === undefined
      ? { key: `${kind} user ${userId}`, max: limits.perUser }
      : { key: `${kind} device ${userId} ${device}`, max: limits.perDevice }
  return [
    { ...own, windowSeconds: userWindowSeconds },
    {
      key: `${kind} network ${networkOf(address)}`,
      max: limits.perNetwork,
      windowSeconds: networkWindowSeconds,
    },
  ]
}
