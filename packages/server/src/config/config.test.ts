import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { loadConfig, serveProblems } from './config.ts'
import type { Sources } from './sources.ts'

const key = randomBytes(32).toString('base64')
const sources = (over: Partial<Sources> = {}): Sources => ({
  flags: {},
  environment: {},
  file: undefined,
  readFile: (path) => {
    throw new Error(`no file ${path}`)
  },
  ...over,
})
const toml = (table: Record<string, unknown>) => ({ name: 'countersign.toml', table })

const emptyKeyFile: Partial<Sources> = {
  environment: { COUNTERSIGN_KEY_ENCRYPTION_KEY_FILE: 'x' },
  readFile: () => '\n',
}

describe('the configuration', () => {
  it('takes flags before environment before file before defaults, and says from where', () => {
    const { config, lines } = loadConfig(
      sources({
        flags: { port: '1' },
        environment: { PORT: '2', HOST: '::' },
        file: toml({ port: 3, host: 'x', logLevel: 'warn' }),
      }),
    )
    expect(config).toMatchObject({
      port: 1,
      host: '::',
      logLevel: 'warn',
      auditIssuance: 'counted',
    })
    const origins = Object.fromEntries(lines.map(({ name, origin }) => [name, origin]))
    expect(origins).toMatchObject({
      port: '--port',
      host: 'HOST',
      logLevel: 'countersign.toml (logLevel)',
      auditIssuance: 'default',
      issuer: 'not set',
    })
    expect(Object.isFrozen(config)).toBe(true)
  })

  it('reads secrets from files, and masks them', () => {
    const { config, lines, problems } = loadConfig(
      sources({
        environment: {
          COUNTERSIGN_KEY_ENCRYPTION_KEY_FILE: 'kek',
          DATABASE_URL: 'postgres://u:p@h/d',
        },
        readFile: () => `${key}\n`,
      }),
    )
    expect(problems).toEqual([])
    expect(config.keyEncryptionKey).toEqual(new Uint8Array(Buffer.from(key, 'base64')))
    expect(JSON.stringify(lines)).not.toContain('u:p')
    expect(JSON.stringify(lines)).not.toContain(key)
  })

  it.each([
    ['a port', { environment: { PORT: 'x' } }, 'PORT must be a port'],
    [
      'an issuer',
      { environment: { COUNTERSIGN_ISSUER: 'id' } },
      'COUNTERSIGN_ISSUER must be a URL',
    ],
    [
      'an issuer with a query',
      { environment: { COUNTERSIGN_ISSUER: 'https://a.example/?x' } },
      'no query',
    ],
    [
      'an issuer with a password',
      { environment: { COUNTERSIGN_ISSUER: 'https://a:b@x' } },
      'no cred',
    ],
    ['an issuer to run', { environment: { COUNTERSIGN_ISSUER: 'javascript:alert(1)' } }, 'a URL'],
    ['a port beyond all', { environment: { PORT: '65536' } }, 'PORT must be a port'],
    ['half a port', { environment: { PORT: '80.5' } }, 'PORT must be a port'],
    [
      'another database',
      { environment: { DATABASE_URL: 'mysql://u:p@h/d' } },
      'a postgres:// address',
    ],
    ['no lifetime', { flags: { 'refresh-idle-seconds': '0' } }, 'a whole number of seconds'],
    ['a switch that is ajar', { environment: { COUNTERSIGN_MIGRATE: 'maybe' } }, 'true or false'],
    ['a port of another type', { file: toml({ port: true }) }, 'countersign.toml (port) must be a'],
    ['a port with a sign', { environment: { PORT: '+80' } }, 'PORT must be a port'],
    ['a host of another type', { file: toml({ host: 5 }) }, '(host) must be an address'],
    ['an empty key file', emptyKeyFile, 'COUNTERSIGN_KEY_ENCRYPTION_KEY_FILE must be 32 bytes'],
    [
      'another database to listen to',
      { environment: { DATABASE_LISTEN_URL: 'redis://h' } },
      'DATABASE_LISTEN_URL must be a postgres:// address, or "poll"',
    ],
    ['a short key', { environment: { COUNTERSIGN_KEY_ENCRYPTION_KEY: 'secret' } }, '32 bytes'],
    [
      'a key of zeros',
      { environment: { COUNTERSIGN_KEY_ENCRYPTION_KEY: Buffer.alloc(32).toString('base64') } },
      'not random',
    ],
    [
      'a published key',
      {
        environment: {
          COUNTERSIGN_KEY_ENCRYPTION_KEY: 'YZP0iv6gM+VBTxk61l8nKUno2QxsQHO9hm8XfeedZUw',
        },
      },
      'COUNTERSIGN_KEY_ENCRYPTION_KEY is in a public list of secrets',
    ],
    [
      'a published password of the database',
      { environment: { DATABASE_URL: 'postgres://u:r9iMKoe5CRMgvJBBtp4Hrq%4E7QiPpUToj@h/d' } },
      'DATABASE_URL has a password that is in a public list',
    ],
    [
      'a key given twice',
      {
        environment: {
          COUNTERSIGN_KEY_ENCRYPTION_KEY: key,
          COUNTERSIGN_KEY_ENCRYPTION_KEY_FILE: 'x',
        },
      },
      'both set',
    ],
    [
      'a file that is not there',
      { environment: { COUNTERSIGN_KEY_ENCRYPTION_KEY_FILE: 'x' } },
      'cannot be read',
    ],
    ['a secret in the file', { file: toml({ keyEncryptionKey: key }) }, 'is a secret'],
    [
      'a name that is no setting',
      { file: toml({ isuer: 'x' }) },
      'isuer in countersign.toml is no setting',
    ],
    [
      'a variable that is no setting',
      { environment: { COUNTERSIGN_FEEED: 'closed' } },
      'COUNTERSIGN_FEEED is no setting; remove it or correct its name.',
    ],
    [
      'a variable with our name where there is none',
      { environment: { COUNTERSIGN_DATABASE_URL: 'postgres://h/d' } },
      'COUNTERSIGN_DATABASE_URL is no setting (DATABASE_URL is one)',
    ],
    [
      'the file of what is no secret',
      { environment: { COUNTERSIGN_ISSUER_FILE: '/run/issuer' } },
      'COUNTERSIGN_ISSUER_FILE is no setting',
    ],
    [
      'a feed that is ajar',
      { environment: { COUNTERSIGN_FEED: 'ajar' } },
      'COUNTERSIGN_FEED must be',
    ],
    ['a level that is none', { flags: { 'log-level': 'loud' } }, '--log-level must be debug'],
  ])('names what is wrong with %s', (_, over, says) => {
    expect(loadConfig(sources(over)).problems.join('\n')).toContain(says)
  })

  it.each([
    'proxy.example',
    '10.0.0.0/33',
    '10.0.0.0/x',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '::/129',
    '/8',
  ])('refuses %s for a proxy', (proxy) => {
    const environment = { COUNTERSIGN_PROXIES: `::1,${proxy}` }
    expect(loadConfig(sources({ environment })).problems.join('\n')).toContain('ranges such as')
  })

  it('takes addresses and ranges of proxies', () => {
    const environment = { COUNTERSIGN_PROXIES: '127.0.0.1, ::1,10.0.0.0/8, fd00::/8,0.0.0.0/0' }
    const { config, problems } = loadConfig(sources({ environment }))
    expect(problems).toEqual([])
    expect(config.proxies).toHaveLength(5)
  })

  it.each([
    ['a SQLite file', { DATABASE_URL: 'data/a.db' }, { database: 'data/a.db' }],
    ['polling', { DATABASE_LISTEN_URL: 'poll' }, { databaseListen: 'poll' }],
    [
      'variables that are empty for such as are not set',
      { COUNTERSIGN_KEY_ENCRYPTION_KEY: key, COUNTERSIGN_KEY_ENCRYPTION_KEY_FILE: '', PORT: '' },
      { port: 8000 },
    ],
    [
      'variables of other commands, and those that Kubernetes sets for a service of this name,',
      {
        COUNTERSIGN_CLIENT_SECRET: 'x',
        COUNTERSIGN_NEW_KEY_ENCRYPTION_KEY_FILE: 'x',
        COUNTERSIGN_SERVICE_HOST: '10.0.0.1',
        COUNTERSIGN_SERVICE_PORT_HTTPS: '443',
        COUNTERSIGN_PORT: 'tcp://10.0.0.1:443',
        COUNTERSIGN_PORT_443_TCP_ADDR: '10.0.0.1',
        COUNTERSIGN_ADMIN_SERVICE_PORT: '80',
        COUNTERSIGN_FEEED: '',
      },
      { port: 8000 },
    ],
  ])('takes %s', (_, environment, expected) => {
    const { config, problems } = loadConfig(sources({ environment }))
    expect(problems).toEqual([])
    expect(config).toMatchObject(expected)
  })

  it('names all problems at once', () => {
    const environment = { PORT: 'x', COUNTERSIGN_ISSUER: 'id', COUNTERSIGN_LOG_LEVEL: 'loud' }
    expect(loadConfig(sources({ environment })).problems).toHaveLength(3)
  })

  it.each([
    ['nothing', {}, ['COUNTERSIGN_ISSUER is missing', 'KEY_ENCRYPTION_KEY is missing']],
    [
      'plain http',
      { COUNTERSIGN_ISSUER: 'http://a.example', COUNTERSIGN_KEY_ENCRYPTION_KEY: key },
      ['no https'],
    ],
    [
      'the stated exception',
      {
        COUNTERSIGN_ISSUER: 'http://a.example',
        COUNTERSIGN_KEY_ENCRYPTION_KEY: key,
        COUNTERSIGN_PLAIN_HTTP_ISSUER_UNSAFE: 'a.example',
      },
      [],
    ],
    [
      'the exception for another host',
      {
        COUNTERSIGN_ISSUER: 'http://a.example',
        COUNTERSIGN_KEY_ENCRYPTION_KEY: key,
        COUNTERSIGN_PLAIN_HTTP_ISSUER_UNSAFE: 'b.example',
      },
      ['COUNTERSIGN_PLAIN_HTTP_ISSUER_UNSAFE=a.example'],
    ],
    [
      'all it needs',
      { COUNTERSIGN_ISSUER: 'https://a.example', COUNTERSIGN_KEY_ENCRYPTION_KEY: key },
      [],
    ],
  ])('serve with %s', (_, environment, says) => {
    const problems = serveProblems(loadConfig(sources({ environment })).config)
    expect(problems).toHaveLength(says.length)
    for (const [at, part] of says.entries()) expect(problems[at]).toContain(part)
  })
})
