import pg from 'pg'
import { defaults } from '../../config/defaults.ts'
import type { PostgresHost } from '../../config/postgres-address.ts'
import type { StoreDeps } from '../port/deps.ts'
import { renderSql, type Dialect } from '../port/sql.ts'
import { clientOptionsOf, type ClientOptions } from './client-options.ts'
import { faultOf } from './faults.ts'
import { createHosts } from './hosts.ts'
import { createFitness, createPool, writableSql, type Fitness, type Pool } from './pool.ts'

/** How long a verb may take, and in it a connection and a statement. Units: milliseconds. */
interface Patience {
  readonly verbMs: number
  readonly connectMs: number
  readonly statementMs: number
}

/** Divides the time of a verb, so that each failure is known before the caller must be answered. */
function patienceOf({ patienceMs = 1600 }: StoreDeps): Patience {
  return {
    verbMs: patienceMs,
    connectMs: Math.min(5000, Math.floor(patienceMs * 0.7)),
    statementMs: Math.floor(patienceMs * 0.8),
  }
}

/** The connections of this driver to Postgres, and the SQL dialect for them. */
export interface Connections {
  readonly patience: Patience
  /** For transactions, each of which has a connection of its own. */
  readonly transactions: Pool
  /** For short reads, which share one connection. */
  readonly reads: Pool
  /** Searches for a server that takes writes, where the address names several. */
  readonly seek: Fitness['seek']
  readonly onRetire: Fitness['onRetire']
  readonly end: () => Promise<void>
  /** Writes a statement in the dialect of Postgres. */
  readonly render: (sql: string) => string
}

/**
 * Makes the pools. Statements are never named and nothing is set for a session, so a pooler in transaction mode works.
 * Queries are pipelined, so BEGIN and COMMIT need no round trip of their own.
 * Throws: a start fault for a malformed address.
 */
export function createConnections(address: string, deps: StoreDeps): Connections {
  const patience = patienceOf(deps)
  const { connectMs, statementMs } = patience
  const client = clientOptionsOf(address)
  const hosts = createHosts(client.hosts, (host) => askTimeline(client, host))
  const fitness = createFitness(hosts)
  const reads = createPool({ client, max: 1, connectMs, statementMs }, fitness)
  const max = Math.max(1, (deps.poolMax ?? defaults.databasePoolMax) - 1)
  const transactions = createPool({ client, max, connectMs, statementMs }, fitness)
  const dialect = dialectOf(deps)
  const rendered = new Map<string, string>()
  return {
    transactions,
    reads,
    patience,
    seek: fitness.seek,
    onRetire: fitness.onRetire,
    end: async () => {
      await Promise.all([transactions.end(), reads.end()])
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

/** How long a server may take to say whether it takes writes. Units: milliseconds. */
const askMs = 1000

// Databases that speak the protocol of Postgres may lack these functions. Their servers all have timeline 0.
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
    setTimeout(() => client.connection.stream.destroy(), endMs).unref()
  }
}

/** How long a server may take to answer the end of a connection. Units: milliseconds. */
export const endMs = 500

/** The dialect of Postgres. */
function dialectOf({ clockSql }: StoreDeps): Dialect {
  return {
    now: clockSql ?? '(extract(epoch from clock_timestamp())::double precision)',
    lock: 'for update',
    share: 'for share',
    skip: 'for update skip locked',
    bytes: 'bytea',
    identity: 'bigint generated always as identity primary key',
    fill: 'with (fillfactor = 70)',
    chain: (column, digest) =>
      `encode(sha256(convert_to(coalesce(${column}, '') || ${digest}::text, 'UTF8')), 'hex')`,
    param: (n) => `$${n}`,
  }
}
