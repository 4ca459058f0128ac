import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createDatabase, type Database } from '../postgres/shared.ts'
import { startProxy, type Proxy } from './proxy.ts'
import { startNode, tokensIn, type TestNode, type Tokens } from './start-node.ts'

let database: Database
let proxy: Proxy
let whole: TestNode
/** The node whose line to the database is cut. */
let cutOff: TestNode
let tokens: Tokens

beforeAll(async () => {
  database = await createDatabase()
  proxy = await startProxy(database.url)
  whole = await startNode(database.url)
  cutOff = await startNode(proxy.url)
  tokens = await tokensIn(await cutOff.login())
})
afterAll(async () => {
  await cutOff.stop().catch(() => {})
  await whole.stop()
  await proxy.close()
  await database.drop()
})

interface Row {
  readonly name: string
  readonly path: string
  readonly form?: Readonly<Record<string, string>>
  readonly bearer?: true
}

const client = { client_id: 'foo', client_secret: 'bar' }
const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
const accessToken = 'urn:ietf:params:oauth:token-type:access_token'

/** Each answer that rests on the revocation log in memory. */
const rows = (): readonly Row[] => [
  { name: 'introspection', path: '/oauth2/introspect', form: { token: tokens.access_token } },
  { name: 'client credentials', path: '/oauth2/token', form: { grant_type: 'client_credentials' } },
  {
    name: 'token exchange',
    path: '/oauth2/token',
    form: {
      grant_type: exchange,
      subject_token: tokens.access_token,
      subject_token_type: accessToken,
    },
  },
  {
    name: 'refresh',
    path: '/oauth2/token',
    form: { grant_type: 'refresh_token', refresh_token: tokens.refresh_token },
  },
  { name: 'login', path: '/login', form: {} },
  { name: 'guarded page', path: '/protected', bearer: true },
  { name: 'snapshot page', path: '/revocations' },
  { name: 'stream, whose heartbeat is signed', path: '/revocations/stream?epoch=a&after=0' },
  { name: 'status list', path: '/status-lists/any' },
]

function ask({ path, form, bearer }: Row): Promise<Response> {
  const headers = bearer === true ? { authorization: `Bearer ${tokens.access_token}` } : undefined
  return fetch(`${cutOff.origin}${path}`, {
    ...(headers === undefined ? {} : { headers }),
    ...(form === undefined
      ? {}
      : { method: 'POST', body: new URLSearchParams({ ...client, ...form }) }),
  })
}

const guardedPage = () => cutOff.ask(tokens)

test('a node without its database serves nothing from an old log, and serves again by itself', async () => {
  expect(await guardedPage()).toBe(200)
  proxy.refuse(true)
  const cutAt = performance.now()
  await vi.waitFor(async () => expect(await guardedPage()).toBe(503), {
    timeout: 10_000,
    interval: 50,
  })
  expect(performance.now() - cutAt).toBeLessThan(7_000)
  expect((await whole.revoke(tokens.access_token)).status).toBe(200)
  const answers = await Promise.all(
    rows().map(async (row) => {
      const answer = await ask(row)
      const body: { error?: string; request_id?: string } = JSON.parse(await answer.text())
      const { status, headers } = answer
      return {
        name: row.name,
        status,
        retryAfter: headers.get('retry-after'),
        error: body.error,
        hasId: body.request_id !== undefined,
      }
    }),
  )
  const refused = {
    status: 503,
    retryAfter: '1',
    error: 'temporarily_unavailable',
    hasId: true,
  }
  expect(answers).toEqual(rows().map(({ name }) => ({ name, ...refused })))
  expect((await fetch(`${cutOff.origin}/readyz`)).status).toBe(503)
  // Answers that need no revocation are still served: guards and clients read keys and addresses.
  for (const path of ['/livez', '/.well-known/jwks.json', '/revocations/jwks.json', '/metrics'])
    expect((await fetch(`${cutOff.origin}${path}`)).status).toBe(200)

  proxy.refuse(false)
  await vi.waitFor(async () => expect((await fetch(`${cutOff.origin}/readyz`)).status).toBe(200), {
    timeout: 5000,
    interval: 50,
  })
  // The other node revoked the token meanwhile.
  expect(await guardedPage()).toBe(400)
  const introspected = await ask({
    name: '',
    path: '/oauth2/introspect',
    form: { token: tokens.access_token },
  })
  expect(await introspected.json()).toEqual({ active: false })
})
