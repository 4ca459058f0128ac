import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import pg from 'pg'
import { inject } from 'vitest'

/** A database of one suite's own. */
export interface Database {
  readonly url: string
  /** Runs SQL text next to the program under test. */
  sql(text: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  drop(): Promise<void>
}

/** The address of the run's Postgres server; started now if nobody asked before. Throws: when there is none to start. */
export async function postgresUrl(): Promise<string> {
  const answer: { url?: string; fault?: string } = JSON.parse(
    await text(connect(inject('postgresAt'), '127.0.0.1')),
  )
  if (answer.url === undefined) throw new Error(answer.fault ?? 'no Postgres server')
  return answer.url
}

/** Creates an empty database on a server, the run's own unless another is named. */
export async function createDatabase(serverUrl?: string): Promise<Database> {
  const server = serverUrl ?? (await postgresUrl())
  const name = `test_${randomBytes(6).toString('hex')}`
  await query(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    sql: (text) => query(url.href, text),
    drop: async () => void (await query(server, `drop database ${name} with (force)`)),
  }
}

/** A session that stays open, for tests that hold locks. */
export async function openSession(url: string): Promise<{
  readonly sql: (text: string) => Promise<readonly Readonly<Record<string, unknown>>[]>
  readonly release: () => Promise<void>
}> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  return {
    sql: async (text) => (await client.query<Record<string, unknown>>(text)).rows,
    release: () => client.end(),
  }
}

async function query(url: string, text: string) {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}
