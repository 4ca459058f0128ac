import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { sealOnce } from '../../packages/server/src/audit/sealer.ts'
import { verifyAudit } from '../../packages/server/src/audit/verify.ts'
import { startHousekeeping } from '../../packages/server/src/store/housekeeping/start-housekeeping.ts'
import { databases, type TestDatabase } from './databases.ts'
import { startOfTime } from './ids.ts'
import { after, context } from './records.ts'

const key = new Uint8Array(32).fill(7)
const retentionSeconds = 90 * 86_400

describe.each(databases)('the sealed audit log on $name', ({ start }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await start()
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    await database.sql('delete from audit')
    await database.sql('delete from audit_segments')
    await database.sql('delete from audit_tip')
    await append(700)
    for (let left = 1; left > 0;) left = (await seal()).waiting
    await append(3)
  })

  async function append(count: number) {
    const event = { event: 'client_added', ...context } as const
    const events = Array.from({ length: count }, (_, n) => ({ ...event, clientId: `client ${n}` }))
    await database.store.audit.append(events)
  }
  const seal = () => sealOnce(database.store.audit, { key, now: () => startOfTime })
  const verify = (over: Partial<Parameters<typeof verifyAudit>[1]> = {}) =>
    verifyAudit(database.store.audit, { key, now: after(60), retentionSeconds, ...over })
  async function idAt(position: number) {
    const rows = await database.store.audit.list(0, position + 1)
    return rows[position]?.id ?? 0
  }

  test('a sound log has no damage; the last sealed row and those that wait are named', async () => {
    expect(await verify()).toEqual({
      damages: [],
      lastSealed: { segment: 2, id: await idAt(699), at: startOfTime, statement: null },
      rows: 700,
      dropped: 0,
      waiting: 3,
    })
  })

  test('another key finds nothing in order', async () => {
    const { damages } = await verify({ key: new Uint8Array(32) })
    expect(damages).not.toEqual([])
  })

  test.each([
    ['removed', (id: number) => `delete from audit where id = ${id}`, 'row_removed'],
    ['changed', (id: number) => `update audit set body = '{}' where id = ${id}`, 'row_changed'],
    [
      'moved in time',
      (id: number) => `update audit set at = at + 1 where id = ${id}`,
      'row_changed',
    ],
    ['unlinked', (id: number) => `update audit set segment = null where id = ${id}`, 'row_removed'],
  ])('a row that was %s is named', async (_, damage, named) => {
    for (const [position, segment] of [
      [0, 1],
      [123, 1],
      [499, 1],
      [500, 2],
      [699, 2],
    ] as const) {
      const id = await idAt(position)
      const sql = damage(id)
      const before = await database.sql(`select id, at, body, segment from audit where id = ${id}`)
      await database.sql(sql)
      expect((await verify()).damages).toEqual([{ damage: named, segment, id }])
      const [row] = before
      await database.sql(`delete from audit where id = ${id}`)
      await database.sql(
        `insert into audit (id, at, body, segment) ${database.name === 'postgres' ? 'overriding system value' : ''}
         values (${id}, ${Number(row?.['at'])}, '${String(row?.['body'])}', ${Number(row?.['segment'])})`,
      )
      expect((await verify()).damages).toEqual([])
    }
  })

  test('a row put in is named', async () => {
    const id = await idAt(702)
    await database.sql(`update audit set segment = 1 where id = ${id}`)
    expect((await verify()).damages).toEqual([{ damage: 'row_added', segment: 1, id }])
  })

  test('rows cut off at the end are named, with or without their segment', async () => {
    await database.sql(`delete from audit where segment = 2`)
    expect((await verify()).damages).toHaveLength(200)
    await database.sql(`delete from audit_segments where number = 2`)
    expect((await verify()).damages).toEqual([{ damage: 'truncated', segment: 1 }])
    await database.sql(`update audit_tip set number = 1`)
    expect((await verify()).damages).toEqual([{ damage: 'truncated', segment: 1 }])
  })

  test('a segment taken out of the middle, or changed, is named', async () => {
    await database.sql(`update audit_segments set sealed_at = sealed_at + 1 where number = 1`)
    expect((await verify()).damages).toEqual([{ damage: 'segment_changed', segment: 1 }])
    await database.sql(`delete from audit_segments where number = 1`)
    expect((await verify()).damages).toEqual([{ damage: 'segment_missing', segment: 1 }])
  })

  test('a statement kept elsewhere convicts a log put back to an earlier state', async () => {
    const kept = { segment: 3, lastId: 1, count: 1, head: '', sealedAt: startOfTime }
    expect((await verify({ kept })).damages).toEqual([{ damage: 'truncated', segment: 2 }])
    const other = { ...kept, segment: 2, head: 'other' }
    expect((await verify({ kept: other })).damages).toEqual([
      { damage: 'segment_changed', segment: 2 },
    ])
  })

  test('retention drops whole old segments and keeps their heads', async () => {
    const { audit } = database.store
    expect(await audit.dropSegment(startOfTime)).toBe('none')
    expect(await audit.dropSegment(after(1))).toBe('dropped')
    expect((await verify()).damages).toEqual([{ damage: 'dropped_early', segment: 1 }])
    const late = await verify({ now: after(retentionSeconds + 1) })
    expect(late).toMatchObject({ damages: [], dropped: 1, rows: 200 })
  })

  test('retention leaves a segment whose rows were taken away, and so what convicts it', async () => {
    const { audit } = database.store
    await database.sql('delete from audit where segment = 1')
    expect(await audit.dropSegment(after(1))).toBe('dropped')
    expect(await audit.dropSegment(after(1))).toBe('none')
    const { damages, dropped } = await verify({ now: after(retentionSeconds + 1) })
    expect({ damages: damages.length, dropped }).toEqual({ damages: 500, dropped: 1 })
  })

  test('retention passes over rows whose segment was taken out', async () => {
    const { audit } = database.store
    await database.sql('delete from audit_segments where number = 1')
    expect(await audit.dropSegment(after(1))).toBe('dropped')
    expect(await audit.dropSegment(after(1))).toBe('none')
    const [rows] = await database.sql('select count(*) as rows from audit where segment = 2')
    expect(Number(rows?.['rows'])).toBe(0)
  })

  test('a log that is sealed for the first time while it is verified is sound', async () => {
    await database.sql('update audit set segment = null')
    await database.sql('delete from audit_segments')
    await database.sql('delete from audit_tip')
    const { audit } = database.store
    const last = async () => {
      const found = await audit.last()
      await seal()
      return found
    }
    const report = await verifyAudit({ ...audit, last }, { key, now: after(60), retentionSeconds })
    expect(report).toMatchObject({ damages: [], lastSealed: null, rows: 0 })
  })

  test('a segment that retention drops while it is verified is no damage', async () => {
    const { audit } = database.store
    const dropping = async <T>(read: () => Promise<T>) => {
      await audit.dropSegment(after(1))
      return read()
    }
    const now = after(retentionSeconds + 1)
    for (const over of [
      { segmentRows: (number: number) => dropping(() => audit.segmentRows(number)) },
      { segments: (from: number, limit: number) => dropping(() => audit.segments(from, limit)) },
    ]) {
      const { damages } = await verifyAudit({ ...audit, ...over }, { key, now, retentionSeconds })
      expect(damages).toEqual([])
    }
  })

  test('two sealers at once make one segment', async () => {
    await Promise.all([seal(), seal(), seal()])
    expect(await verify()).toMatchObject({ damages: [], rows: 703, waiting: 0 })
  })

  test('a signer states each segment', async () => {
    const sign = (facts: { segment: number }) => `signed ${facts.segment}`
    await sealOnce(database.store.audit, { key, now: () => startOfTime, sign })
    expect((await verify()).lastSealed?.statement).toBe('signed 3')
    for (let drops = 0; drops < 3; drops += 1) await database.store.audit.dropSegment(after(1))
    expect((await verify()).lastSealed?.statement).toBeNull()
  })

  test('housekeeping on two nodes seals within a second', async () => {
    const second = await database.open()
    const faults: unknown[] = []
    const deps = { retentionSeconds, onFault: (thrown: unknown) => faults.push(thrown) }
    const nodes = [database.store, second].map((store, index) =>
      startHousekeeping(store, {
        ...deps,
        holder: `node ${index}`,
        seal: { key, now: () => startOfTime },
      }),
    )
    await append(50)
    await vi.waitFor(async () => expect((await verify()).waiting).toBe(0), { timeout: 1500 })
    await Promise.all(nodes.map((node) => node.stop()))
    expect(await verify()).toMatchObject({ damages: [], rows: 753 })
    expect(faults).toEqual([])
  })
})
