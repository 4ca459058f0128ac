import pg from 'pg'
import type { PostgresHost } from '../../config/postgres-address.ts'
import type { StoreDeps } from '../port/deps.ts'
import { renderSql, type Dialect } from '../port/sql.ts'
import { clientOptionsOf, type ClientOptions } from './client-options.ts'
import { faultOf } from './faults.ts'
import { createHosts } from './hosts.ts'
import { createFitness, createPool, writableSql, type Fitness, type Pool } from './pool.ts'

/** How long an act, and in it a connection and a statement, may take. Units: milliseconds. */
interface Patience {
  readonly actMs: number
  readonly connectMs: number
  readonly statementMs: number
}

/** Shares the time of an act, so that each failure is known before the caller must be answered. */
function patienceOf({ patienceMs = 1600 }: StoreDeps): Patience {
  return {
    actMs: patienceMs,
    connectMs: Math.min(5000, Math.floor(patienceMs * 0.7)),
    statementMs: Math.floor(patienceMs * 0.8),
  }
}

/** Postgres as this driver uses it: its connections, and the words of its dialect. */
export interface Connections {
  readonly patience: Patience
  /** For transactions, each of which has a connection to itself. */
  readonly acts: Pool
  /** For reads, which share one. */
  readonly reads: Pool
  /** Looks for another server that takes writes, where the address names several. */
  readonly seek: Fitness['seek']
  readonly onRetire: Fitness['onRetire']
  readonly end: () => Promise<void>
  /** The text of a statement as Postgres wants it. */
  readonly render: (sql: string) => string
}

/**
 * Makes the pools. Statements are never named and nothing is set for a session, so a pooler in transaction mode may be
 * in between. Queries are pipelined, so that BEGIN and COMMIT travel with their neighbours.
 * Throws: a start fault for an address that is none.
 */
export function createConnections(address: string, deps: StoreDeps): Connections {
  const patience = patienceOf(deps)
  const { connectMs, statementMs } = patience
  const client = clientOptionsOf(address)
  const hosts = createHosts(client.hosts, (host) => askTimeline(client, host))
  const fitness = createFitness(hosts)
  const reads = createPool({ client, max: 1, connectMs, statementMs }, fitness)
  const max = Math.max(1, (deps.poolMax ?? 10) - 1)
  const acts = createPool({ client, max, connectMs, statementMs }, fitness)
  const dialect = dialectOf(deps)
  const rendered = new Map<string, string>()
  return {
    acts,
    reads,
    patience,
    seek: fitness.seek,
    onRetire: fitness.onRetire,
    end: async () => {
      await Promise.all([acts.end(), reads.end()])
    },
    render(sql) {
      const known = rendered.get(sql)
      if (known !== undefined) return known
      const made = renderSql(sql, dialect)
      rendered.set(sql, made)
      return made
    },
  }
}

/** How long a server is given to say whether it takes writes. Units: milliseconds. */
const askMs = 1000

// A service that is like Postgres may lack these functions; then its servers count alike.
const timelineSql = `select ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int as timeline`

async function askTimeline(options: ClientOptions, host: PostgresHost): Promise<number> {
  const client = new pg.Client({
    ...options.to(host),
    connectionTimeoutMillis: askMs,
    query_timeout: askMs,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ writable: boolean }>(writableSql)
    if (rows[0]?.writable !== true) throw faultOf('read_only')
    const timelines = await client.query<{ timeline: number }>(timelineSql).catch(() => undefined)
    return timelines?.rows[0]?.timeline ?? 0
  } finally {
    client.end().catch(() => {})
    setTimeout(() => client.connection.stream.destroy(), goodbyeMs).unref()
  }
}

/** How long a server is given to answer a goodbye. Units: milliseconds. */
export const goodbyeMs = 500

/** How Postgres spells what the databases spell differently. */
function dialectOf({ clockSql }: StoreDeps): Dialect {
  return {
    now: clockSql ?? '(extract(epoch from clock_timestamp())::double precision)',
    lock: 'for update',
    share: 'for share',
    bytes: 'bytea',
    identity: 'bigint generated always as identity primary key',
    fill: 'with (fillfactor = 70)',
    chain: (column, digest) =>
      `encode(sha256(convert_to(coalesce(${column}, '') || ${digest}::text, 'UTF8')), 'hex')`,
    param: (n) => `$${n}`,
  }
}
