import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { migrations } from '../../packages/server/src/store/migrations/migrations.ts'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import { isStoreFault } from '../../packages/server/src/store/port/fault.ts'
import type { Driver } from '../../packages/server/src/store/port/verb.ts'
import { openWriter } from '../../packages/server/src/store/sqlite/database.ts'
import { migrateSqlite } from '../../packages/server/src/store/sqlite/migrate.ts'
import { createWriteQueue, drive } from '../../packages/server/src/store/sqlite/write-queue.ts'
import { createStore } from '../../packages/server/src/store/verbs/create-store.ts'
import { count } from '../counts.ts'
import { randomId, startOfTime } from '../store/ids.ts'
import { aClient, aFamily, context, hashOf, planOf } from '../store/records.ts'

const deps = { now: () => startOfTime, randomId }

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-faults-'))
  file = join(folder, 'countersign.db')
})
afterEach(() => rm(folder, { recursive: true, maxRetries: 3 }))

async function kindOf(act: Promise<unknown>): Promise<string> {
  try {
    return `no fault, but ${JSON.stringify(await act)}`
  } catch (thrown) {
    return isStoreFault(thrown) ? thrown.kind : String(thrown)
  }
}

test('a second writer that holds the lock: a fault in time, the event loop free, then all is well', async () => {
  const store = await openStore(file, deps)
  await store.clients.add(aClient, context)
  const other = new DatabaseSync(file)
  other.exec('begin immediate')
  let turns = 0
  const ticking = setInterval(() => (turns += 1), 20)
  const started = performance.now()
  expect(await kindOf(store.clients.disable('shop', context))).toBe('busy')
  expect(performance.now() - started).toBeLessThan(2500)
  expect(turns).toBeGreaterThan(20)
  expect(await store.clients.find('shop')).toMatchObject({ enabled: true })
  const patient = store.clients.disable('shop', context)
  await pause(100)
  other.exec('commit')
  expect(await patient).toBe('disabled')
  clearInterval(ticking)
  other.close()
  await store.close()
})

test('the disk full: a fault for each act of the batch, nothing half, and on again with room', async () => {
  const writer = openWriter(file, deps.now)
  migrateSqlite(writer, deps, migrations)
  const queue = createWriteQueue(writer, () => {})
  const driver: Driver = {
    read: async (verb) => drive(writer, verb(), { topics: new Set(), events: [] }),
    write: queue.write,
    onCommit: () => () => {},
    health: async () => ({ ok: true, detail: '' }),
    close: async () => writer.close(),
  }
  const store = createStore(driver, randomId)
  await store.clients.add(aClient, context)
  await store.refreshTokens.open({ ...aFamily, currentHash: hashOf(aFamily.sid, 1) }, {}, context)
  const limit = (pages: number) => writer.exec(`pragma max_page_count = ${pages}`)
  limit(1)
  const big = { ...context, actor: 'x'.repeat(200_000) }
  const kinds = await Promise.all([
    kindOf(store.refreshTokens.rotate(planOf(1))),
    kindOf(store.refreshTokens.rotate(planOf(1, { audit: big }))),
  ])
  expect(kinds).toEqual(['full', 'full'])
  expect(await store.refreshTokens.find(aFamily.sid)).toMatchObject({ generation: 1 })
  expect((await store.audit.list(0, 10)).map(({ event }) => event.event)).toEqual([
    'client_added',
    'family_opened',
  ])
  limit(1_000_000)
  expect(await store.refreshTokens.rotate(planOf(1))).toEqual({ outcome: 'rotated' })
  await store.close()
})

test('one broken act harms none of those that share its commit', async () => {
  const store = await openStore(file, deps)
  await store.clients.add(aClient, context)
  const broken = { ...aFamily, sid: 'a', currentHash: hashOf('a', 1) }
  await store.refreshTokens.open(broken, {}, context)
  const outcomes = await Promise.allSettled([
    store.refreshTokens.open({ ...broken, sid: 'b' }, {}, context),
    store.refreshTokens.open(broken, {}, context),
    store.refreshTokens.open({ ...broken, sid: 'c' }, {}, context),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  const events = await store.audit.list(0, 10)
  expect(events.filter(({ event }) => event.event === 'family_opened')).toHaveLength(3)
  await store.close()
})

const rounds = count({ short: 8, long: 100 })

test(
  `stopped at ${rounds} random moments, file and log copied: each acknowledged rotation is in the copy`,
  async () => {
    const program = new URL('./load.ts', import.meta.url).pathname
    const child = spawn(process.execPath, ['--conditions=countersign-source', program, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const acknowledged = new Map<string, number>()
    const lines = createInterface({ input: child.stdout })
    lines.on('line', (line) => {
      const [sid = '', generation] = line.split(' ')
      acknowledged.set(sid, Number(generation))
    })
    await once(lines, 'line')
    for (let round = 0; round < rounds; round += 1) {
      await pause(20 + Math.random() * 120)
      child.kill('SIGSTOP')
      // Everything that it printed before it stopped is read first.
      await pause(30)
      const before = new Map(acknowledged)
      const copy = join(folder, `copy-${round}`, 'countersign.db')
      await mkdir(join(folder, `copy-${round}`))
      for (const end of ['', '-wal']) await copyFile(file + end, copy + end)
      child.kill('SIGCONT')
      await checkCopy(copy, before)
    }
    child.kill('SIGKILL')
    await once(child, 'exit')
    await pause(30)
    await checkCopy(file, acknowledged)
    expect(acknowledged.size).toBe(16)
  },
  count({ short: 30_000, long: 300_000 }),
)

async function checkCopy(copy: string, acknowledged: ReadonlyMap<string, number>): Promise<void> {
  const store = await openStore(copy, deps)
  for (const [sid, generation] of acknowledged) {
    const family = await store.refreshTokens.find(sid)
    expect(family?.generation).toBeGreaterThanOrEqual(generation)
    expect(family?.currentHash).toBe(hashOf(sid, family?.generation ?? 0))
  }
  await store.close()
  const database = new DatabaseSync(copy)
  expect(database.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
  database.close()
}
