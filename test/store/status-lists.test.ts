import type { EpochSeconds } from '@countersign/jwt'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { databases, type TestDatabase } from './databases.ts'
import { randomId, startOfTime } from './ids.ts'

const owner = { audience: 'api', sid: null, cid: 'c1', cv: 1, issuedAfter: -1 }
const after = (seconds: number) => (startOfTime + seconds) as EpochSeconds

describe.each(databases)('places in status lists on $name', ({ start }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await start()
  })
  afterAll(() => database.close())
  beforeEach(() => database.setNow(startOfTime))

  async function pruneAll(): Promise<void> {
    while (!(await database.store.prune()).done);
  }
  const place = (who: typeof owner, until: number, positions: readonly number[]) =>
    database.store.statusLists.place(who, after(until), { listId: randomId(), positions })

  test('an owner keeps its place, another owner never gets it while a token lives', async () => {
    const first = await place(owner, 600, [7])
    expect(first.position).toBe(7)
    expect(await place(owner, 700, [9])).toEqual(first)
    const second = await place({ ...owner, cv: 2 }, 600, [7, 8])
    expect(second).toEqual({ list: first.list, position: 8 })
    await database.setNow(after(650 + 3_600))
    expect(await place(owner, 600, [9])).toEqual(first)
    expect(await database.store.statusLists.entries(first.list)).toEqual({
      audience: 'api',
      entries: [{ position: 7, sid: null, cid: 'c1', cv: 1, issuedAfter: -1 }],
    })
  })

  test('an owner with a user has a place of its own, which names the user', async () => {
    const audience = 'with users'
    const users = [
      { subject: `https://idp.example|${'s'.repeat(1_000)}` },
      { subject: 'alice', uv: 1 },
      { subject: 'alice', uv: 2 },
      {},
    ]
    const places = []
    for (const [position, user] of users.entries())
      places.push(await place({ ...owner, audience, ...user }, 600, [position]))
    expect(await place({ ...owner, audience, ...users[1] }, 600, [9])).toEqual(places[1])
    const [{ list } = { list: '' }] = places
    const found = await database.store.statusLists.entries(list)
    const named = found?.entries.map(({ subject, uv }) => ({ subject, uv }))
    const wanted = users.map(({ subject, uv }) => ({ subject, uv }))
    expect(named).toEqual(expect.arrayContaining(wanted))
    expect(named).toHaveLength(4)
  })

  test('a place is free again after its last token, and housekeeping has been', async () => {
    const who = { ...owner, audience: 'free' }
    const first = await place(who, 600, [1])
    await database.setNow(after(600 + 3_600))
    await pruneAll()
    expect(await place({ ...who, cid: 'c2' }, 5_000, [1])).toEqual(first)
  })

  test('a place names its owner still when the clock was set an hour ahead and back', async () => {
    const who = { ...owner, audience: 'ahead' }
    const first = await place(who, 600, [1])
    await database.setNow(after(3_700))
    await pruneAll()
    expect(await place(who, 4_000, [2])).toEqual(first)
    await database.setNow(startOfTime)
    expect((await database.store.statusLists.entries(first.list))?.entries).toHaveLength(1)
  })

  test('a list that another has followed goes an hour after its last token', async () => {
    const who = { ...owner, audience: 'gone' }
    const first = await place(who, 600, [1])
    await database.setNow(after(1))
    const second = await place({ ...who, cid: 'c2' }, 600, [1])
    await database.setNow(after(600 + 3_599))
    await pruneAll()
    expect(await database.store.statusLists.entries(first.list)).toBeDefined()
    await database.setNow(after(600 + 3_600))
    await pruneAll()
    expect(await database.store.statusLists.entries(first.list)).toBeUndefined()
    expect(await database.store.statusLists.entries(second.list)).toBeDefined()
  })

  test('a list that is well filled is followed by another', async () => {
    const who = { ...owner, audience: 'full' }
    const first = await place(who, 600, [1])
    const second = await place({ ...who, cid: 'c2' }, 600, [1])
    expect(second.list).not.toBe(first.list)
  })

  test('each resource has lists of its own', async () => {
    const [one, two] = await Promise.all(
      ['a', 'b'].map((audience) => place({ ...owner, audience }, 600, [1, 2])),
    )
    expect(one?.list).not.toBe(two?.list)
  })

  test('two nodes that place one owner at once agree', async () => {
    const other = await database.open()
    const who = { ...owner, audience: 'race' }
    await place({ ...who, cid: 'first' }, 600, [0])
    for (let round = 1; round <= 20; round += 1) {
      const owned = { ...who, cid: `c${round}` }
      const [mine, theirs] = await Promise.all([
        place(owned, 600, [2 * round]),
        other.statusLists.place(owned, after(600), {
          listId: randomId(),
          positions: [2 * round + 1],
        }),
      ])
      expect(mine).toEqual(theirs)
    }
  })

  test('a list that never was has no entries', async () => {
    expect(await database.store.statusLists.entries('nowhere')).toBeUndefined()
  })
})
