import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startPostgres, type PostgresServer } from '../postgres/server.ts'
import { createDatabase, openSession, type Database } from '../postgres/shared.ts'
import { startProxy, type Proxy } from './proxy.ts'
import { startNode, tokensIn, type TestNode } from './start-node.ts'

let server: PostgresServer
let database: Database
let proxy: Proxy
let node: TestNode

beforeAll(async () => {
  server = await startPostgres()
  database = await createDatabase(server.url)
  proxy = await startProxy(database.url)
  node = await startNode(proxy.url)
})
afterAll(async () => {
  await node.stop()
  await proxy.close()
  await server.remove()
})

/** The answer while the database is away: in time, and with the word when to come again. */
async function refusedForNow(asking: Promise<Response>): Promise<void> {
  const late = new AbortController()
  const answer = await Promise.race([asking, pause(2000, undefined, { signal: late.signal })])
  late.abort()
  expect(answer?.status).toBe(503)
  expect(Number(answer?.headers.get('retry-after'))).toBeGreaterThan(0)
}

async function recovered(): Promise<void> {
  await vi.waitFor(async () => expect((await fetch(`${node.origin}/readyz`)).status).toBe(200), {
    timeout: 5000,
    interval: 50,
  })
}

test.each([
  { name: 'stopped', fail: () => server.stop('fast'), mend: () => server.start() },
  { name: 'killed', fail: () => server.stop('immediate'), mend: () => server.start() },
  {
    name: 'stalled',
    fail: async () => proxy.stall(true),
    mend: async () => proxy.stall(false),
  },
])(
  'Postgres $name: 503 in time, the guarded route unaffected, well again by itself',
  async ({ fail, mend }) => {
    const tokens = await tokensIn(await node.login())
    await fail()
    await Promise.all([refusedForNow(node.login()), refusedForNow(node.refresh(tokens))])
    expect(await node.ask(tokens)).toBe(200)
    expect((await fetch(`${node.origin}/livez`)).status).toBe(200)
    expect((await fetch(`${node.origin}/readyz`)).status).toBe(503)
    await mend()
    await recovered()
    // Whether the act behind a 503 was done or not: the same token succeeds.
    const next = await tokensIn(await node.refresh(tokens))
    expect(await node.ask(next)).toBe(200)
  },
)

test('read-only: 503, and nothing is consumed', async () => {
  const tokens = await tokensIn(await node.login())
  const name = new URL(database.url).pathname.slice(1)
  const maintenance = await openSession(server.url)
  const setTo = async (value: 'on' | 'off') => {
    await maintenance.sql(`alter database ${name} set default_transaction_read_only = ${value}`)
    proxy.cutAll()
  }
  await setTo('on')
  await refusedForNow(node.refresh(tokens))
  await setTo('off')
  await maintenance.release()
  await recovered()
  expect(await node.ask(await tokensIn(await node.refresh(tokens)))).toBe(200)
})

test('cut before COMMIT: nothing is consumed', async () => {
  const tokens = await tokensIn(await node.login())
  proxy.cutOnce('before_commit', 'generation = generation + 1')
  await refusedForNow(node.refresh(tokens))
  expect(await node.ask(await tokensIn(await node.refresh(tokens)))).toBe(200)
})

test('cut after COMMIT: the same token gives the one successor there is', async () => {
  const tokens = await tokensIn(await node.login())
  proxy.cutOnce('after_commit', 'generation = generation + 1')
  await refusedForNow(node.refresh(tokens))
  const again = await tokensIn(await node.refresh(tokens))
  const once = await tokensIn(await node.refresh(tokens))
  expect(once.refresh_token).toBe(again.refresh_token)
  await tokensIn(await node.refresh(again))
  expect((await node.refresh(tokens)).status).toBe(400)
})
