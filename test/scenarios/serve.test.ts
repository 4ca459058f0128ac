import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../free-port.ts'
import { ask, type Heard } from './ask.ts'
import { aFolder, runToEnd, startProgram, type Run } from './dev.ts'

const api = 'https://api.example'
const folder = aFolder()
const key = randomBytes(32).toString('base64url')
const nextKey = randomBytes(32).toString('base64url')
const env = { COUNTERSIGN_KEY_ENCRYPTION_KEY: key, COUNTERSIGN_ISSUER: 'https://id.example' }

/** Runs a command of the command line over the data folder of this file. */
const command = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
  runToEnd({ args, folder, env: { ...env, ...more } })

async function say<T>(...args: readonly string[]): Promise<T> {
  const { code, output } = await command([...args, '--json'])
  if (code !== 0) throw new Error(`${args.join(' ')}: ${output}`)
  return JSON.parse(output) as T
}

async function startServe(more: Readonly<Record<string, string>> = {}): Promise<Run> {
  const run = await startProgram({
    args: ['serve'],
    folder,
    env: { ...env, HOST: '127.0.0.1', ...more },
  })
  while (!run.output().includes('is ready.')) {
    if (run.child.exitCode !== null) throw new Error(run.output())
    await Promise.race([once(run.child.stderr ?? run.child, 'data'), once(run.child, 'exit')])
  }
  return run
}

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

/** Asks until another process's change is seen; it must be within a moment. */
async function until(status: number, work: () => Promise<Heard>): Promise<number> {
  let heard = await work()
  for (let turn = 0; turn < 60 && heard.status !== status; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    heard = await work()
  }
  return heard.status
}

