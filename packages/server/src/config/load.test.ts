import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig, renderConfig, requireForServe, type ConfigSources } from './load.ts'
import { isPublishedSecret } from './published-secrets.ts'
import { configKeys, flagOf, nameInFile } from './settings.ts'

const sealingKey = Buffer.from(Array.from({ length: 32 }, (_, at) => at * 7)).toString('base64url')
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-config-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

function load({ toml, ...given }: Partial<ConfigSources> & { toml?: string }) {
  const path = toml === undefined ? join(folder, 'none.toml') : write('countersign.toml', toml)
  return loadConfig({ flags: {}, environment: {}, file: { path, named: false }, ...given })
}

async function problemsOf(loading: Promise<unknown>): Promise<string[]> {
  return loading.then(
    () => [],
    (fault: Error) => fault.message.split('\n'),
  )
}

describe('a setting', () => {
  it('comes from the flag before the environment before the file before the default', async () => {
    const toml = 'port = 1001'
    const environment = { PORT: '1002' }
    expect((await load({})).config.port).toBe(8000)
    expect((await load({ toml })).config.port).toBe(1001)
    expect((await load({ toml, environment })).config.port).toBe(1002)
    const all = await load({ toml, environment, flags: { port: '1003' } })
    expect([all.config.port, all.origins.port]).toEqual([1003, '--port'])
  })

  it('that is a secret may be given as a file', async () => {
    const file = write('key', `${sealingKey}\n`)
    const { config, origins } = await load({ environment: { COUNTERSIGN_SEALING_KEY_FILE: file } })
    expect(Buffer.from(config.sealingKey ?? []).toString('base64url')).toBe(sealingKey)
    expect(origins.sealingKey).toBe('COUNTERSIGN_SEALING_KEY_FILE')
  })

  it.each(['base64url', 'base64', 'hex'] as const)(
    'takes a sealing key in %s',
    async (encoding) => {
      const text = Buffer.from(sealingKey, 'base64url').toString(encoding)
      const { config } = await load({ environment: { COUNTERSIGN_SEALING_KEY: text } })
      expect(config.sealingKey).toHaveLength(32)
    },
  )

  it('has one name in each place', () => {
    expect(flagOf('refreshIdleTtlSeconds')).toBe('refresh-idle-ttl-seconds')
    expect(nameInFile('databaseUrl')).toBe('database_url')
    expect(new Set(configKeys.map(flagOf)).size).toBe(configKeys.length)
  })

  it('is printed with its origin, and masked when it is a secret', async () => {
    const loaded = await load({
      environment: { COUNTERSIGN_SEALING_KEY: sealingKey, DATABASE_URL: 'postgres://u:pw@h/d' },
    })
    const text = JSON.stringify(renderConfig(loaded))
    expect(text).toContain(
      '{"key":"sealing_key","value":"(set)","origin":"COUNTERSIGN_SEALING_KEY"}',
    )
    expect(text).not.toContain(sealingKey)
    expect(text).not.toContain('pw')
  })
})

describe('what is wrong is said all at once, with its key, its origin and the remedy', () => {
  it('for several values', async () => {
    const environment = { PORT: 'many', COUNTERSIGN_SEALING_KEY: 'short' }
    const problems = await problemsOf(load({ environment, toml: 'log_level = "loud"' }))
    expect(problems).toHaveLength(3)
    expect(problems.join()).toContain('port (from PORT)')
    expect(problems.join()).toContain('openssl rand')
    expect(problems.join()).toContain('countersign.toml')
  })

  const rows: readonly [name: string, given: Parameters<typeof load>[0], says: string][] = [
    ['an unknown name in the file', { toml: 'colour = "red"' }, 'colour'],
    ['a file that is no TOML', { toml: 'port =' }, 'no TOML'],
    [
      'a file that was named and is not there',
      { file: { path: '/nowhere.toml', named: true } },
      '/nowhere.toml',
    ],
    [
      'a secret file that is not there',
      { environment: { COUNTERSIGN_SEALING_KEY_FILE: '/nowhere' } },
      '/nowhere',
    ],
    [
      'a sealing key of one byte 32 times',
      { environment: { COUNTERSIGN_SEALING_KEY: 'A'.repeat(43) } },
      'sealing_key',
    ],
    [
      'a sealing key from a published list',
      { environment: { COUNTERSIGN_SEALING_KEY: '!@#$%^&*' } },
      'published',
    ],
    [
      'an issuer with a query',
      { environment: { COUNTERSIGN_ISSUER: 'https://a.example?b' } },
      'issuer',
    ],
    [
      'an issuer that ends with a slash',
      { environment: { COUNTERSIGN_ISSUER: 'https://a.example/' } },
      'issuer',
    ],
    ['an issuer that is no address', { environment: { COUNTERSIGN_ISSUER: 'a' } }, 'issuer'],
    [
      'a database that is none of ours',
      { environment: { DATABASE_URL: 'mysql://a/b' } },
      'database_url',
    ],
  ]
  it.each(rows)('for %s', async (_, given, says) => {
    const problems = await problemsOf(load(given))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(says)
  })

  it('and never shows the value of a secret', async () => {
    const problems = await problemsOf(
      load({ environment: { COUNTERSIGN_SEALING_KEY: 'hunter2hunter2' } }),
    )
    expect(problems.join()).not.toContain('hunter2')
  })
})

describe('serve does not start', () => {
  it('without issuer and key-encryption key', async () => {
    const loaded = await load({})
    expect(() => requireForServe(loaded)).toThrow(/issuer is missing[^]*sealing_key is missing/)
  })

  it('with a plain http issuer, unless the exception is stated', async () => {
    const environment = {
      COUNTERSIGN_ISSUER: 'http://a.example',
      COUNTERSIGN_SEALING_KEY: sealingKey,
    }
    const plain = await load({ environment })
    expect(() => requireForServe(plain)).toThrow('not https')
    const stated = await load({
      environment: { ...environment, COUNTERSIGN_HTTP_ISSUER_UNSAFE: 'true' },
    })
    expect(requireForServe(stated).issuer).toBe('http://a.example')
  })
})

it('knows published secrets, and does not take a random one for such', () => {
  expect(isPublishedSecret('!@#$%^&*')).toBe(true)
  expect(isPublishedSecret(sealingKey)).toBe(false)
})
