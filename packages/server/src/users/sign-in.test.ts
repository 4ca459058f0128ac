import { randomBytes } from 'node:crypto'
import type { EpochSeconds } from '@countersign/jwt'
import { expect, test } from 'vitest'
import type { PasswordHasher } from '../hashing/password-hasher.ts'
import { createSignInCounters } from '../limits/sign-in-limits.ts'
import type { Counted } from '../store/port/counter-verbs.ts'
import type { NameKey, UserId, UserRecord } from '../store/port/user-records.ts'
import type { SignInFacts } from '../store/port/user-verbs.ts'
import type { Password } from './read-password.ts'
import { createSignIn, type SignInLockOut } from './sign-in.ts'

const audit = { requestId: 'r', address: '192.0.2.1', actor: null }
const kept = { hash: 'hash of right', pepperId: 'p1', setAt: 0 as EpochSeconds, mustChange: false }
const ann: UserRecord = {
  id: 'ann' as UserId,
  status: 'active',
  version: 1,
  profile: {},
  profileAt: 0 as EpochSeconds,
  createdAt: 0 as EpochSeconds,
  names: [],
}
const people: Readonly<Record<string, SignInFacts>> = {
  ann: { user: ann, password: kept },
  'ann@example.org': { user: ann, password: kept },
  bob: { user: { ...ann, id: 'bob' as UserId, status: 'disabled' }, password: kept },
  cy: { user: { ...ann, id: 'cy' as UserId }, password: null },
  dee: { user: { ...ann, id: 'dee' as UserId }, password: { ...kept, mustChange: true } },
  fay: { user: { ...ann, id: 'fay' as UserId }, password: { ...kept, hash: 'hash of old' } },
  eve: { user: { ...ann, id: 'eve' as UserId }, password: { ...kept, pepperId: 'former' } },
}

interface Options {
  readonly isBusy?: boolean
  readonly perNameAndNetwork?: number
  readonly perUser?: number
}

/** A check of sign-ins over records in memory. It notes each step that a database or a processor takes. */
function startSignIn({ isBusy = false, perNameAndNetwork = 10, perUser = 100 }: Options = {}) {
  const steps: string[] = []
  const counts = new Map<string, number>()
  const passwords: PasswordHasher = {
    hash: async (password) => ({ hash: `hash of ${password}`, pepperId: 'p1' }),
    verify: async (password, stored) => {
      steps.push('hash')
      if (isBusy) return undefined
      const isRight = stored?.hash === `hash of ${password}`
      return { isRight, isStale: stored !== undefined && stored.pepperId !== 'p1' }
    },
  }
  const take = (counters: readonly Counted[]) => {
    steps.push(`count ${counters.length}`)
    const isOver = ({ key, max }: Counted) => (counts.get(key) ?? 0) >= max
    if (counters.some((one) => one.isSoft !== true && isOver(one)))
      return { outcome: 'exceeded', key: counters.find(isOver)?.key ?? '', waitSeconds: 7 } as const
    const full = counters.filter(isOver).map(({ key }) => ({ key, waitSeconds: 9 }))
    for (const { key } of counters) counts.set(key, (counts.get(key) ?? 0) + 1)
    return { outcome: 'counted', full } as const
  }
  const counters = createSignInCounters(
    {
      take: async (asked) => take(asked),
      forgive: async (keys) => {
        steps.push('forgive')
        for (const key of keys) counts.set(key, (counts.get(key) ?? 0) - 1)
      },
    },
    { perNetwork: 1_000, perNameAndNetwork, perUser, perDevice: 3, inAll: 1_000 },
  )
  const lockOuts: SignInLockOut[] = []
  const signIn = createSignIn({
    passwords,
    counters,
    passwordLengthMin: 'right'.length,
    onLockOut: (lockOut) => void lockOuts.push(lockOut),
    users: {
      findByName: async (key) => {
        steps.push('read')
        return people[key]
      },
      rehashPassword: async (_, __, to) => {
        steps.push(`rehash ${to.pepperId}`)
        return 'replaced'
      },
    },
  })
  async function attempt(name: string, password: string, address = '192.0.2.1') {
    const form = { name: name as NameKey, password: password as Password, address }
    const outcome = await signIn(form, audit)
    return outcome.ok ? outcome.value.id : outcome.refusal.refusal.reason
  }
  return { attempt, steps, counts, lockOuts }
}

