import pg from 'pg'
import type { StoreDeps } from '../port/deps.ts'
import { renderSql, type Dialect } from '../port/sql.ts'
import type { Param, Row } from '../port/verb.ts'

/** How long an act, and in it a connection and a statement, may take. Units: milliseconds. */
interface Patience {
  readonly actMs: number
  readonly connectMs: number
  readonly statementMs: number
}

/** Shares the time of an act, so that whatever fails is heard of before the caller has to be told. */
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
  readonly pool: pg.Pool
  /** For reads, which share one. */
  readonly readers: pg.Pool
  readonly end: () => Promise<void>
  /** The text of a statement as Postgres wants it. */
  readonly render: (sql: string) => string
}

/**
 * Makes the pools. Statements are never named and nothing is set for a session, so a pooler in transaction mode may stand
 * between; queries are pipelined, so that BEGIN and COMMIT travel with their neighbours.
 */
export function createConnections(address: string, deps: StoreDeps): Connections {
  const patience = patienceOf(deps)
  const readers = makePool(address, patience, 1)
  const pool = makePool(address, patience, Math.max(1, (deps.poolMax ?? 10) - 1))
  const dialect = dialectOf(deps)
  const rendered = new Map<string, string>()
  return {
    pool,
    readers,
    patience,
    end: async () => {
      await Promise.all([pool.end(), readers.end()])
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

function makePool(address: string, patience: Patience, max: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: address,
    max,
    connectionTimeoutMillis: patience.connectMs,
    query_timeout: patience.statementMs,
    idleTimeoutMillis: 30_000,
    allowExitOnIdle: true,
    keepAlive: true,
    application_name: 'countersign',
    types: { getTypeParser },
    ...pipelined,
  })
  // An idle connection that breaks is dropped by the pool; whoever asks next gets a new one.
  pool.on('error', () => {})
  // A connection in use that breaks fails its queries, which is where it is heard.
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

// The types of pg do not know this option yet.
const pipelined: object = { pipeline: true }

/** How Postgres spells what the databases spell differently. */
function dialectOf({ clockSql }: StoreDeps): Dialect {
  return {
    now: clockSql ?? '(extract(epoch from clock_timestamp())::double precision)',
    lock: 'for update',
    share: 'for share',
    bytes: 'bytea',
    identity: 'bigint generated always as identity primary key',
    fill: 'with (fillfactor = 70)',
    chain: (column, digest) => `sha256(coalesce(${column}, ''::bytea) || ${digest}::bytea)`,
    param: (n) => `$${n}`,
  }
}

/** Counts beyond 2^53 do not occur here, so 64-bit integers are read as numbers. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  return oid === 20 ? Number : pg.types.getTypeParser(oid, format)
}

/** What came back for one statement. */
export interface Answer {
  readonly command: string
  readonly rows: readonly Row[]
}

/** Sends one statement behind those that are on their way on a connection. Throws: what Postgres or the connection says. */
export function query(
  client: pg.ClientBase,
  text: string,
  params: readonly Param[] = [],
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const values = params.map((param) => (param instanceof Uint8Array ? bufferOf(param) : param))
    client.query<Row>({ text, values }, (error: Error | null, answer) => {
      // The types of pg promise an error; without one it is null.
      if (error === null) resolve(answer)
      else reject(error)
    })
  })
}

/** Lets everything that is sent meanwhile travel in one write, because a write costs more than what it carries. */
export function inOneWrite<T>(client: pg.Client, send: () => T): T {
  const { stream } = client.connection
  stream.cork()
  try {
    return send()
  } finally {
    stream.uncork()
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
