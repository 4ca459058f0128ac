import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMailLimits } from '../../packages/server/src/limits/mail-limits.ts'
import { databases, startOfTime, type TestDatabase } from '../store/databases.ts'

const callers = Array.from({ length: 50 }, (_, index) => index)

describe.each(databases)('the limits of mail on $name', ({ start }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await start()
  })
  afterAll(() => database.close())

  it('let three of 50 mails to one address leave, asked for on two nodes from 50 networks', async () => {
    const second = await database.open()
    const outcomes = await Promise.all(
      callers.map((index) => {
        const { takeMail } = createMailLimits((index % 2 === 0 ? database.store : second).counters)
        return takeMail({ recipientKey: 'wren@example.org', address: `192.0.2.${index}` })
      }),
    )
    expect(outcomes.filter(({ outcome }) => outcome === 'counted')).toHaveLength(3)
    expect(outcomes.filter(({ outcome }) => outcome === 'limited')).toHaveLength(47)
  })

  it('let the next three leave after an hour, and ten in a day', async () => {
    const { takeMail } = createMailLimits(database.store.counters)
    const wanted = { recipientKey: 'heron@example.org', address: '198.51.100.1' }
    const counted: string[] = []
    for (const hour of [0, 1, 2, 3]) {
      await database.setNow(startOfTime + hour * 3_600)
      for (const _ of [1, 2, 3, 4]) counted.push((await takeMail(wanted)).outcome)
    }
    await database.setNow(startOfTime)
    expect(counted.filter((outcome) => outcome === 'counted')).toHaveLength(10)
    expect(counted.slice(0, 4)).toEqual(['counted', 'counted', 'counted', 'limited'])
  })

  it('count nothing where the database fails', async () => {
    const failing = { take: () => Promise.reject(new Error('the database is away')) }
    const wanted = { recipientKey: 'crane@example.org', address: '203.0.113.1' }
    await expect(createMailLimits(failing).takeMail(wanted)).rejects.toThrow('away')
    const { takeMail } = createMailLimits(database.store.counters)
    const outcomes = [await takeMail(wanted), await takeMail(wanted), await takeMail(wanted)]
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['counted', 'counted', 'counted'])
  })
})
