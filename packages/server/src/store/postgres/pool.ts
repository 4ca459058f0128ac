import pg from 'pg'
import type { Param, Row } from '../port/verb.ts'
import type { ClientOptions } from './client-options.ts'
import { faultOf, isReadOnly, isSilence, isUnfit } from './faults.ts'
import type { Hosts } from './hosts.ts'
import { query } from './query.ts'

/** Asks a server whether it takes writes. */
export const writableSql = `select not (pg_is_in_recovery() or current_setting('transaction_read_only') = 'on') as writable`

/** Connections to the server that takes writes; one that proved unfit is not used again. */
export interface Pool {
  /** Gives a connection for one use. Throws: `read_only`, or the error that prevented the connection. */
  readonly connect: () => Promise<pg.PoolClient>
  /** Returns a connection, with the error of its use if there was one; an unfit connection is closed. */
  readonly release: (client: pg.PoolClient, thrown?: unknown) => void
  /** Sends one statement on a connection of its own. */
  readonly query: (text: string, params?: readonly Param[]) => Promise<readonly Row[]>
  readonly end: () => Promise<void>
}

/** The state that the pools of one address share: the server in use, and which connections are still fit. */
export interface Fitness {
  readonly current: Hosts['current']
  /** Counts how often all connections became unfit. A connection of an earlier generation is closed. */
  readonly generation: () => number
  /** Reports that connections are unfit: the idle ones, or all. */
  readonly retire: (which: 'idle' | 'all') => void
  /** Searches for another server. Throws: when none takes writes. */
  readonly seek: Hosts['seek']
  readonly onRetire: (listener: (which: 'idle' | 'all') => void) => void
}

/** Makes the state that the pools of one address share. */
export function createFitness(hosts: Hosts): Fitness {
  const listeners: ((which: 'idle' | 'all') => void)[] = []
  let generation = 0
  function retire(which: 'idle' | 'all'): void {
    if (which === 'all') generation += 1
    for (const listener of listeners) listener(which)
  }
  return {
    current: hosts.current,
    generation: () => generation,
    retire,
    async seek() {
      const found = await hosts.seek()
      if (found === 'moved') retire('all')
      return found
    },
    onRetire: (listener) => void listeners.push(listener),
  }
}

export interface PoolOptions {
  readonly client: ClientOptions
  readonly max: number
  /** Units: milliseconds. */
  readonly connectMs: number
  readonly statementMs: number
}

/**
 * Makes a pool that asks the server of each new connection whether it takes writes.
 * Why: a standby gives older rows, and a demoted server would keep its connections for ever.
 */
export function createPool(options: PoolOptions, fitness: Fitness): Pool {
  const births = new WeakMap<pg.ClientBase, number>()
  const pool = new pg.Pool({
    max: options.max,
    connectionTimeoutMillis: options.connectMs,
    query_timeout: options.statementMs,
    idleTimeoutMillis: 30_000,
    allowExitOnIdle: true,
    types: { getTypeParser },
    pipeline: true,
    ...hooks,
    Client: makerOf(options.client, fitness, births),
  })
  // An idle connection that breaks is dropped by the pool; the next caller gets a new one.
  pool.on('error', () => {})
  // A connection in use that breaks fails its queries, and their callers handle it.
  pool.on('connect', (client) => client.on('error', () => {}))
  fitness.onRetire(() => {
    for (let idle = pool.idleCount; idle > 0; idle -= 1)
      pool.connect().then(
        (client) => client.release(true),
        () => {},
      )
  })

  async function connect(): Promise<pg.PoolClient> {
    for (;;) {
      const client = await connectOrSeek()
      if (births.get(client) === fitness.generation()) return client
      client.release(true)
    }
  }

  async function connectOrSeek(): Promise<pg.PoolClient> {
    try {
      return await pool.connect()
    } catch (thrown) {
      if (isReadOnly(thrown)) fitness.retire('all')
      if ((await fitness.seek()) === 'alone') throw thrown
      return await pool.connect()
    }
  }

  function release(client: pg.PoolClient, thrown?: unknown): void {
    client.release(births.get(client) !== fitness.generation() || isUnfit(thrown))
    if (isReadOnly(thrown)) fitness.retire('all')
    else if (isSilence(thrown)) fitness.retire('idle')
  }

  return {
    connect,
    release,
    async query(text, params) {
      const client = await connect()
      let failure: unknown
      try {
        return (await query(client, text, params)).rows
      } catch (thrown) {
        failure = thrown
        throw thrown
      } finally {
        release(client, failure)
      }
    },
    end: () => pool.end(),
  }
}

/** Makes connections to the server in use at that moment, and stores the generation of each. */
function makerOf(
  options: ClientOptions,
  fitness: Fitness,
  births: WeakMap<pg.ClientBase, number>,
): new () => pg.ClientBase {
  function Maker(given: pg.ClientConfig): pg.Client {
    const client = new pg.Client({ ...given, ...options.to(fitness.current()) })
    births.set(client, fitness.generation())
    return client
  }
  // `new` gives the object that a constructor returns.
  return Maker as unknown as new () => pg.ClientBase
}

// Not `verify`: if the caller gives up during it, pg never returns the client to the pool. The types of pg do not say that
// the pool awaits the promise of `onConnect`.
const hooks: object = { onConnect: checkWritable }

async function checkWritable(client: pg.ClientBase): Promise<void> {
  const { rows } = await query(client, writableSql)
  if (rows[0]?.['writable'] !== true) throw faultOf('read_only')
}

/** Reads 64-bit integers as numbers. Why it may: no column here exceeds 2^53. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  return oid === 20 ? Number : pg.types.getTypeParser(oid, format)
}
