import { networkOf } from '../http/network.ts'
import type { CounterVerbs } from '../store/port/counter-verbs.ts'

/** Units: forms in one hour. */
const signUpLimits = { perNetwork: 60, inAll: 10_000 } as const

const windowSeconds = 3_600

/** Counts one form of a new account before its password is hashed. Units: gives the seconds to wait, 0 for none. */
export type CountSignUp = (address: string) => Promise<number>

/** Makes the counter of new accounts, which all nodes share. */
export function createSignUpLimits(
  store: Pick<CounterVerbs, 'take'>,
  limits: Record<keyof typeof signUpLimits, number> = signUpLimits,
): CountSignUp {
  return async (address) => {
    const key = `sign-up network ${networkOf(address)}`
    const taken = await store.take([
      { key, max: limits.perNetwork, windowSeconds },
      { key: 'sign-up all', max: limits.inAll, windowSeconds },
    ])
    return taken.outcome === 'exceeded' ? taken.waitSeconds : 0
  }
}
