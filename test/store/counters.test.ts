import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases, startOfTime, type TestDatabase } from './databases.ts'

const callers = Array.from({ length: 50 }, (_, index) => index)

describe.each(databases)('counters on $name', ({ start }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await start()
  })
  afterAll(() => database.close())

  const counted = { outcome: 'counted', full: [] }

  test('so many attempts are counted in a window, and the next window begins at zero', async () => {
    const { counters } = database.store
    const one = [{ key: 'plain', max: 2, windowSeconds: 60 }]
    expect(await counters.take(one)).toEqual(counted)
    await database.setNow(startOfTime + 10)
    expect(await counters.take(one)).toEqual(counted)
    expect(await counters.take(one)).toEqual({ outcome: 'exceeded', key: 'plain', waitSeconds: 50 })
    await database.setNow(startOfTime + 60)
    expect(await counters.take(one)).toEqual(counted)
    await database.setNow(startOfTime)
  })

  test('an attempt on a full counter is counted nowhere', async () => {
    const { counters } = database.store
    const both = [
      { key: 'a other', max: 9, windowSeconds: 60 },
      { key: 'b full', max: 1, windowSeconds: 60 },
    ]
    expect(await counters.take(both)).toEqual(counted)
    for (let again = 0; again < 20; again += 1)
      expect(await counters.take(both)).toMatchObject({ outcome: 'exceeded' })
    const [row] = await database.sql(`select count from counters where key = 'a other'`)
    expect(Number(row?.['count'])).toBe(1)
  })

  test('a soft counter that is full is reported, and the others count on', async () => {
    const { counters } = database.store
    const both = [
      { key: 'c soft', max: 1, windowSeconds: 60, isSoft: true },
      { key: 'd hard', max: 2, windowSeconds: 60 },
    ]
    expect(await counters.take(both)).toEqual(counted)
    expect(await counters.take(both)).toEqual({
      outcome: 'counted',
      full: [{ key: 'c soft', waitSeconds: 60 }],
    })
    expect(await counters.take(both)).toMatchObject({ outcome: 'exceeded' })
  })

  test('a forgiven attempt is free again, and no counter falls below zero', async () => {
    const { counters } = database.store
    const one = [{ key: 'forgiven', max: 1, windowSeconds: 60 }]
    await counters.take(one)
    for (let again = 0; again < 3; again += 1) await counters.forgive(['forgiven', 'unknown'])
    expect(await counters.take(one)).toEqual(counted)
    expect(await counters.take(one)).toMatchObject({ outcome: 'exceeded' })
  })

  test('attempts on a full soft counter that are forgiven do not make it less full', async () => {
    const { counters } = database.store
    const soft = [{ key: 'soft and forgiven', max: 2, windowSeconds: 60, isSoft: true }]
    const full = { outcome: 'counted', full: [{ key: 'soft and forgiven', waitSeconds: 60 }] }
    for (let again = 0; again < 2; again += 1) await counters.take(soft)
    for (let again = 0; again < 5; again += 1) expect(await counters.take(soft)).toEqual(full)
    for (let again = 0; again < 5; again += 1) await counters.forgive(['soft and forgiven'])
    expect(await counters.take(soft)).toEqual(full)
  })

  test('a window that a clock ahead began does not last until then', async () => {
    const { counters } = database.store
    const one = [{ key: 'early', max: 1, windowSeconds: 60 }]
    await database.setNow(startOfTime + 86_400)
    await counters.take(one)
    await database.setNow(startOfTime)
    expect(await counters.take(one)).toEqual(counted)
  })

  test('fifty attempts at once on two nodes: as many are counted as allowed', async () => {
    const second = await database.open()
    const several = [
      { key: 'race all', max: 30, windowSeconds: 60 },
      { key: 'race one', max: 10, windowSeconds: 60 },
    ]
    const outcomes = await Promise.all(
      callers.map((index) => {
        const { counters } = index % 2 === 0 ? database.store : second
        return counters.take(index % 3 === 0 ? several : several.toReversed())
      }),
    )
    expect(outcomes.filter(({ outcome }) => outcome === 'counted')).toHaveLength(10)
  })

  test('old counters are deleted', async () => {
    await database.store.counters.take([{ key: 'old', max: 1, windowSeconds: 60 }])
    await database.setNow(startOfTime + 60 + 3_600)
    while (!(await database.store.prune()).done);
    await database.setNow(startOfTime)
    expect(await database.sql(`select key from counters where key = 'old'`)).toEqual([])
  })
})
