import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createDatabase } from '../postgres/shared.ts'
import { ask, type Heard } from './ask.ts'
import { aFolder, runToEnd, type Run } from './dev.ts'
import { atEachNode, everywhere, type Place } from './places.ts'

const api = 'https://api.example'

function requestToken(port: number, id: string, secret: string): Promise<Heard> {
  return ask(port, {
    method: 'POST',
    path: '/oauth2/token',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
    },
    body: 'grant_type=client_credentials',
  })
}

describe.each(everywhere)(
  'serve and the command line next to it, on $name',
  { timeout: 120_000 },
  ({ open }) => {
    const folder = aFolder()
    let place: Place
    let key = randomBytes(32).toString('base64url')
    let secret: string

    const environment = (more: Readonly<Record<string, string>> = {}) => ({
      COUNTERSIGN_KEY_ENCRYPTION_KEY: key,
      COUNTERSIGN_ISSUER: 'https://id.example',
      ...more,
    })

    /** Runs a command of the command line over what these scenarios keep. */
    const command = (args: readonly string[], more?: Readonly<Record<string, string>>) =>
      place.command({ args, folder, env: environment(more) })

    async function say<T>(...args: readonly string[]): Promise<T> {
      const { code, output } = await command([...args, '--json'])
      if (code !== 0) throw new Error(`${args.join(' ')}: ${output}`)
      return JSON.parse(output) as T
    }

    const startServe = (more: Readonly<Record<string, string>> = {}): Promise<Run> =>
      place.start({ args: ['serve'], folder, env: environment({ HOST: '127.0.0.1', ...more }) })

    /** The lines of the log with this message. */
    const logged = (run: Run, msg: string): readonly object[] =>
      run
        .output()
        .split('\n')
        .filter((line) => line.includes(`"msg":"${msg}"`))
        .map((line): object => JSON.parse(line))

    /** Each node learns another process's change in a moment. */
    const until = (status: number, work: () => Promise<Heard>) =>
      vi.waitFor(() => atEachNode(place, async () => expect((await work()).status).toBe(status)), {
        timeout: 10_000,
        interval: 50,
      })

    beforeAll(async () => {
      place = await open()
      await say('migrate')
      await say('resources', 'add', api, '--scope', 'read write')
      const added = await say<{ secret: string }>('clients', 'add', 'shop', '--resource', api)
      secret = added.secret
    }, 120_000)
    afterAll(() => place.drop())

    it('has no demo client, gives tokens to its own, logs JSON without secrets', async () => {
      const run = await startServe()
      expect((await requestToken(run.port, 'shop', secret)).status).toBe(200)
      expect((await requestToken(run.port, 'foo', 'bar')).status).toBe(401)
      const metrics = await ask(run.port, { path: '/metrics' })
      expect(metrics.body).toContain(
        'countersign_http_requests_total{endpoint="/oauth2/token",status="2xx"} 1',
      )
      expect(metrics.body).not.toContain('shop')
      expect(await run.end()).toBe(0)
      const lines = run
        .output()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { msg: string })
      expect(lines[0]).toMatchObject({
        msg: 'Countersign is ready.',
        level: 'info',
        service: 'countersign',
        issuer: 'https://id.example',
        address: expect.stringMatching(/^127\.0\.0\.1:\d+$/u),
        database: place.env['DATABASE_URL'] === undefined ? 'SQLite' : 'Postgres',
        clients: 1,
        resources: 1,
        users: 0,
        feed: 'open',
        missing: [expect.stringContaining('a trusted proxy')],
      })
      expect(lines.at(-1)?.msg).toBe('Countersign has stopped.')
      expect(run.output()).not.toContain(secret)
    })

    it('writes a debug line for each request, without a query or a token', async () => {
      const run = await startServe({ COUNTERSIGN_LOG_LEVEL: 'debug' })
      const { body } = await requestToken(run.port, 'shop', secret)
      await requestToken(run.port, 'shop', 'wrong')
      await requestToken(run.port, 'a-stranger', 'wrong')
      const headers = { authorization: `Bearer ${JSON.parse(body).access_token}` }
      await ask(run.port, { path: '/protected?why=hidden-query', headers })
      await ask(run.port, { path: '/nothing/of-ours' })
      expect(await run.end()).toBe(0)
      const route = '/oauth2/token'
      expect(logged(run, 'request')).toEqual(
        expect.arrayContaining([
          aRequest({ method: 'POST', route, status: 200, client: 'shop' }),
          aRequest({ method: 'POST', route, status: 401, client: 'shop', reason: 'secret_wrong' }),
          aRequest({ method: 'POST', route, status: 401, reason: 'client_unknown' }),
          aRequest({ route: '/protected', status: 400, reason: 'audience_mismatch' }),
          aRequest({ method: 'GET', route: 'none', status: 404, reason: 'not_found' }),
        ]),
      )
      const [, , signature] = JSON.parse(body).access_token.split('.')
      for (const hidden of ['hidden-query', 'a-stranger', 'of-ours', secret, signature])
        expect(run.output()).not.toContain(hidden)
    })

    it('gives a client several resources, each with scopes of its own', async () => {
      const other = 'https://other.example/?tenant=1'
      await say('resources', 'add', other, '--scope', 'look touch')
      const given = ['--access', `${api}=read`, '--access', `${other}=look`]
      const { client } = await say<{ client: { access: unknown } }>(
        'clients',
        'add',
        'two',
        ...given,
      )
      expect(client.access).toEqual([
        { audience: api, scopes: ['read'] },
        { audience: other, scopes: ['look'] },
      ])
      const twice = await command(['clients', 'add', 'x', ...given, '--resource', api])
      expect(twice).toMatchObject({ code: 1, output: expect.stringContaining('named twice') })
      const beyond = await command(['clients', 'add', 'x', '--access', `${api}=look`])
      expect(beyond).toMatchObject({ code: 1, output: expect.stringContaining('no scope look') })
      await say('clients', 'remove', 'two')
    })

    it('sees what the command line changes while it runs', async () => {
      const run = await startServe()
      const old = () => requestToken(run.port, 'shop', secret)
      expect((await old()).status).toBe(200)
      const before = await say<{ secrets: { id: string }[] }>('clients', 'show', 'shop')
      const rotated = await say<{ secret: string }>('clients', 'rotate-secret', 'shop')
      const fresh = () => requestToken(run.port, 'shop', rotated.secret)
      await until(200, fresh)
      expect((await old()).status).toBe(200)
      const { id } = before.secrets[0] ?? { id: '' }
      await command(['clients', 'drop-secret', '--json', '--', 'shop', id])
      await until(401, old)
      secret = rotated.secret
      await say('clients', 'disable', 'shop')
      await until(401, fresh)
      expect(await command(['clients', 'disable', 'shop'])).toMatchObject({
        code: 1,
        output: expect.stringContaining('shop is already disabled.'),
      })
      await say('clients', 'enable', 'shop')
      await until(200, fresh)
      // One of the nodes logs each act of the command line.
      await vi.waitFor(() => expect(logged(run, 'client enabled')).toHaveLength(1), 10_000)
      expect(logged(run, 'client disabled')).toMatchObject([
        { level: 'info', event: 'client_disabled', clientId: 'shop', actor: 'operator' },
      ])
      await run.end()
    })

    it('rotates and burns keys while it runs; every live token but the burnt one stays known', async () => {
      const run = await startServe()
      const kidOf = async () => {
        const { body } = await requestToken(run.port, 'shop', secret)
        const { access_token: token } = JSON.parse(body) as { access_token: string }
        return (
          JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as {
            kid: string
          }
        ).kid
      }
      const published = async () => {
        const { body } = await ask(run.port, { path: '/.well-known/jwks.json' })
        return (JSON.parse(body) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)
      }
      /** Every node signs with another key than this one. */
      const turned = (from: string) =>
        vi.waitFor(() => atEachNode(place, async () => expect(await kidOf()).not.toBe(from)), {
          timeout: 10_000,
          interval: 50,
        })
      const first = await kidOf()
      const early = await command(['keys', 'rotate', '--json'])
      expect(early).toMatchObject({ code: 1, output: expect.stringContaining('too_early') })
      await say('keys', 'rotate', '--force')
      await turned(first)
      const second = await kidOf()
      await atEachNode(place, async () =>
        expect(await published()).toEqual(expect.arrayContaining([first, second])),
      )
      const { successor } = await say<{ successor: string }>('keys', 'revoke', second)
      await turned(second)
      expect(await kidOf()).toBe(successor)
      await atEachNode(place, async () => expect(await published()).not.toContain(second))
      await run.end()
    })

    it('reseals keys, and opens only with the new key from then on', async () => {
      const next = randomBytes(32).toString('base64url')
      const before = await say<{ kid: string }[]>('keys', 'ls')
      const resealed = await command(['keys', 'reseal', '--json'], {
        COUNTERSIGN_NEW_KEY_ENCRYPTION_KEY: next,
      })
      expect(JSON.parse(resealed.output)).toEqual({ count: before.length })
      const stale = await command(['keys', 'ls'])
      expect(stale).toMatchObject({
        code: 1,
        output: expect.stringContaining('key-encryption key'),
      })
      key = next
      expect(await say<unknown[]>('keys', 'ls')).toHaveLength(before.length)
    })

    it('prints a token for a client', async () => {
      const run = await startServe()
      const issuer = `http://127.0.0.1:${run.port}`
      const { code, output } = await command(['token', '--client', 'shop', '--issuer', issuer], {
        COUNTERSIGN_CLIENT_SECRET: secret,
      })
      expect({ code, parts: output.trim().split('.').length }).toEqual({ code: 0, parts: 3 })
      const wrong = await command(['token', '--client', 'shop', '--issuer', issuer], {
        COUNTERSIGN_CLIENT_SECRET: 'guess',
      })
      expect(wrong).toMatchObject({ code: 1, output: expect.stringContaining('invalid_client') })
      await run.end()
    })

    it('verifies the audit log, backs up and restores', async () => {
      expect((await say<{ damages: unknown[] }>('audit', 'verify')).damages).toEqual([])
      const { output } = await command(['audit', 'tail', '--json'])
      const events = output
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { event: string }).event)
      expect(events).toEqual(
        expect.arrayContaining(['client_added', 'resource_added', 'key_burnt', 'keys_resealed']),
      )
      expect(output).not.toContain(secret)
      const last = await command(['audit', 'tail', '--limit', '1', '--json'])
      expect(last.output.trim()).toBe(output.trim().split('\n').at(-1))
    })

    it.each([
      ['a client twice', ['clients', 'add', 'shop']],
      ['a client with a strange id', ['clients', 'add', 'a b']],
      ['a client of an unknown resource', ['clients', 'add', 'x', '--resource', 'https://none.x']],
      ['a resource with a fragment', ['resources', 'add', 'https://a.example/#x']],
      ['a resource that is in use', ['resources', 'remove', api]],
      ['an unknown client', ['clients', 'show', 'nobody']],
      ['an unknown key', ['keys', 'revoke', 'nothing']],
    ])('ends %s with 1 and one sentence', async (_, args) => {
      const { code, output } = await command(args)
      expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(/^[^\n]+\n$/u) })
    })

    it.each([
      ['an unknown grant', ['clients', 'add', 'x', '--grants', 'password']],
      ['an unknown algorithm', ['resources', 'add', 'https://a.example', '--alg', 'none']],
    ])('does not understand %s, and names the choices', async (_, args) => {
      const { code, output } = await command(args)
      expect({ code, output }).toEqual({ code: 2, output: expect.stringContaining('It is one of') })
    })
  },
)

