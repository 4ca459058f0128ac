import pg from 'pg'
import type { Param, Row } from '../port/verb.ts'
import type { ClientOptions } from './client-options.ts'
import { faultOf, isReadOnly, isSilence, isUnfit } from './faults.ts'
import type { Hosts } from './hosts.ts'
import { query } from './query.ts'

/** Whether a server takes writes, by its own word. */
export const writableSql = `select not (pg_is_in_recovery() or current_setting('transaction_read_only') = 'on') as writable`

/** Connections that are fit: to the server that takes writes, and heard from. */
export interface Pool {
  /** Throws: `read_only`, or what stood in the way of a connection. */
  readonly connect: () => Promise<pg.PoolClient>
  /** Gives a connection back with what its use has thrown; an unfit one leaves the pool. */
  readonly release: (client: pg.PoolClient, thrown?: unknown) => void
  /** Sends one statement on a connection of its own. */
  readonly query: (text: string, params?: readonly Param[]) => Promise<readonly Row[]>
  readonly end: () => Promise<void>
}

/** What pools of one address share: the server in use, and from which moment on connections count. */
export interface Fitness {
  readonly current: Hosts['current']
  /** Raised when all connections that there are lead to a server that is not to be used. */
  readonly generation: () => number
  /** Says that connections were found to be unfit: idle ones only, or all. */
  readonly retire: (which: 'idle' | 'all') => void
  /** Looks for another server. Throws: when none takes writes. */
  readonly seek: Hosts['seek']
  readonly onRetire: (listener: (which: 'idle' | 'all') => void) => void
}

/** Makes what the pools of one address share. */
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
 * Makes a pool whose connections are asked whether their server takes writes before they are used.
 * Why: a standby answers reads with an older truth, and a demoted server would keep its connections for ever.
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
  // A connection in use that breaks fails its queries, which is where it is heard.
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

/** Makes connections to the server in use at that moment, and remembers what was known when each began. */
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
  // A constructor that returns an object gives that object.
  return Maker as unknown as new () => pg.ClientBase
}

// Not `verify`: a client whose caller gave up while it is verified is never given back. The types of pg do not know that a
// promise of `onConnect` is waited for.
const hooks: object = { onConnect: checkWritable }

async function checkWritable(client: pg.ClientBase): Promise<void> {
  const { rows } = await query(client, writableSql)
  if (rows[0]?.['writable'] !== true) throw faultOf('read_only')
}

/** Counts beyond 2^53 do not occur here, so 64-bit integers are read as numbers. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  return oid === 20 ? Number : pg.types.getTypeParser(oid, format)
}
