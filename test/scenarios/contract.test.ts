import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { decodeUnverified } from '@countersign/jwt'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { ask, demoLogin, logIn, opens, type Ask } from './ask.ts'
import { startDev, type Run } from './dev.ts'
import { atEachNode, everywhere, type Place } from './places.ts'

const json = { 'content-type': 'application/json' }
const login = (body: string, headers: Ask['headers'] = json): Ask => ({
  method: 'POST',
  path: '/login',
  headers,
  body,
})
const bearer = (token: string): Ask => ({
  path: '/protected',
  headers: { authorization: `Bearer ${token}` },
})
const missing = { status: 400, body: '{"error":"Missing credentials"}' }
const wrong = { status: 401, body: '{"error":"Wrong credentials"}' }
const invalid = { status: 400, body: '{"error":"Invalid token"}' }

interface Row {
  readonly name: string
  readonly request: (token: string) => Ask
  readonly reply: { readonly status: number; readonly body?: string; readonly type?: string }
}

const rows: readonly Row[] = [
  {
    name: 'the greeting',
    request: () => ({ path: '/' }),
    reply: { status: 200, type: 'text/plain; charset=utf-8', body: 'Hello, world!' },
  },
  { name: 'a login', request: () => demoLogin, reply: { status: 200, type: 'application/json' } },
  {
    name: 'a login with a charset',
    request: () =>
      login(String(demoLogin.body), { 'content-type': 'application/json; charset=utf-8' }),
    reply: { status: 200 },
  },
  { name: 'no secret', request: () => login('{"client_id":"foo"}'), reply: missing },
  { name: 'no id', request: () => login('{"client_secret":"bar"}'), reply: missing },
  {
    name: 'an empty id',
    request: () => login('{"client_id":"","client_secret":"bar"}'),
    reply: missing,
  },
  {
    name: 'an empty secret',
    request: () => login('{"client_id":"foo","client_secret":""}'),
    reply: missing,
  },
  { name: 'a list', request: () => login('["foo","bar"]'), reply: missing },
  {
    name: 'a number for a secret',
    request: () => login('{"client_id":"foo","client_secret":7}'),
    reply: missing,
  },
  { name: 'no JSON', request: () => login('client_id=foo&client_secret=bar'), reply: missing },
  { name: 'nothing at all', request: () => login(''), reply: missing },
  {
    name: 'the same member twice',
    request: () => login('{"client_id":"foo","client_id":"foo","client_secret":"bar"}'),
    reply: missing,
  },
  {
    name: 'a wrong secret',
    request: () => login('{"client_id":"foo","client_secret":"baz"}'),
    reply: wrong,
  },
  {
    name: 'a wrong id',
    request: () => login('{"client_id":"fox","client_secret":"bar"}'),
    reply: wrong,
  },
  {
    name: 'another content type',
    request: () => login(String(demoLogin.body), { 'content-type': 'text/plain' }),
    reply: { status: 415 },
  },
  {
    name: 'no content type',
    request: () => login(String(demoLogin.body), {}),
    reply: { status: 415 },
  },
  {
    name: 'the protected area',
    request: bearer,
    reply: {
      status: 200,
      type: 'text/plain; charset=utf-8',
      body: 'Welcome to the protected area, foo!',
    },
  },
  {
    name: 'the scheme in lower case',
    request: (token) => ({ path: '/protected', headers: { authorization: `bearer ${token}` } }),
    reply: { status: 200 },
  },
  { name: 'no token', request: () => ({ path: '/protected' }), reply: invalid },
  {
    name: 'no token after the scheme',
    request: () => ({ path: '/protected', headers: { authorization: 'Bearer' } }),
    reply: invalid,
  },
  {
    name: 'another scheme',
    request: (token) => ({ path: '/protected', headers: { authorization: `Basic ${token}` } }),
    reply: invalid,
  },
  { name: 'a text that is no token', request: () => bearer('not.a.token'), reply: invalid },
  {
    name: 'a token cut by one letter',
    request: (token) => bearer(token.slice(0, -1)),
    reply: invalid,
  },
  { name: 'a forged signature', request: (token) => bearer(forge(token)), reply: invalid },
  { name: 'a changed claim', request: (token) => bearer(promote(token)), reply: invalid },
  { name: 'the algorithm none', request: (token) => bearer(unsign(token)), reply: invalid },
]

function forge(token: string): string {
  const [head, claims, signature = ''] = token.split('.')
  const other = signature.startsWith('A') ? 'B' : 'A'
  return `${head}.${claims}.${other}${signature.slice(1)}`
}

function promote(token: string): string {
  const [head, claims = '', signature] = token.split('.')
  const read = JSON.parse(Buffer.from(claims, 'base64url').toString()) as object
  const changed = Buffer.from(JSON.stringify({ ...read, username: 'root' })).toString('base64url')
  return `${head}.${changed}.${signature}`
}

function unsign(token: string): string {
  const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')
  return `${none}.${token.split('.')[1]}.`
}

/** Types a command as it was printed; only the picture of its progress is left out. */
async function type(command: string): Promise<string> {
  const { stdout } = await promisify(execFile)('sh', ['-c', command.replace('curl', 'curl -s')])
  return stdout
}

const under = everywhere.flatMap(({ name, open }) =>
  ['ES256', 'HS256', 'RS256', 'PS256', 'Ed25519'].map((alg) => ({ name, open, alg })),
)