describe('serve and the command line beside it', { timeout: 120_000 }, () => {
  let secret: string

  beforeAll(async () => {
    await say('resources', 'add', api, '--scope', 'read write')
    const added = await say<{ secret: string }>('clients', 'add', 'shop', '--resource', api)
    secret = added.secret
  }, 120_000)

  it('refuses to start without issuer and key, naming both at once', async () => {
    const { code, output } = await runToEnd({ args: ['serve'], folder })
    expect(code).toBe(1)
    expect(output).toContain('COUNTERSIGN_ISSUER is missing')
    expect(output).toContain('COUNTERSIGN_KEY_ENCRYPTION_KEY is missing')
  })

  it('refuses to start under an address that this machine does not have', async () => {
    const { code, output } = await command(['serve'], { HOST: '203.0.113.5' })
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringMatching(/^[^\n]+HOST\.\n$/u),
    })
  })

  const elsewhere = { COUNTERSIGN_DATA_DIR: 'elsewhere' }
  it.each([
    [['backup', '/sys/countersign/monday.db'], {}, 'monday.db'],
    [['backup', '/proc/countersign/monday.db'], {}, 'monday.db'],
    [['restore', '.'], elsewhere, '. cannot be copied'],
    [['restore', 'tuesday.db'], elsewhere, 'tuesday.db'],
    [['token', '--client', 'shop'], { COUNTERSIGN_CLIENT_SECRET_FILE: 'nothing' }, 'nothing'],
  ] as const)('%s with a file that cannot be had is one sentence', async (args, more, says) => {
    const { code, output } = await command(args, more)
    expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(/^[^\n]+\n$/u) })
    expect(output).toContain(says)
  })

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
    expect(lines[0]?.msg).toBe('countersign is ready.')
    expect(run.output()).not.toContain(secret)
  })

  it('gives a client several resources, each with scopes of its own', async () => {
    const other = 'https://other.example/?tenant=1'
    await say('resources', 'add', other, '--scope', 'look touch')
    const given = ['--access', `${api}=read`, '--access', `${other}=look`]
    const { client } = await say<{ client: { access: unknown } }>('clients', 'add', 'two', ...given)
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
    expect(await until(200, fresh)).toBe(200)
    expect((await old()).status).toBe(200)
    await say('clients', 'rotate-secret', 'shop', '--drop', String(before.secrets[0]?.id))
    expect(await until(401, old)).toBe(401)
    secret = rotated.secret
    await say('clients', 'disable', 'shop')
    expect(await until(401, fresh)).toBe(401)
    await say('clients', 'enable', 'shop')
    expect(await until(200, fresh)).toBe(200)
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
    const first = await kidOf()
    const early = await command(['keys', 'rotate', '--json'])
    expect({ code: early.code, output: early.output }).toMatchObject({
      code: 1,
      output: expect.stringContaining('too_early'),
    })
    await say('keys', 'rotate', '--force')
    let second = await kidOf()
    for (let turn = 0; turn < 60 && second === first; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      second = await kidOf()
    }
    expect(second).not.toBe(first)
    expect(await published()).toEqual(expect.arrayContaining([first, second]))
    const { successor } = await say<{ successor: string }>('keys', 'revoke', second)
    let third = await kidOf()
    for (let turn = 0; turn < 60 && third === second; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      third = await kidOf()
    }
    expect(third).toBe(successor)
    expect(await published()).not.toContain(second)
    await run.end()
  })

  it('seals keys anew, and opens only with the new key from then on', async () => {
    const before = await say<{ kid: string }[]>('keys', 'ls')
    const resealed = await command(['keys', 'reseal', '--json'], {
      COUNTERSIGN_NEW_KEY_ENCRYPTION_KEY: nextKey,
    })
    expect(JSON.parse(resealed.output)).toEqual({ count: before.length })
    const stale = await command(['keys', 'ls'])
    expect(stale).toMatchObject({ code: 1, output: expect.stringContaining('key-encryption key') })
    const file = join(folder, 'kek')
    writeFileSync(file, `${nextKey}\n`, { mode: 0o600 })
    const { COUNTERSIGN_ISSUER } = env
    const again = await runToEnd({
      args: ['keys', 'ls', '--json'],
      folder,
      env: { COUNTERSIGN_ISSUER, COUNTERSIGN_KEY_ENCRYPTION_KEY_FILE: file },
    })
    expect((JSON.parse(again.output) as unknown[]).length).toBe(before.length)
    Object.assign(env, { COUNTERSIGN_KEY_ENCRYPTION_KEY: nextKey })
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
    const copy = join(folder, 'copy.db')
    await say('backup', copy)
    expect((await command(['backup', copy])).code).toBe(1)
    const other = aFolder()
    const restored = await runToEnd({ args: ['restore', copy, '--json'], folder: other, env })
    expect(restored.code).toBe(0)
    const listed = await runToEnd({ args: ['clients', 'list', '--json'], folder: other, env })
    expect((JSON.parse(listed.output) as { id: string }[]).map(({ id }) => id)).toEqual(['shop'])
    expect(readFileSync(copy).includes(secret)).toBe(false)
  })

  it.each([
    ['an unknown command', ['nonsense'], 2],
    ['an unknown option', ['clients', 'list', '--loud'], 2],
    ['help', ['help'], 0],
    ['help about one command', ['dev', '--help'], 0],
    ['a client twice', ['clients', 'add', 'shop'], 1],
    ['a client with a strange id', ['clients', 'add', 'a b'], 1],
    [
      'a client of an unknown resource',
      ['clients', 'add', 'x', '--resource', 'https://none.example'],
      1,
    ],
    ['a client with an unknown grant', ['clients', 'add', 'x', '--grants', 'password'], 1],
    ['a resource with a fragment', ['resources', 'add', 'https://a.example/#x'], 1],
    ['a resource signed by nothing', ['resources', 'add', 'https://a.example', '--alg', 'none'], 1],
    ['a resource that is in use', ['resources', 'remove', api], 1],
    ['an unknown client', ['clients', 'show', 'nobody'], 1],
    ['an unknown key', ['keys', 'revoke', 'nothing'], 1],
  ])('ends %s with its code', async (_, args, code) => {
    const ended = await command(args)
    expect(ended.code).toBe(code)
    expect(ended.output).not.toContain('    at ')
  })

  it('shows the configuration with its origins and without its secrets', async () => {
    writeFileSync(join(folder, 'countersign.toml'), `logLevel = "warn"\n`)
    const port = String(await freePort())
    const { output } = await command(['config', 'print', '--json'], {
      PORT: port,
      DATABASE_URL: 'postgres://u:hidden@h/d',
    })
    const { settings } = JSON.parse(output) as {
      settings: { name: string; value: unknown; origin: string }[]
    }
    expect(settings).toEqual(
      expect.arrayContaining([
        { name: 'logLevel', value: 'warn', origin: 'countersign.toml (logLevel)' },
        { name: 'port', value: Number(port), origin: 'PORT' },
        { name: 'database', value: '(secret)', origin: 'DATABASE_URL' },
      ]),
    )
    expect(output).not.toContain('hidden')
  })
})
