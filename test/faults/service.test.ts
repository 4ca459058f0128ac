import { setTimeout as pause } from 'node:timers/promises'
import { createGuard, type Guard } from '@countersign/guard'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { freePort } from '../free-port.ts'
import { startPostgres, type PostgresServer } from '../postgres/server.ts'
import { createDatabase, openSession, type Database } from '../postgres/shared.ts'
import { refusedForNow } from './in-time.ts'
import { startProxy, type Proxy } from './proxy.ts'
import { startNode, tokensIn, type TestNode, type Tokens } from './start-node.ts'

let server: PostgresServer
let database: Database
let proxy: Proxy
let node: TestNode
/** The guard of an API somewhere else, which follows the service. */
let guard: Guard

beforeAll(async () => {
  server = await startPostgres({ max_connections: '30' })
  database = await createDatabase(server.url)
  proxy = await startProxy(database.url)
  node = await startNode(proxy.url, { port: await freePort() })
  guard = createGuard({ issuer: node.origin, audience: `${node.origin}/protected` })
  await guard.ready()
})
afterAll(async () => {
  guard.close()
  await node.stop()
  await proxy.close()
  await server.remove()
})

const ready = () => fetch(`${node.origin}/readyz`)

async function recovered(): Promise<void> {
  await vi.waitFor(async () => expect((await ready()).status).toBe(200), {
    timeout: 5000,
    interval: 50,
  })
}

/** The answer of the guard elsewhere. An uncached token is proven again. */
async function admitted({ access_token }: Tokens): Promise<string> {
  const headers = { authorization: `Bearer ${access_token}` }
  const outcome = await guard.check(new Request('http://api.example/', { headers }))
  return outcome.ok ? 'admitted' : outcome.refusal.reason
}

/** How the database fails, and how it is mended. */
interface Fault {
  readonly name: string
  readonly fail: () => Promise<() => Promise<unknown>>
  /** Whether acts that only read go on meanwhile. */
  readonly reads?: true
}

const faults: readonly Fault[] = [
  { name: 'stopped', fail: () => stopped('fast') },
  { name: 'killed', fail: () => stopped('immediate') },
  {
    name: 'paused, every process of it',
    async fail() {
      await server.pause()
      return async () => server.resume()
    },
  },
  {
    name: 'behind a network that lets nothing through',
    async fail() {
      proxy.stall(true)
      return async () => proxy.stall(false)
    },
  },
  { name: 'full of idle sessions that hold all its connections', fail: crowded },
  {
    name: 'behind a lock on the table of families, and the pool waiting for it',
    reads: true,
    async fail() {
      const other = await openSession(database.url)
      await other.sql('begin; lock table families in access exclusive mode')
      return other.release
    },
  },
  {
    name: 'read-only',
    reads: true,
    async fail() {
      await setReadOnly('on')
      return () => setReadOnly('off')
    },
  },
]

async function stopped(mode: 'fast' | 'immediate') {
  await server.stop(mode)
  return () => server.start()
}

/** Takes every connection that the server has, those of the service included. */
async function crowded() {
  const sessions: Awaited<ReturnType<typeof openSession>>[] = []
  proxy.refuse(true)
  // Those that were cut leave after a moment.
  for (let refusals = 0; refusals < 5;) {
    try {
      const session = await openSession(database.url)
      await session.sql('begin')
      sessions.push(session)
    } catch {
      refusals += 1
      await pause(20)
    }
  }
  proxy.refuse(false)
  return () => Promise.all(sessions.map((session) => session.release()))
}

async function setReadOnly(value: 'on' | 'off') {
  const name = new URL(database.url).pathname.slice(1)
  const maintenance = await openSession(server.url)
  await maintenance.sql(`alter database ${name} set default_transaction_read_only = ${value}`)
  await maintenance.release()
  proxy.cutAll()
}

