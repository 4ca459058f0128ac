import { setTimeout as pause } from 'node:timers/promises'
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import { isStoreFault, type StoreFault } from '../../packages/server/src/store/port/fault.ts'
import type { Store } from '../../packages/server/src/store/port/store.ts'
import { startPostgres, type PostgresServer } from '../postgres/server.ts'
import { createDatabase, openSession, type Database } from '../postgres/shared.ts'
import { randomId, startOfTime } from '../store/ids.ts'
import { aClient, aFamily, context, hashOf, planOf } from '../store/records.ts'
import { startProxy, type Proxy } from './proxy.ts'

let server: PostgresServer
let database: Database
let proxy: Proxy
let store: Store
let sid: string

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.remove())
beforeEach(async () => {
  database = await createDatabase(server.url)
  proxy = await startProxy(database.url)
  store = await openStore(proxy.url, {
    now: () => startOfTime,
    randomId,
    migrate: true,
    poolMax: 4,
  })
  await store.clients.add(aClient, context)
  sid = randomId()
  await store.refreshTokens.open({ ...aFamily, sid, currentHash: hashOf(sid, 1) }, {}, context)
})
afterEach(async () => {
  await store.close()
  await proxy.close()
  await database.drop()
})

const rotate = (generation = 1) => store.refreshTokens.rotate(planOf(generation, { sid }))

/** The fault that an act ends in, within the two seconds that a caller may be kept. */
async function faultWithin2s(act: Promise<unknown>): Promise<StoreFault> {
  const late = new AbortController()
  const outcome = await Promise.race([
    act.then(
      () => 'no fault',
      (thrown: unknown) => thrown,
    ),
    pause(2000, 'too late', { signal: late.signal }),
  ])
  late.abort()
  if (!isStoreFault(outcome))
    throw new Error(`expected a fault of the store, got ${String(outcome)}`)
  return outcome
}

/** Waits until writes are taken again, for the five seconds that recovery may take. */
async function recovered(): Promise<void> {
  await vi.waitFor(async () => expect((await store.health()).ok).toBe(true), {
    timeout: 5000,
    interval: 50,
  })
}

