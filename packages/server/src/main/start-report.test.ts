import { describe, expect, it } from 'vitest'
import { missingParts, renderStartBlock, startLine, type StartFacts } from './start-report.ts'

const whole: StartFacts = {
  version: '1.2.3',
  issuer: 'https://id.example.com',
  database: '/var/lib/countersign/countersign.db',
  schema: 4,
  host: 'localhost',
  port: 8000,
  records: { clients: 3, resources: 1, users: 12 },
  feed: 'open',
  revocations: 7,
  proxies: ['127.0.0.1'],
}
const postgres = 'postgres://app:pass%20word@db1.example:5432,db2.example:5433/tokens'

const mail = {
  from: 'id@example.com',
  server: { host: 'smtp.example.com', port: 587, tls: 'starttls', user: 'u', password: 'sS3cret' },
} as const

describe('the start', () => {
  it('is one block at a terminal', () => {
    expect(renderStartBlock({ ...whole, records: { clients: 0, resources: 0, users: 0 } })).toBe(`
  Countersign is ready.

  version     1.2.3
  issuer      https://id.example.com
  address     localhost:8000
  database    SQLite /var/lib/countersign/countersign.db, schema 4
  data        /var/lib/countersign
  clients     0
  resources   0
  users       0
  feed        open, 7 live revocations
  missing     a resource: countersign resources add <audience> --scope <scope>
              a client: countersign clients add <id> --resource <audience>

`)
  })

  it('is the same facts for a line of JSON', () => {
    expect(startLine(whole)).toEqual({
      issuer: 'https://id.example.com',
      address: 'localhost:8000',
      database: 'SQLite',
      databasePlace: '/var/lib/countersign/countersign.db',
      schema: 4,
      dataFolder: '/var/lib/countersign',
      clients: 3,
      resources: 1,
      users: 12,
      feed: 'open',
      revocations: 7,
      missing: [],
    })
  })

  it('names the mail server, and never its user or password', () => {
    expect(startLine({ ...whole, mail })).toMatchObject({
      mail: 'smtp.example.com:587 as id@example.com',
    })
    const plain = {
      from: 'id@example.com',
      server: { host: 'localhost', port: 25, tls: 'none' },
    } as const
    const block = renderStartBlock({ ...whole, mail: plain })
    expect(block).toContain('mail        localhost:25 as id@example.com, without TLS\n')
    expect(renderStartBlock({ ...whole, mail })).not.toContain('S3cret')
  })

  it('names the servers of Postgres and never the password', () => {
    const facts = { ...whole, database: postgres, host: '::' }
    expect(startLine(facts)).toMatchObject({
      address: '[::]:8000',
      database: 'Postgres',
      databasePlace: 'tokens at db1.example:5432, db2.example:5433',
      dataFolder: undefined,
    })
    const shown = renderStartBlock(facts) + JSON.stringify(startLine(facts))
    expect(shown).not.toMatch(/pass|data {6}/u)
  })

  it.each<[string, Partial<StartFacts>, readonly string[]]>([
    ['nothing of a whole one', {}, []],
    ['a resource', { records: { ...whole.records, resources: 0 } }, ['a resource:']],
    ['a client', { records: { ...whole.records, clients: 0 } }, ['a client:']],
    ['TLS', { issuer: 'http://localhost:8000', proxies: [] }, ['TLS:']],
    ['a proxy', { proxies: [] }, ['a trusted proxy:']],
    ['a mail server', { sessionAudience: 'https://api.example' }, ['a mail server:']],
    ['nothing of one that sends mail', { sessionAudience: 'https://api.example', mail }, []],
    ['TLS to Postgres', { database: postgres }, ['TLS to Postgres:']],
    ['nothing of a Postgres with TLS', { database: `${postgres}?sslmode=verify-full` }, []],
    ['nothing of a Postgres on this machine', { database: 'postgres://app@localhost/x' }, []],
  ])('misses %s', (_, over, begins) => {
    const missing = missingParts({ ...whole, ...over })
    expect(missing.map((text) => text.slice(0, text.indexOf(':') + 1))).toEqual(begins)
  })
})
