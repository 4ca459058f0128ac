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

/** The most attempts of which a process remembers that they are to be taken off. */
const owedMax = 1_000

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

/** The counters of one attempt. */
export type SignInCounter = 'device' | 'network' | 'name_and_network' | 'user' | 'all'

/** A counter that is full, and the seconds until its window ends. */
interface FullSignInCounter {
  readonly by: SignInCounter
  readonly waitSeconds: number
}

/**
 * The outcome of counting. `limited` is shown, because it depends on the typed name and the address alone. `locked`
 * depends on the user, so it may not be shown: it would connect two names of one user.
 */
export type SignInCount =
  | { readonly outcome: 'counted' }
  | ({ readonly outcome: 'limited' | 'locked' } & FullSignInCounter)

export interface SignInCounters {
  /** Counts one attempt before its password is verified. Throws: a fault of the store; nothing is counted then. */
  readonly count: (attempt: SignInAttempt) => Promise<SignInCount>
  /**
   * Takes the attempt off again, because it was right or was never verified. Throws: a fault of the store; the attempt is
   * taken off before the next one is counted.
   */
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
  /** The keys of each attempt that a fault kept from being taken off. */
  const owed: (readonly string[])[] = []
  /** Takes off what is owed, so that trouble of the database counts nothing. */
  async function payOwed(): Promise<void> {
    for (let keys = owed.shift(); keys !== undefined; keys = owed.shift()) await forgive(keys)
  }
  async function forgive(keys: readonly string[]): Promise<void> {
    try {
      await store.forgive(keys)
    } catch (fault) {
      if (owed.length < owedMax) owed.push(keys)
      throw fault
    }
  }
  return {
    async count(attempt) {
      await payOwed()
      const counters = countersOf(attempt, limits)
      const taken = await store.take(counters)
      const [full] = taken.outcome === 'exceeded' ? [taken] : taken.full
      if (full === undefined) return { outcome: 'counted' }
      const by = counters.find(({ key }) => key === full.key)?.by ?? 'all'
      const outcome = taken.outcome === 'exceeded' ? 'limited' : 'locked'
      return { outcome, by, waitSeconds: full.waitSeconds }
    },
    forgive: (attempt) => forgive(countersOf(attempt, limits).map(({ key }) => key)),
  }
}

interface SignInCounted extends Counted {
  readonly by: SignInCounter
}

function countersOf(
  attempt: SignInAttempt,
  limits: Record<keyof typeof signInLimits, number>,
): readonly SignInCounted[] {
  const { address, name, device } = attempt
  const network = networkOf(address)
  // A counter of its own, so that strangers never lock out a browser in which the user signed in before.
  if (device !== undefined)
    return [
      {
        by: 'device',
        key: `password device ${hashOf(device)}`,
        max: limits.perDevice,
        windowSeconds: userWindowSeconds,
      },
    ]
  const nameKey = `password name ${hashOf(name)} ${network}`
  return [
    { by: 'network', key: `password network ${network}`, max: limits.perNetwork, windowSeconds },
    { by: 'name_and_network', key: nameKey, max: limits.perNameAndNetwork, windowSeconds },
    {
      by: 'user',
      key: userKey(attempt),
      max: limits.perUser,
      windowSeconds: userWindowSeconds,
      isSoft: true,
    },
    { by: 'all', key: 'password all', max: limits.inAll, windowSeconds },
  ]
}

function userKey({ userId, name }: SignInAttempt): string {
  return userId === undefined ? `password nobody ${hashOf(name)}` : `password user ${userId}`
}

/** A name in the table of counters says nothing to its reader, and has one length. */
function hashOf(name: string): string {
  return createHash('sha256').update(name).digest('base64url')
}