describe.each(under)('the contract under $alg on $name', ({ alg, open }) => {
  let place: Place
  let run: Run
  let token: string

  beforeAll(async () => {
    place = await open()
    run = await place.start({ args: ['--alg', alg] })
    token = await logIn(run.port)
  })
  afterAll(async () => {
    await run.end()
    await place.drop()
  })

  it.each(rows)('$name: $reply.status', async ({ request, reply }) => {
    const heard = await ask(run.port, request(token))
    const { status, body, headers } = heard
    expect({ status, body, type: headers['content-type'] }).toMatchObject(reply)
  })

  it('leaves nothing of it to a cache (G17, E34)', async () => {
    for (const request of [bearer(token), demoLogin, bearer('x'), login('{}')]) {
      expect((await ask(run.port, request)).headers['cache-control']).toBe('no-store')
    }
  })

  it('signs with it, and states client, audience and expiry', () => {
    const read = decodeUnverified(token)
    if (!read.ok) throw new Error(read.refusal.reason)
    const { header, claims } = read.value
    const issuer = `http://localhost:${run.port}`
    expect(header).toMatchObject({ alg, typ: 'at+jwt' })
    expect(claims).toMatchObject({
      iss: issuer,
      aud: `${issuer}/protected`,
      sub: 'foo',
      client_id: 'foo',
      username: 'foo',
      cv: 1,
    })
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(86_400)
    expect(Object.keys(claims)).toEqual(expect.arrayContaining(['jti', 'scope', 'cid']))
  })

  it('answers a login without caches, with a lifetime in whole seconds', async () => {
    const { headers, body } = await ask(run.port, demoLogin)
    expect(headers['cache-control']).toBe('no-store')
    expect(JSON.parse(body)).toMatchObject({ token_type: 'Bearer', expires_in: 86_400 })
  })

  it('challenges in addition to its own body', async () => {
    const { headers } = await ask(run.port, bearer('x.y.z'))
    expect(headers['www-authenticate']).toContain('Bearer')
  })

  it('refuses a revoked token', async () => {
    const dead = await logIn(run.port)
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = new URLSearchParams({ token: dead, client_id: 'foo', client_secret: 'bar' })
    const revoked = await ask(run.port, {
      method: 'POST',
      path: '/oauth2/revoke',
      headers: form,
      body: String(body),
    })
    expect(revoked.status).toBe(200)
    await atEachNode(place, async () => {
      const { status, body: said } = await ask(run.port, bearer(dead))
      expect({ status, body: said }).toEqual(invalid)
    })
    expect(await opens(run.port, token)).toBe(true)
  })

  it('publishes no secret', async () => {
    const { body } = await ask(run.port, { path: '/.well-known/jwks.json' })
    const { keys } = JSON.parse(body) as { keys: Record<string, unknown>[] }
    expect(keys.length).toBeGreaterThan(0)
    expect(keys.filter((key) => 'd' in key || 'k' in key || key['kty'] === 'oct')).toEqual([])
  })
})

describe.each(everywhere)('the contract beyond its table on $name', ({ open }) => {
  let place: Place
  let run: Run
  beforeAll(async () => {
    place = await open()
    run = await place.start()
  })
  afterAll(async () => {
    await run.end()
    await place.drop()
  })

  it('takes the two commands as they were printed', async () => {
    const { port } = run
    const answer = await type(
      `curl localhost:${port}/login -H 'Content-Type: application/json/' -d '{"client_id":"foo","client_secret":"bar"}'`,
    )
    const { access_token: token } = JSON.parse(answer) as { access_token: string }
    const opened = await type(
      `curl localhost:${port}/protected -H 'Authorization: Bearer ${token}'`,
    )
    expect(opened).toBe('Welcome to the protected area, foo!')
  })

  it('gives a refresh token to the demo client that asks for one', async () => {
    const body = JSON.stringify({
      client_id: 'foo',
      client_secret: 'bar',
      scope: 'offline_access read',
    })
    const heard = await ask(run.port, { ...demoLogin, body })
    expect(JSON.parse(heard.body)).toMatchObject({
      scope: 'read',
      refresh_token: expect.any(String),
    })
  })

  it.each([
    ['admin', 403, 'invalid_scope'],
    ['a  b', 400, 'Missing credentials'],
  ])('answers the scope "%s" with %d', async (scope, status, error) => {
    const body = JSON.stringify({ client_id: 'foo', client_secret: 'bar', scope })
    const heard = await ask(run.port, { ...demoLogin, body })
    expect({ status: heard.status, ...(JSON.parse(heard.body) as object) }).toMatchObject({
      status,
      error,
    })
  })

  it('says that no token could be made when no key signs', async () => {
    // Somebody deletes the signing keys behind our back; what is remembered is read again on the next change.
    await place.meddle(
      run.folder,
      `delete from keys where purpose = 'token';
      update log_head set changes = changes + 1;
      insert into changes (record, id, sequence) select 'keys', 'gone', changes from log_head`,
    )
    const failed = { status: 500, body: '{"error":"Token creation error"}' }
    await vi.waitFor(
      () =>
        atEachNode(place, async () => {
          const { status, body } = await ask(run.port, demoLogin)
          expect({ status, body }).toEqual(failed)
        }),
      { timeout: 10_000, interval: 50 },
    )
  })
})

// On SQLite only: `dev` puts its demo client into no other database, so nobody else prints this block.
it('the two commands of the start block of dev work as they are printed', async () => {
  const run = await startDev()
  onTestFinished(async () => void (await run.end()))
  const commands = run
    .output()
    .split('\n')
    .filter((line) => line.trim().startsWith('curl'))
  expect(commands).toHaveLength(2)
  const said = []
  for (const command of commands) said.push(await type(command))
  expect(said[0]).toContain('access_token')
  expect(said[1]).toBe('Welcome to the protected area, foo!')
})
