import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createLog } from '../../packages/server/src/main/log.ts'
import { startService, type Service } from '../../packages/server/src/main/service.ts'
import { processSurroundings } from '../../packages/server/src/main/surroundings.ts'
import { migrateStore } from '../../packages/server/src/store/open-store.ts'
import { startPostgres, type PostgresServer } from '../postgres/server.ts'
import { createDatabase, openSession, type Database } from '../postgres/shared.ts'
import { startProxy, type Proxy } from './proxy.ts'

const credentials = { client_id: 'foo', client_secret: 'bar' }

let server: PostgresServer
let database: Database
let proxy: Proxy
let service: Service
let origin: string

beforeAll(async () => {
  server = await startPostgres()
  database = await createDatabase(server.url)
  proxy = await startProxy(database.url)
  const surroundings = processSurroundings()
  await migrateStore(database.url, surroundings, { dryRun: false })
  service = await startService(
    {
      issuer: 'http://tokens.test',
      database: proxy.url,
      sealingKey: new Uint8Array(32).fill(5),
      listen: { hosts: ['127.0.0.1'], optional: [], port: 0 },
      edge: {},
      oauth: {
        refresh: { idleTtlSeconds: 1000, absoluteTtlSeconds: 5000, repeatWindowSeconds: 30 },
        auditEach: false,
        trustedIssuers: [],
      },
      demo: { tokenAlg: 'ES256' },
    },
    surroundings,
    createLog({ level: 'silent', pretty: false }),
  )
  origin = `http://127.0.0.1:${service.port}`
})
afterAll(async () => {
  await service.stop()
  await proxy.close()
  await server.remove()
})

interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
}

async function login(): Promise<Response> {
  return await fetch(`${origin}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...credentials, scope: 'offline_access read' }),
  })
}

async function refresh({ refresh_token }: Tokens): Promise<Response> {
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token, ...credentials })
  return await fetch(`${origin}/oauth2/token`, { method: 'POST', body })
}

async function tokensIn(response: Response): Promise<Tokens> {
  expect(response.status).toBe(200)
  const tokens: Tokens = JSON.parse(await response.text())
  return tokens
}

async function isOpen({ access_token }: Tokens): Promise<number> {
  const headers = { authorization: `Bearer ${access_token}` }
  return (await fetch(`${origin}/protected`, { headers })).status
}

/** The answer while the database is away: in time, and with the word when to come again. */
async function refusedForNow(asking: Promise<Response>): Promise<void> {
  const late = new AbortController()
  const answer = await Promise.race([asking, pause(2000, undefined, { signal: late.signal })])
  late.abort()
  expect(answer?.status).toBe(503)
  expect(Number(answer?.headers.get('retry-after'))).toBeGreaterThan(0)
}

async function recovered(): Promise<void> {
  await vi.waitFor(async () => expect((await fetch(`${origin}/readyz`)).status).toBe(200), {
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
    const tokens = await tokensIn(await login())
    await fail()
    await Promise.all([refusedForNow(login()), refusedForNow(refresh(tokens))])
    expect(await isOpen(tokens)).toBe(200)
    expect((await fetch(`${origin}/livez`)).status).toBe(200)
    expect((await fetch(`${origin}/readyz`)).status).toBe(503)
    await mend()
    await recovered()
    // Whether the act behind a 503 was done or not: the same token succeeds.
    const next = await tokensIn(await refresh(tokens))
    expect(await isOpen(next)).toBe(200)
  },
)

test('read-only: 503, and nothing is consumed', async () => {
  const tokens = await tokensIn(await login())
  const name = new URL(database.url).pathname.slice(1)
  const maintenance = await openSession(server.url)
  const setTo = async (value: 'on' | 'off') => {
    await maintenance.sql(`alter database ${name} set default_transaction_read_only = ${value}`)
    proxy.cutAll()
  }
  await setTo('on')
  await refusedForNow(refresh(tokens))
  await setTo('off')
  await maintenance.release()
  await recovered()
  expect(await isOpen(await tokensIn(await refresh(tokens)))).toBe(200)
})

test('cut before COMMIT: nothing is consumed', async () => {
  const tokens = await tokensIn(await login())
  proxy.cutOnce('before_commit', 'generation = generation + 1')
  await refusedForNow(refresh(tokens))
  expect(await isOpen(await tokensIn(await refresh(tokens)))).toBe(200)
})

test('cut after COMMIT: the same token gives the one successor there is', async () => {
  const tokens = await tokensIn(await login())
  proxy.cutOnce('after_commit', 'generation = generation + 1')
  await refusedForNow(refresh(tokens))
  const again = await tokensIn(await refresh(tokens))
  const once = await tokensIn(await refresh(tokens))
  expect(once.refresh_token).toBe(again.refresh_token)
  await tokensIn(await refresh(again))
  expect((await refresh(tokens)).status).toBe(400)
})