// Postgres has tools of its own for this.
it('a backup of the embedded database is restored elsewhere', { timeout: 60_000 }, async () => {
  const key = randomBytes(32).toString('base64url')
  const here = { folder: aFolder(), env: { COUNTERSIGN_KEY_ENCRYPTION_KEY: key } }
  const added = await runToEnd({ ...here, args: ['clients', 'add', 'shop', '--json'] })
  const { secret } = JSON.parse(added.output.trim().split('\n').at(-1) ?? '') as { secret: string }
  const copy = join(here.folder, 'copy.db')
  expect((await runToEnd({ ...here, args: ['backup', copy] })).code).toBe(0)
  expect((await runToEnd({ ...here, args: ['backup', copy] })).code).toBe(1)
  expect(readFileSync(copy).includes(secret)).toBe(false)
  const there = { ...here, folder: aFolder() }
  const args = ['restore', copy, '--disable-clients', '--json']
  const restored = await runToEnd({ ...there, args })
  expect(JSON.parse(restored.output)).toMatchObject({
    clientsDisabled: 1,
    unknownSince: expect.stringMatching(/^20.*Z$/u),
    repeat: { droppedSecrets: expect.stringContaining('drop-secret') },
  })
  const listed = await runToEnd({ ...there, args: ['clients', 'list', '--json'] })
  expect((JSON.parse(listed.output) as { id: string }[]).map(({ id }) => id)).toEqual(['shop'])
  const env = { ...here.env, DATABASE_URL: 'postgres://nobody@db.example/none' }
  const refused = await runToEnd({ ...here, env, args: ['backup', copy] })
  expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('pg_dump') })
})

