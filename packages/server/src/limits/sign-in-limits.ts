import { createHash } from 'node:crypto'
import { networkOf } from '../http/network.ts'
import type { Counted, CounterVerbs } from '../store/port/counter-verbs.ts'

/** Units: attempts that may fail in one window. */
const signInLimits = {
  perNetwork: 60,
  perNameAndNetwork: 10,
  perUser: 100,
  perDevice: 20,
  inAll: 6_000,
} as const

/** Units: seconds. */
const windowSeconds = 60
/** Units: seconds. Strangers at many addresses get `perUser` guesses in an hour. */
const userWindowSeconds = 3_600

/** The attempt to sign in, as it is counted. */
export interface SignInAttempt {
  /** The folded name that was typed. */
  readonly name: string
  /** The user with that name; absent where nobody has it. */
  readonly userId?: string | undefined
  readonly address: string
  /** The id of a browser in which this user signed in before. */
  readonly device?: string | undefined
}

/**
 * The outcome of counting. `limited` is shown, because it depends on the typed name and the address alone. `locked`
 * depends on the user, so it may not be shown: it would connect two names of one user.
 */
export type SignInCount =
  | { readonly outcome: 'counted' | 'locked' }
  | { readonly outcome: 'limited'; readonly waitSeconds: number }

export interface SignInCounters {
  /** Counts one attempt before its password is verified. Throws: a fault of the store; nothing is counted then. */
  readonly count: (attempt: SignInAttempt) => Promise<SignInCount>
  /** Takes the attempt off again, because it was right or was never verified. */
  readonly forgive: (attempt: SignInAttempt) => Promise<void>
}

/**
 * Makes the counters of failed sign-ins by password, which all nodes share.
 * Why a name that nobody has is counted too: both kinds of names take the same statements.
 */
export function createSignInCounters(
  store: CounterVerbs,
  limits: Record<keyof typeof signInLimits, number> = signInLimits,
): SignInCounters {
  return {
    async count(attempt) {
      const counters = countersOf(attempt, limits)
      const taken = await store.take(counters)
      if (taken.outcome === 'exceeded')
        return { outcome: 'limited', waitSeconds: taken.waitSeconds }
      return { outcome: taken.full.length === 0 ? 'counted' : 'locked' }
    },
    forgive: (attempt) => store.forgive(countersOf(attempt, limits).map(({ key }) => key)),
  }
}

function countersOf(
  attempt: SignInAttempt,
  limits: Record<keyof typeof signInLimits, number>,
): readonly Counted[] {
  const { address, name, device } = attempt
  const network = networkOf(address)
  const counter = (key: string, max: number, seconds: number): Counted => ({
    key,
    max,
    windowSeconds: seconds,
  })
  // A counter of its own, so that strangers never lock out a browser in which the user signed in before.
  if (device !== undefined)
    return [counter(`password device ${hashOf(device)}`, limits.perDevice, userWindowSeconds)]
  return [
    counter(`password network ${network}`, limits.perNetwork, windowSeconds),
    counter(`password name ${hashOf(name)} ${network}`, limits.perNameAndNetwork, windowSeconds),
    { ...counter(userKey(attempt), limits.perUser, userWindowSeconds), isSoft: true },
    counter('password all', limits.inAll, windowSeconds),
  ]
}

function userKey({ userId, name }: SignInAttempt): string {
  return userId === undefined ? `password nobody ${hashOf(name)}` : `password user ${userId}`
}

/** A name in the table of counters says nothing to its reader, and has one length. */
function hashOf(name: string): string {
  return createHash('sha256').update(name).digest('base64url')
}
