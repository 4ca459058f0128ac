import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { LogFacts } from '../../packages/server/src/http/log.ts'
import { startPostgres, type PostgresServer } from '../postgres/server.ts'
import { createDatabase, type Database } from '../postgres/shared.ts'
import { ask } from '../postgres/standby.ts'
import { startNode, type TestNode } from './start-node.ts'

let server: PostgresServer
let database: Database
let node: TestNode
let lines: string[] = []
const facts: LogFacts[] = []

const write = (level: string) => (fact: LogFacts, message: string) => {
  lines.push(`${level} ${message}`)
  facts.push(fact)
}
const log = {
  debug: () => undefined,
  info: write('info'),
  warn: write('warn'),
  error: write('error'),
}

/** The address for the role `app`, which needs its password. */
function addressOfApp(): string {
  const address = new URL(database.url)
  address.username = 'app'
  address.password = 'right'
  return address.href
}

beforeAll(async () => {
  server = await startPostgres()
  database = await createDatabase(server.url)
  const name = new URL(database.url).pathname.slice(1)
  await ask(server.url, `create role app login password 'right'`)
  await ask(server.url, `alter database ${name} owner to app`)
  const rules = 'host all app 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n'
  await writeFile(join(server.place.data, 'pg_hba.conf'), rules)
  await ask(server.url, 'select pg_reload_conf()')
  node = await startNode(addressOfApp(), { log })
})
afterAll(async () => {
  await node.stop()
  await server.remove()
})
beforeEach(() => {
  lines = []
  facts.length = 0
})

const endSessions = () =>
  ask(server.url, `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app'`)

const setPassword = async (password: string) => {
  await ask(server.url, `alter role app password '${password}'`)
}

async function setReadOnly(value: 'on' | 'off'): Promise<void> {
  await ask(server.url, `alter system set default_transaction_read_only = ${value}`)
  await ask(server.url, 'select pg_reload_conf()')
}

/** Renames the database. Its sessions must be gone at that moment, and the service makes new ones all the time. */
async function rename(from: string, to: string): Promise<void> {
  await vi.waitFor(
    async () => {
      await endSessions()
      await ask(server.url, `alter database ${from} rename to ${to}`)
    },
    { timeout: 10_000, interval: 5 },
  )
}

interface Row {
  readonly name: string
  readonly fail: () => Promise<() => Promise<unknown>>
  /** The words for the cause in a line, and its name in the facts. */
  readonly words: string
  readonly cause: string
}

const rows: readonly Row[] = [
  {
    name: 'stopped',
    words: '(connection refused). Nothing accepts connections',
    cause: 'refused',
    async fail() {
      await server.stop('fast')
      return () => server.start()
    },
  },
  {
    name: 'with another password',
    words: '(wrong password). Postgres refuses this user or password.',
    cause: 'password',
    async fail() {
      await setPassword('wrong')
      await endSessions()
      return () => setPassword('right')
    },
  },
  {
    name: 'silent',
    words: '(silent, no answer in time). Postgres does not answer in time.',
    cause: 'silent',
    async fail() {
      await server.pause()
      return async () => server.resume()
    },
  },
  {
    name: 'without the database',
    words: '(no such database). There is no database of this name',
    cause: 'database',
    async fail() {
      const name = new URL(database.url).pathname.slice(1)
      await rename(name, 'elsewhere')
      return () => rename('elsewhere', name)
    },
  },
  {
    name: 'read-only',
    words: '(read-only). Postgres takes no writes',
    cause: 'read_only',
    async fail() {
      await setReadOnly('on')
      return () => setReadOnly('off')
    },
  },
]

const requests = 30
const ended = /^warn Postgres is back after [\d.]+ s, \d+ requests refused\.$/u

describe('Postgres', () => {
  test.each(rows)('$name: begin, cause and end are in the log', async ({ fail, words, cause }) => {
    expect((await node.login()).status).toBe(200)
    const mend = await fail()
    try {
      await vi.waitFor(() => expect(lines.join('\n')).toContain(words), 10_000)
      const asked = await Promise.all(Array.from({ length: requests }, node.login))
      expect(new Set(asked.map(({ status }) => status))).toEqual(new Set([503]))
    } finally {
      await mend()
    }
    await vi.waitFor(() => expect(lines.at(-1)).toMatch(ended), { timeout: 20_000, interval: 50 })
    expect((await node.login()).status).toBe(200)
    expect(lines[0]).toMatch(/^error Postgres fails \(/u)
    expect(lines.length).toBeLessThanOrEqual(6)
    expect(facts[0]).toMatchObject({ event: 'outage_began' })
    expect(facts.map((fact) => fact['cause'])).toContain(cause)
    const ends = facts.filter(({ event }) => event === 'outage_ended')
    expect(ends.every(({ seconds }) => Number(seconds) > 0)).toBe(true)
    const refused = ends.reduce((sum, end) => sum + Number(end['refused']), 0)
    expect(refused).toBeGreaterThanOrEqual(requests)
  })
})