test.each([
  ['ann', 'right', 'ann', ['read', 'count 4', 'hash', 'forgive']],
  ['ann@example.org', 'right', 'ann', ['read', 'count 4', 'hash', 'forgive']],
  ['eve', 'right', 'eve', ['read', 'count 4', 'hash', 'forgive', 'rehash p1']],
  ['ann', 'wrong', 'password_wrong', ['read', 'count 4', 'hash']],
  ['nobody', 'right', 'user_unknown', ['read', 'count 4', 'hash']],
  ['bob', 'right', 'user_disabled', ['read', 'count 4', 'hash']],
  ['bob', 'wrong', 'password_wrong', ['read', 'count 4', 'hash']],
  ['cy', 'right', 'password_absent', ['read', 'count 4', 'hash']],
  ['dee', 'right', 'password_must_change', ['read', 'count 4', 'hash']],
  ['dee', 'wrong', 'password_wrong', ['read', 'count 4', 'hash']],
  ['fay', 'old', 'password_must_change', ['read', 'count 4', 'hash']],
])('%s with the password %s is %s, in the same steps', async (name, password, outcome, taken) => {
  const { attempt, steps } = startSignIn()
  expect(await attempt(name, password)).toBe(outcome)
  expect(steps).toEqual(taken)
})

test.each(['ann', 'nobody'])(
  'the eleventh guess for %s from one network is refused before it is hashed',
  async (name) => {
    const { attempt, steps, lockOuts } = startSignIn()
    for (let guess = 0; guess < 10; guess += 1) await attempt(name, 'wrong')
    steps.length = 0
    expect(lockOuts).toEqual([])
    expect(await attempt(name, name === 'ann' ? 'right' : 'wrong')).toBe('too_many_attempts')
    expect(steps).toEqual(['read', 'count 4'])
    const userId = name === 'ann' ? 'ann' : undefined
    const address = '192.0.2.1'
    expect(lockOuts).toEqual([{ by: 'name_and_network', userId, address, seconds: 7 }])
    expect(await attempt('ann', 'right', '198.51.100.7')).toBe('ann')
  },
)

test('a user who was guessed at from many networks is locked, and that looks like a wrong password', async () => {
  const { attempt, steps, lockOuts } = startSignIn({ perUser: 5 })
  for (let guess = 0; guess < 5; guess += 1) await attempt('ann', 'wrong', `192.0.2.${guess}`)
  steps.length = 0
  expect(await attempt('ann@example.org', 'right', '192.0.2.9')).toBe('user_locked')
  expect(steps).toEqual(['read', 'count 4', 'hash'])
  expect(lockOuts).toEqual([{ by: 'user', userId: 'ann', address: '192.0.2.9', seconds: 9 }])
})

test('guesses for one name of a user do not show in the answer for another name', async () => {
  const { attempt } = startSignIn()
  for (let guess = 0; guess < 11; guess += 1) await attempt('ann', 'wrong')
  expect(await attempt('ann', 'wrong')).toBe('too_many_attempts')
  expect(await attempt('ann@example.org', 'wrong')).toBe('password_wrong')
})

test('right sign-ins use up no attempts, and a full queue neither', async () => {
  const { attempt, counts } = startSignIn()
  for (let again = 0; again < 50; again += 1) expect(await attempt('ann', 'right')).toBe('ann')
  expect([...counts.values()]).toEqual([0, 0, 0, 0])
  const busy = startSignIn({ isBusy: true })
  for (let again = 0; again < 50; again += 1)
    expect(await busy.attempt('ann', 'right')).toBe('hashing_busy')
  expect([...busy.counts.values()]).toEqual([0, 0, 0, 0])
})

test('counters hold no typed name, and one IPv6 network is one', async () => {
  const { attempt, counts } = startSignIn()
  const typed = randomBytes(8).toString('hex')
  await attempt(typed, 'wrong', '2001:db8:0:7::1')
  await attempt(typed, 'wrong', '2001:db8:0:7:a:b:c:d')
  expect([...counts.values()]).toEqual([2, 2, 2, 2])
  expect([...counts.keys()].join(' ')).not.toContain(typed)
})

test('a fault of the store while counting is thrown, and nothing is hashed', async () => {
  const steps: string[] = []
  const signIn = createSignIn({
    users: { findByName: async () => people['ann'], rehashPassword: async () => 'lost' },
    passwords: {
      hash: async () => undefined,
      verify: async () => {
        steps.push('hash')
        return undefined
      },
    },
    counters: {
      count: () => Promise.reject(new Error('the database is away')),
      forgive: async () => {},
    },
    passwordLengthMin: 5,
    onLockOut: () => {},
  })
  const form = { name: 'ann' as NameKey, password: 'right' as Password, address: '192.0.2.1' }
  await expect(signIn(form, audit)).rejects.toThrow('the database is away')
  expect(steps).toEqual([])
})