it('a restore under another key-encryption key is refused, and nothing is put in place', async () => {
  const made = { folder: aFolder(), env: aKey() }
  expect((await runToEnd({ ...made, args: ['clients', 'add', 'shop'] })).code).toBe(0)
  const copy = join(made.folder, 'copy.db')
  expect((await runToEnd({ ...made, args: ['backup', copy] })).code).toBe(0)
  const there = { folder: aFolder(), env: aKey() }
  const refused = await runToEnd({ ...there, args: ['restore', copy] })
  expect(refused.code).toBe(1)
  expect(refused.output).toContain('The key-encryption key does not open key')
  expect((await runToEnd({ ...there, args: ['clients', 'list'] })).output).toContain(
    'There is no database',
  )
  const right = await runToEnd({ ...there, env: made.env, args: ['restore', copy] })
  expect(right.code).toBe(0)
})

function aKey(): { readonly COUNTERSIGN_KEY_ENCRYPTION_KEY: string } {
  return { COUNTERSIGN_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64url') }
}

it(
  'a Postgres database that was restored is made safe by a restore without a file',
  { timeout: 60_000 },
  async () => {
    const database = await createDatabase()
    onTestFinished(() => database.drop())
    const env = {
      COUNTERSIGN_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64url'),
      DATABASE_URL: database.url,
    }
    const run = (...args: readonly string[]) =>
      runToEnd({ folder: aFolder(), env, args: [...args] })
    expect((await run('migrate')).code).toBe(0)
    expect((await run('clients', 'add', 'shop')).code).toBe(0)
    const named = await run('restore', 'monday.dump')
    expect(named).toMatchObject({ code: 1, output: expect.stringContaining('pg_restore') })
    const { output } = await run('restore', '--disable-clients', '--json')
    expect(JSON.parse(output)).toMatchObject({ clientsDisabled: 1, keysBurnt: expect.any(Number) })
    expect(JSON.parse((await run('clients', 'show', 'shop', '--json')).output)).toMatchObject({
      enabled: false,
    })
  },
)

/** A debug line of a request with these facts. */
function aRequest(facts: object): unknown {
  return expect.objectContaining({ level: 'debug', ms: expect.any(Number), ...facts })
}
