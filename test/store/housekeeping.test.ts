import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases, type TestDatabase } from './databases.ts'
import { aClient, aFamily, after, context, hashOf, planOf } from './records.ts'

describe.each(databases)('housekeeping on $name', ({ start }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await start()
    await database.store.clients.add(aClient, context)
  })
  afterAll(() => database.close())

  async function pruneAll() {
    let removed = 0
    for (let done = false; !done;) {
      const step = await database.store.prune()
      removed += step.removed
      done = step.done
    }
    return removed
  }
  async function rowsOf(table: string) {
    const [row] = await database.sql(`select count(*) as rows from ${table}`)
    return Number(row?.['rows'])
  }

  test('expired rows go, in steps; live ones stay', async () => {
    const { spent, revocations, refreshTokens } = database.store
    const ids = (until: number) =>
      Array.from({ length: 600 }, (_, n) => ({
        space: 'dpop' as const,
        owner: `until ${until}`,
        id: `${n}`,
        until: after(until),
      }))
    await spent.spend(ids(10))
    await spent.spend(ids(4_000))
    await revocations.add({ kind: 'token', jti: 'short' }, after(10), context)
    await revocations.add({ kind: 'token', jti: 'long' }, after(100), context)
    const brief = { ...aFamily, idleTtlSeconds: 10 }
    await refreshTokens.open({ ...brief, sid: 'brief' }, {}, context)
    await refreshTokens.open({ ...aFamily, idleTtlSeconds: 5000 }, {}, context)
    expect(await pruneAll()).toBe(0)
    await database.setNow(after(3_610))
    expect(await pruneAll()).toBe(602)
    expect(await rowsOf('spent')).toBe(600)
    expect(await rowsOf('revocations')).toBe(1)
    expect(await rowsOf('families')).toBe(1)
    expect(await spent.spend(ids(10).slice(0, 1))).toBe('fresh')
    expect(await spent.spend(ids(4_000).slice(0, 1))).toBe('spent')
  })

  test('a revocation holds after the clock was set an hour ahead and back', async () => {
    const { revocations } = database.store
    const { sequence } = await revocations.head()
    await revocations.add({ kind: 'token', jti: 'dead' }, after(600), context)
    const named = async () =>
      (await revocations.page(sequence, 10)).map(({ target }) => 'jti' in target && target.jti)
    await database.setNow(after(3_700))
    await pruneAll()
    // A node that starts now, and lives on when the clock is right again, knows it too.
    expect(await named()).toEqual(['dead'])
    await database.setNow(after(100))
    expect(await named()).toEqual(['dead'])
    await database.setNow(after(4_200))
    await pruneAll()
    expect(await rowsOf('revocations')).toBe(0)
    await database.setNow(after(100))
  })

  test.each([
    { space: 'client_assertion', later: 'spent' },
    { space: 'jwt_bearer', later: 'spent' },
    { space: 'dpop', later: 'fresh' },
  ] as const)(
    'a used id of $space is $later when the clock was set an hour ahead and back',
    async ({ space, later }) => {
      const { spent } = database.store
      const used = [{ space, owner: 'an hour ahead', id: space, until: after(60) }]
      expect(await spent.spend(used)).toBe('fresh')
      await database.setNow(after(3_600))
      await pruneAll()
      await database.setNow(after(0))
      expect(await spent.spend(used)).toBe(later)
    },
  )

  test('refreshes leave one row per family and nothing else but audit', async () => {
    const { refreshTokens } = database.store
    const sids = Array.from({ length: 20 }, (_, n) => `many ${n}`)
    await Promise.all(
      sids.map((sid) =>
        refreshTokens.open({ ...aFamily, sid, currentHash: hashOf(sid, 1) }, {}, context),
      ),
    )
    const tables = ['families', 'spent', 'revocations', 'changes', 'clients', 'leases']
    const before = await Promise.all(tables.map(rowsOf))
    for (let generation = 1; generation <= 20; generation += 1) {
      await Promise.all(sids.map((sid) => refreshTokens.rotate(planOf(generation, { sid }))))
    }
    expect(await Promise.all(tables.map(rowsOf))).toEqual(before)
  })
})
