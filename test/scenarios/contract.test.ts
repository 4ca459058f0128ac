import { execFileSync } from 'node:child_process'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { decodeUnverified } from '@countersign/jwt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, demoLogin, logIn, opens, type Ask, type Heard } from './ask.ts'
import { startDev, type Run } from './dev.ts'
import { places, type Place } from './places.ts'

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
  { name: 'what is no token', request: () => bearer('not.a.token'), reply: invalid },
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

const under = places.flatMap(({ name, open }) =>
  ['ES256', 'HS256', 'RS256', 'PS256', 'Ed25519'].map((alg) => ({ name, open, alg })),
)

describe.each(under)('the contract under $alg on $name', ({ alg, open }) => {
  let place: Place
  let run: Run
  let token: string

  beforeAll(async () => {
    place = await open()
    run = await startDev({ args: ['--alg', alg], env: place.env })
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

  it('signs with it, and says who, for whom and until when', () => {
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

  it('challenges beside its own body', async () => {
    const { headers } = await ask(run.port, bearer('x.y.z'))
    expect(headers['www-authenticate']).toContain('Bearer')
  })

  it('refuses a token that was taken back', async () => {
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
    const { status, body: said } = await ask(run.port, bearer(dead))
    expect({ status, body: said }).toEqual(invalid)
    expect(await opens(run.port, token)).toBe(true)
  })

  it('publishes no secret', async () => {
    const { body } = await ask(run.port, { path: '/.well-known/jwks.json' })
    const { keys } = JSON.parse(body) as { keys: Record<string, unknown>[] }
    expect(keys.length).toBeGreaterThan(0)
    expect(keys.filter((key) => 'd' in key || 'k' in key || key['kty'] === 'oct')).toEqual([])
  })
})

describe('the contract beyond its table', () => {
  let run: Run
  beforeAll(async () => {
    run = await startDev()
  })
  afterAll(() => run.end())

  it('takes the two commands as they were printed', () => {
    const { port } = run
    const curl = (command: string) =>
      execFileSync('sh', ['-c', command.replace('curl', 'curl -s')], { encoding: 'utf8' })
    const answer = curl(
      `curl localhost:${port}/login -H 'Content-Type: application/json/' -d '{"client_id":"foo","client_secret":"bar"}'`,
    )
    const { access_token: token } = JSON.parse(answer) as { access_token: string }
    const opened = curl(`curl localhost:${port}/protected -H 'Authorization: Bearer ${token}'`)
    expect(opened).toBe('Welcome to the protected area, foo!')
  })

  it('takes the commands of its own start block', () => {
    const commands = run
      .output()
      .split('\n')
      .filter((line) => line.trim().startsWith('curl'))
    expect(commands).toHaveLength(2)
    const said = commands.map((command) =>
      execFileSync('sh', ['-c', command.replace('curl', 'curl -s')], { encoding: 'utf8' }),
    )
    expect(said[0]).toContain('access_token')
    expect(said[1]).toBe('Welcome to the protected area, foo!')
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
    const database = new DatabaseSync(join(run.folder, 'data', 'countersign.db'), {
      timeout: 2_000,
    })
    database.exec(`delete from keys where purpose = 'token';
      update log_head set changes = changes + 1;
      insert into changes (record, id, sequence) select 'keys', 'gone', changes from log_head`)
    database.close()
    const failed = (heard: Heard) => heard.status === 500
    let heard = await ask(run.port, demoLogin)
    for (let turn = 0; turn < 40 && !failed(heard); turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      heard = await ask(run.port, demoLogin)
    }
    expect({ status: heard.status, body: heard.body }).toEqual({
      status: 500,
      body: '{"error":"Token creation error"}',
    })
  })
})
