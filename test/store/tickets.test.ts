import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NewTicket } from '../../packages/server/src/store/port/ticket-verbs.ts'
import { databases, startOfTime, type TestDatabase } from './databases.ts'
import { addPerson, sha } from './people.ts'

const callers = Array.from({ length: 50 }, (_, index) => index)

describe.each(databases)('tickets on $name', ({ start }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await start()
  })
  afterAll(() => database.close())

  async function createOne(name: string, over: Partial<NewTicket> = {}) {
    const ticket = aTicket(name, over)
    await database.store.tickets.create(ticket)
    const { purpose, hash, browserHash } = ticket
    return { purpose, hash, browserHash }
  }

  test('a ticket gives its contents once', async () => {
    const { tickets } = database.store
    const key = await createOne('once', { nameKey: 'ann@example.org', payload: '{"a":1}' })
    const contents = { userId: null, nameKey: 'ann@example.org', payload: '{"a":1}' }
    expect(await tickets.redeem(key)).toEqual(contents)
    expect(await tickets.redeem(key)).toBeUndefined()
  })

  test.each([
    ['of another purpose', { purpose: 'invite' }],
    ['in another browser', { browserHash: sha('other browser') }],
    ['by another secret', { hash: sha('other secret') }],
  ] as const)('a ticket %s is nothing, and stays', async (how, over) => {
    const { tickets } = database.store
    const key = await createOne(`bound ${how}`, { codeHash: sha('code') })
    expect(await tickets.redeem({ ...key, ...over })).toBeUndefined()
    expect(await tickets.guess({ ...key, ...over }, sha('code'))).toEqual({ outcome: 'unknown' })
    expect(await tickets.redeem(key)).toBeDefined()
  })

  test('a ticket is spent until its last second, and never from then on', async () => {
    const { tickets } = database.store
    const [early, late] = [await createOne('early'), await createOne('late')]
    await database.setNow(startOfTime + 599)
    expect(await tickets.redeem(early)).toBeDefined()
    await database.setNow(startOfTime + 600)
    expect(await tickets.redeem(late)).toBeUndefined()
    await database.setNow(startOfTime)
  })

  test('a new ticket of a user takes the place of the one before, in that browser only', async () => {
    const { tickets } = database.store
    const userId = await addPerson(database.store, 'twice')
    const elsewhere = await createOne('elsewhere', { userId, browserHash: sha('other') })
    const other = await createOne('other purpose', { userId, purpose: 'webauthn' })
    const first = await createOne('first', { userId })
    const second = await createOne('second', { userId })
    expect(await tickets.redeem(first)).toBeUndefined()
    for (const key of [second, other, elsewhere])
      expect(await tickets.redeem(key)).toMatchObject({ userId })
  })

  test('of 50 callers exactly one spends a ticket', async () => {
    const key = await createOne('race')
    const spent = await Promise.all(callers.map(() => database.store.tickets.redeem(key)))
    expect(spent.filter((ticket) => ticket !== undefined)).toHaveLength(1)
  })

  test('a wrong code is counted before it is compared, and the last one locks', async () => {
    const { tickets } = database.store
    const key = await createOne('code', { codeHash: sha('right'), attemptsMax: 3 })
    const wrong = () => tickets.guess(key, sha('wrong'))
    expect(await wrong()).toEqual({ outcome: 'wrong', attemptsLeft: 2 })
    expect(await wrong()).toEqual({ outcome: 'wrong', attemptsLeft: 1 })
    expect(await wrong()).toEqual({ outcome: 'locked' })
    expect(await tickets.guess(key, sha('right'))).toEqual({ outcome: 'locked' })
    expect(await tickets.redeem(key)).toBeUndefined()
  })

  test('the right code at the last try spends the ticket', async () => {
    const { tickets } = database.store
    const key = await createOne('last try', { codeHash: sha('right'), attemptsMax: 2 })
    await tickets.guess(key, sha('wrong'))
    expect(await tickets.guess(key, sha('right'))).toMatchObject({ outcome: 'right' })
    expect(await tickets.guess(key, sha('right'))).toEqual({ outcome: 'unknown' })
  })

  test('of 50 wrong codes at once exactly so many are compared as may be', async () => {
    const key = await createOne('race codes', { codeHash: sha('right'), attemptsMax: 5 })
    const outcomes = await Promise.all(
      callers.map((index) => database.store.tickets.guess(key, sha(`wrong ${index}`))),
    )
    expect(outcomes.filter(({ outcome }) => outcome === 'wrong')).toHaveLength(4)
    expect(outcomes.filter(({ outcome }) => outcome === 'locked')).toHaveLength(46)
  })

  test('of 50 right codes at once exactly one spends the ticket', async () => {
    const key = await createOne('race right', { codeHash: sha('right'), attemptsMax: 60 })
    const outcomes = await Promise.all(
      callers.map(() => database.store.tickets.guess(key, sha('right'))),
    )
    expect(outcomes.filter(({ outcome }) => outcome === 'right')).toHaveLength(1)
  })
})

function aTicket(name: string, over: Partial<NewTicket>): NewTicket {
  return {
    purpose: 'second_factor',
    hash: sha(name),
    browserHash: sha('browser'),
    userId: null,
    nameKey: null,
    payload: '{}',
    attemptsMax: 5,
    ttlSeconds: 600,
    ...over,
  }
}