describe.each(faults)('Postgres $name', ({ fail, reads }) => {
  test('503 in time, a guard elsewhere unaffected, well again by itself', async () => {
    const tokens = await tokensIn(await node.login())
    const mend = await fail()
    try {
      const acts = Array.from({ length: 12 }, () => [node.login(), node.refresh(tokens)]).flat()
      await Promise.all(acts.map(refusedForNow))
      expect(await admitted(tokens)).toBe('admitted')
      expect(await node.ask(tokens)).toBe(200)
      expect((await fetch(`${node.origin}/livez`)).status).toBe(200)
      if (reads !== true) await refusedForNow(ready())
    } finally {
      await mend()
    }
    await recovered()
    // Whether the act behind a 503 was done or not: the same token succeeds.
    const next = await tokensIn(await node.refresh(tokens))
    expect(await node.ask(next)).toBe(200)
    expect(await admitted(next)).toBe('admitted')
    expect(guard.health().issuers[0]?.revocation?.state).toBe('fresh')
  })
})

test('Postgres slow: what needs it twice is given up in time too, and nothing is lost', async () => {
  const tokens = await tokensIn(await node.login())
  proxy.delay(900)
  await refusedForNow(node.refresh(tokens))
  proxy.delay(0)
  await recovered()
  expect(await node.ask(await tokensIn(await node.refresh(tokens)))).toBe(200)
})

test('Postgres restarted between two requests: nobody notices', async () => {
  const tokens = await tokensIn(await node.login())
  await server.stop('fast')
  await server.start()
  const next = await tokensIn(await node.refresh(tokens))
  expect(await node.ask(next)).toBe(200)
})

test.each([
  ['by the network', async () => proxy.cutAll()],
  [
    'by the server',
    () =>
      database.sql(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      ),
  ],
])('all connections cut %s: the next request has a new one', async (_, cut) => {
  const tokens = await tokensIn(await node.login())
  // More connections than one act is tried on.
  await Promise.all(Array.from({ length: 12 }, () => node.login()))
  await cut()
  expect(await node.ask(await tokensIn(await node.refresh(tokens)))).toBe(200)
})

test('cut before COMMIT: nothing is consumed', async () => {
  const tokens = await tokensIn(await node.login())
  const before = await generations()
  proxy.cutOnce('before_commit', 'generation = generation + 1')
  await refusedForNow(node.refresh(tokens))
  expect(await generations()).toEqual(before)
  expect(await node.ask(await tokensIn(await node.refresh(tokens)))).toBe(200)
})

test('cut after COMMIT: the same token gives the one successor there is', async () => {
  const tokens = await tokensIn(await node.login())
  const before = await generations()
  proxy.cutOnce('after_commit', 'generation = generation + 1')
  await refusedForNow(node.refresh(tokens))
  expect(await generations()).not.toEqual(before)
  const again = await tokensIn(await node.refresh(tokens))
  const once = await tokensIn(await node.refresh(tokens))
  expect(once.refresh_token).toBe(again.refresh_token)
  await tokensIn(await node.refresh(again))
  expect((await node.refresh(tokens)).status).toBe(400)
})

/** How far each family has come. */
function generations() {
  return database.sql('select sid, generation from families order by sid')
}

test('a node that stops while Postgres is silent logs its losses, and leaves no connection', async () => {
  const gone = await createDatabase(server.url)
  const silent = await startProxy(gone.url)
  const stopping = await startNode(silent.url)
  const counted = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'foo' })
  counted.set('client_secret', 'bar')
  // Plain issuance is written a second later, so it waits now.
  const answer = await fetch(`${stopping.origin}/oauth2/token`, { method: 'POST', body: counted })
  expect(answer.status).toBe(200)
  silent.stall(true)
  await expect(stopping.stop()).rejects.toThrow('Postgres does not answer')
  silent.stall(false)
  const held = `select pid from pg_stat_activity
    where datname = current_database() and application_name like 'countersign%'`
  await vi.waitFor(async () => expect(await gone.sql(held)).toEqual([]), { timeout: 5000 })
  await silent.close()
  await gone.drop()
})