describe('a connection cut', () => {
  test('before BEGIN arrives: tried again, nobody notices', async () => {
    proxy.cutOnce('before_begin')
    expect(await rotate()).toEqual({ outcome: 'rotated' })
  })

  test('before COMMIT arrives: nothing is consumed', async () => {
    proxy.cutOnce('before_commit')
    const fault = await faultWithin2s(rotate())
    expect(fault.kind).toBe('unavailable')
    await vi.waitFor(async () =>
      expect(await store.refreshTokens.find(sid)).toMatchObject({ generation: 1 }),
    )
    expect(await rotate()).toEqual({ outcome: 'rotated' })
  })

  test('after COMMIT: the fault says that it may have happened, and the same token succeeds', async () => {
    proxy.cutOnce('after_commit')
    const fault = await faultWithin2s(rotate())
    expect(fault).toMatchObject({ kind: 'unavailable', mayHaveCommitted: true })
    expect(await rotate()).toMatchObject({ outcome: 'repeated' })
    expect(await store.refreshTokens.find(sid)).toMatchObject({ generation: 2 })
  })

  test('all at once, or by the server: the next act has a new one', async () => {
    proxy.cutAll()
    expect(await rotate(1)).toEqual({ outcome: 'rotated' })
    await database.sql(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
    expect(await rotate(2)).toEqual({ outcome: 'rotated' })
  })
})

describe('reads, which share a connection', () => {
  test('one that fails harms none of its neighbours', async () => {
    const found = await Promise.allSettled(
      ['shop', 'no\0name', 'shop'].map((id) => store.clients.find(id)),
    )
    expect(found.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(found[2]).toMatchObject({ value: aClient })
  })

  test('cut while many are under way: asked again, nobody notices', async () => {
    await store.clients.find('shop')
    const found = Array.from({ length: 30 }, () => store.clients.find('shop'))
    await new Promise((resolve) => setImmediate(resolve))
    proxy.cutAll()
    expect(new Set((await Promise.all(found)).map((client) => client?.id))).toEqual(
      new Set(['shop']),
    )
  })
})

test('a connection cut while the store is opened: a fault with its remedy, and the next try succeeds', async () => {
  // A proxy of its own, because the store of the other tests asks for the head too.
  const own = await startProxy(database.url)
  onTestFinished(() => own.close())
  own.cutOnce('before_marker', 'from log_head')
  const deps = { now: () => startOfTime, randomId }
  const fault = await faultWithin2s(openStore(own.url, deps))
  expect(fault.kind).toBe('unavailable')
  await (await openStore(own.url, deps)).close()
})

describe('the server', () => {
  test.each(['fast', 'immediate'] as const)('stopped (%s) and started again', async (mode) => {
    await server.stop(mode)
    expect((await faultWithin2s(rotate())).kind).toBe('unavailable')
    expect((await faultWithin2s(store.clients.find('shop'))).kind).toBe('unavailable')
    expect(await store.health()).toMatchObject({ ok: false })
    await server.start()
    await recovered()
    expect(await rotate()).toEqual({ outcome: 'rotated' })
    expect(await store.clients.find('shop')).toEqual(aClient)
  })

  test('paused, every process of it', async () => {
    await server.pause()
    try {
      const acts = Array.from({ length: 12 }, () => faultWithin2s(rotate()))
      for (const fault of await Promise.all(acts)) expect(fault.kind).toBe('unavailable')
      expect((await faultWithin2s(store.clients.find('shop'))).kind).toBe('unavailable')
    } finally {
      server.resume()
    }
    await recovered()
    // One of the paused may have been committed behind the faults: then the same token gets its successor.
    expect(['rotated', 'repeated']).toContain((await rotate()).outcome)
  })

  test('paused, and the store is closed: it does not wait for a goodbye', async () => {
    const other = await openStore(database.url, { now: () => startOfTime, randomId })
    await server.pause()
    try {
      const late = new AbortController()
      const closing = other.close().then(() => 'closed')
      const timer = pause(2000, 'too late', { signal: late.signal })
      expect(await Promise.race([closing, timer])).toBe('closed')
      late.abort()
    } finally {
      server.resume()
    }
    await recovered()
  })

  test('behind a stalled network', async () => {
    proxy.stall(true)
    expect((await faultWithin2s(rotate())).kind).toBe('unavailable')
    proxy.stall(false)
    await recovered()
    expect(['rotated', 'repeated']).toContain((await rotate()).outcome)
  })

  test('read-only: named, reads are refused too, and all is well once it is over', async () => {
    const name = new URL(database.url).pathname.slice(1)
    const maintenance = await openSession(server.url)
    const setTo = async (value: 'on' | 'off') => {
      await maintenance.sql(`alter database ${name} set default_transaction_read_only = ${value}`)
      proxy.cutAll()
    }
    await setTo('on')
    expect((await faultWithin2s(rotate())).kind).toBe('read_only')
    expect(await store.health()).toEqual({ ok: false, detail: 'read_only' })
    // A standby would answer with an older truth.
    expect((await faultWithin2s(store.refreshTokens.find(sid))).kind).toBe('read_only')
    await setTo('off')
    await maintenance.release()
    await recovered()
    expect(await rotate()).toEqual({ outcome: 'rotated' })
  })
})

test('sessions that do not find the tables leave the pool', async () => {
  const name = new URL(database.url).pathname.slice(1)
  await database.sql(`alter database ${name} set search_path = nowhere`)
  proxy.cutAll()
  // As many as the pool has connections.
  const faults = await Promise.all(Array.from({ length: 4 }, () => faultWithin2s(rotate())))
  expect(faults.map(({ kind }) => kind)).toEqual(['schema', 'schema', 'schema', 'schema'])
  await database.sql(`alter database ${name} reset search_path`)
  expect(await rotate()).toEqual({ outcome: 'rotated' })
})

describe('others in the way', () => {
  test('a row locked for long, the pool exhausted behind it: faults in time, then all is well', async () => {
    const { sql, release } = await openSession(database.url)
    await sql('begin')
    await sql(`select * from families where sid = '${sid}' for update`)
    const faults = await Promise.all(Array.from({ length: 12 }, () => faultWithin2s(rotate())))
    expect(faults.every(({ kind }) => kind === 'busy' || kind === 'unavailable')).toBe(true)
    await release()
    await recovered()
    expect(await rotate()).toEqual({ outcome: 'rotated' })
  })

  test('a deadlock is begun again', async () => {
    // Postgres looks for deadlocks after a second; how soon the store gives up is tested above.
    const patient = await openStore(database.url, {
      now: () => startOfTime,
      randomId,
      patienceMs: 10_000,
    })
    const { sql, release } = await openSession(database.url)
    await sql('begin')
    await sql('select * from log_head for update')
    const disabling = patient.clients.disable('shop', context)
    await vi.waitFor(async () => {
      const rows = await database.sql(
        `select 1 from pg_stat_activity where wait_event_type = 'Lock'`,
      )
      expect(rows).toHaveLength(1)
    })
    const other = await Promise.allSettled([
      sql(`select * from clients where id = 'shop' for update`),
    ])
    await release()
    expect(await disabling).toBe('disabled')
    expect(other).toHaveLength(1)
    await patient.close()
  })

  test('a lost listening connection costs no change', async () => {
    const heard: string[] = []
    store.changes.onCommit((what) => heard.push(what))
    proxy.cutAll()
    await database.sql('update log_head set changes = changes + 1')
    await vi.waitFor(() => expect(heard).toContain('changes'), { timeout: 1500 })
  })
})
