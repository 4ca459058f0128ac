import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sealOnce } from '../../packages/server/src/audit/sealer.ts'
import { count } from '../counts.ts'
import { databases, type TestDatabase } from './databases.ts'
import { startOfTime } from './ids.ts'
import { aClient, aFamily, after, context, hashOf, planOf } from './records.ts'

const refreshes = count({ short: 3_000, long: 1_000_000 })
const families = count({ short: 100, long: 2_000 })
/** How often each family is refreshed between two rounds of housekeeping. */
const timesPerRound = 10
const stepMsMax = 50
/** The largest growth, as a multiple of the size after the first round. */
const growthMax = 2

describe.each(databases)(`${refreshes} refreshes of ${families} families on $name`, (kind) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await kind.start()
    await database.store.clients.add(aClient, context)
  })
  afterAll(() => database.close())

  test(
    'leave tables as large as the families that live, and steps of housekeeping that nobody feels',
    { timeout: count({ short: 120_000, long: 3_600_000 }) },
    async () => {
      const { refreshTokens } = database.store
      const sids = Array.from({ length: families }, (_, n) => `family ${n}`)
      for (const sid of sids) {
        const family = { ...aFamily, sid, currentHash: hashOf(sid, 1) }
        await refreshTokens.open({ ...family, absoluteTtlSeconds: 1_000_000 }, {}, context)
      }
      let now = 0
      let generation = 0
      const steps: Step[] = []
      /** Each family in turn, now and then with a proof whose id is spent and expires. */
      async function refreshAll(times: number): Promise<void> {
        const last = generation + times
        while (generation < last) {
          generation += 1
          const owed = [...sids]
          const lane = async () => {
            for (let sid = owed.pop(); sid !== undefined; sid = owed.pop()) {
              const spend = generation % 4 === 0 ? [proofIn(sid, generation, now)] : []
              const { outcome } = await refreshTokens.rotate(planOf(generation, { sid, spend }))
              expect(outcome).toBe('rotated')
            }
          }
          await Promise.all(Array.from({ length: lanes }, lane))
        }
      }

      /** Afterwards the families are alive; what was spent, and all that was written down, is old. */
      async function round(): Promise<void> {
        await refreshAll(timesPerRound)
        now += 100
        await database.setNow(after(now))
        steps.push(...(await keepHouse(database, now)))
        // The work that Postgres does by itself every minute.
        if (kind.name === 'postgres') await database.sql('vacuum')
      }

      const began = performance.now()
      await round()
      const before = await sizes(database)
      while (generation < refreshes / families) await round()
      const rate = (generation * families * 1000) / (performance.now() - began)
      const end = await sizes(database)

      expect(await refreshTokens.find('family 0')).toMatchObject({ generation: generation + 1 })
      const grown = total(end) / total(before)
      const longest = steps.toSorted((a, b) => b.ownMs - a.ownMs)[0]
      const took = steps.map(({ ms }) => ms).toSorted((a, b) => a - b)
      const median = took[Math.floor(took.length / 2)] ?? Infinity
      expect(grown, JSON.stringify({ before, end })).toBeLessThan(growthMax)
      expect(longest?.ownMs, longest?.name).toBeLessThan(stepMsMax)
      expect(median).toBeLessThan(stepMsMax)
      process.stdout.write(
        `note: ${generation * families} refreshes of ${families} families on ${kind.name}, ${Math.round(rate)} a second with housekeeping: ` +
          `tables at ${grown.toFixed(2)} times their size before, ${Math.round(total(end) / families)} bytes a family; ` +
          `${steps.length} steps of housekeeping, median ${median.toFixed(1)} ms, slowest ${took.at(-1)?.toFixed(1)} ms, ` +
          `longest on the thread of the service ${longest?.ownMs.toFixed(1)} ms (${longest?.name})\n`,
      )
    },
  )

  test('housekeeping deletes expired rows, and no request does', async () => {
    const { spent, refreshTokens, clients } = database.store
    const until = after(1)
    const ids = Array.from({ length: 300 }, (_, n) => `${n}`)
    await spent.spend(ids.map((id) => ({ space: 'jwt_bearer', owner: 'expired', id, until })))
    await database.setNow(after(1_000_000))
    const standing = await rowsOf(database, 'spent')
    const fresh = { ...aFamily, sid: 'fresh', currentHash: hashOf('fresh', 1) }
    await refreshTokens.open(fresh, {}, context)
    await refreshTokens.rotate(planOf(1, { sid: 'fresh' }))
    await refreshTokens.end('fresh', 'test', context)
    await clients.disable(aClient.id, context)
    expect(await rowsOf(database, 'spent')).toBe(standing)
    await keepHouse(database, 1_000_000)
    expect(await rowsOf(database, 'spent')).toBe(0)
  })
})

/** Acts that wait for each other's commits, as requests do. */
const lanes = 64

function proofIn(owner: string, generation: number, now: number) {
  return { space: 'dpop', owner, id: `${generation}`, until: after(now + 60) } as const
}

interface Step {
  readonly name: string
  /** How long this thread worked on it, and so answered nobody. */
  readonly ownMs: number
  /** How long it took, others on this machine included. */
  readonly ms: number
}

/** The steps of housekeeping when nothing else happens. */
async function keepHouse({ store }: TestDatabase, now: number): Promise<Step[]> {
  const steps: Step[] = []
  const { audit } = store
  const key = new Uint8Array(32)
  async function step<T>(what: string, act: () => Promise<T>): Promise<T> {
    const began = performance.now()
    const cpu = process.threadCpuUsage()
    const outcome = await act()
    const { user, system } = process.threadCpuUsage(cpu)
    steps.push({ name: what, ownMs: (user + system) / 1000, ms: performance.now() - began })
    return outcome
  }
  while (!(await step('prune', () => store.prune())).done);
  const seal = () => sealOnce(audit, { key, now: () => startOfTime })
  while ((await step('seal', seal)).waiting > 0);
  while ((await step('drop', () => audit.dropSegment(after(now + 1)))) === 'dropped');
  return steps
}

/** Bytes of each table with its indexes, but for the audit log. */
async function sizes(database: TestDatabase): Promise<Readonly<Record<string, number>>> {
  const rows =
    database.name === 'sqlite'
      ? await database.sql(`select schema.tbl_name as name, sum(dbstat.pgsize) as bytes
          from dbstat join sqlite_schema as schema on schema.name = dbstat.name group by 1`)
      : await database.sql(`select relname as name, pg_total_relation_size(oid) as bytes
          from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`)
  const all = rows.map((row) => [String(row['name']), Number(row['bytes'])] as const)
  return Object.fromEntries(all.filter(([table]) => !table.startsWith('audit')))
}

function total(all: Readonly<Record<string, number>>): number {
  return Object.values(all).reduce((sum, bytes) => sum + bytes, 0)
}

async function rowsOf(database: TestDatabase, table: string): Promise<number> {
  const [row] = await database.sql(`select count(*) as rows from ${table}`)
  return Number(row?.['rows'])
}
