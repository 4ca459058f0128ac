import { setImmediate as nextTurn } from 'node:timers/promises'
import type pg from 'pg'
import type { StoreDeps } from '../port/deps.ts'
import { isStoreFault } from '../port/fault.ts'
import type { Migration } from '../port/migration.ts'
import type { Driver, Row, Topic, Verb } from '../port/verb.ts'
import { createConnections, type Connections } from './connections.ts'
import { checkDurability } from './durability.ts'
import {
  faultOf,
  isConnectionLoss,
  isElsewhere,
  isReadOnly,
  isRepeatable,
  postgresFault,
} from './faults.ts'
import { followHeads } from './follow.ts'
import { migratePostgres } from './migrate.ts'
import { createNotifier } from './notify.ts'
import { writableSql } from './pool.ts'
import { readAlone, shareReads, type AskRows } from './reads.ts'
import { transact, type Ended } from './transaction.ts'

/** How often one verb is tried in all, after conflicts or lost connections. */
const triesMax = 4
/** How long a schema step may take, or the wait for the step of another process that starts. Units: milliseconds. */
const migrationMs = 120_000

/**
 * Opens a Postgres database as a driver.
 * Throws: faults `unavailable`, `schema` (not migrated, or newer), `durability`.
 */
export async function openPostgres(
  address: string,
  deps: StoreDeps,
  known: readonly Migration[],
): Promise<Driver> {
  await prepareDatabase(address, deps, known, deps.migrate === true ? 'apply' : 'refuse')
  const connections = createConnections(address, deps)
  const ways = { one: shareReads(connections.reads), all: readAlone(connections.transactions) }
  const listeners = new Set<(what: Topic) => void>()
  const tell = (topic: Topic) => {
    for (const listener of listeners) listener(topic)
  }
  const follower = await followHeads(connections, deps.listenUrl ?? address, tell).catch(
    (thrown: unknown) => {
      throw postgresFault(thrown)
    },
  )
  const notifier = createNotifier(connections.transactions)
  let closed = false
  return {
    read: (verb) => read(connections, ways, verb),
    async write(verb) {
      const { outcome, topics, events } = await write(connections, verb)
      if (events.length > 0) deps.onAudit?.(events)
      for (const topic of topics) tell(topic)
      notifier.tell(topics)
      return outcome
    },
    onCommit(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    health: () => health(connections),
    async close() {
      if (closed) return
      closed = true
      await follower.close()
      await notifier.close()
      await connections.end()
    },
  }
}

/** Applies the schema steps that a database lacks, or only lists them. Throws: the store's faults. */
export async function migrateDatabase(
  address: string,
  deps: StoreDeps,
  known: readonly Migration[],
  dryRun: boolean,
): Promise<readonly Migration[]> {
  return await prepareDatabase(address, deps, known, dryRun ? 'list' : 'apply')
}

/** Checks and migrates the database on a connection of its own, because a schema step may take longer than a verb. */
async function prepareDatabase(
  address: string,
  deps: StoreDeps,
  known: readonly Migration[],
  mode: 'apply' | 'list' | 'refuse',
): Promise<readonly Migration[]> {
  const connections = createConnections(address, { ...deps, poolMax: 1, patienceMs: migrationMs })
  try {
    await checkDurability(connections)
    return await migratePostgres(connections, deps, known, mode)
  } catch (thrown) {
    throw postgresFault(thrown)
  } finally {
    await connections.end()
  }
}

type Committed<T> = Extract<Ended<T>, { readonly done: true }>

/** Runs a verb until it is committed, and again after conflicts, for as long as its caller may wait. */
async function write<T>(connections: Connections, verb: () => Verb<T>): Promise<Committed<T>> {
  const giveUp = new AbortController()
  const state = { mayHaveCommitted: false }
  return await within(connections, giveUp, state, async () => {
    for (let tries = 1; ; tries += 1) {
      const ended = await attempt(connections, verb, giveUp.signal)
      if (ended.done) return ended
      state.mayHaveCommitted ||= ended.mayHaveCommitted
      const again = mayTryAgain(ended.thrown, tries)
      if (ended.mayHaveCommitted || !again || giveUp.signal.aborted) {
        throw postgresFault(ended.thrown, ended.mayHaveCommitted)
      }
      // Other connections were lost with this one; the pool removes them in this turn.
      await nextTurn()
    }
  })
}

/** Whether a failed verb is tried again; one that reached the wrong server or schema has one more try. */
function mayTryAgain(thrown: unknown, tries: number): boolean {
  if (isStoreFault(thrown)) return false
  if (isElsewhere(thrown)) return tries < 2
  return (isRepeatable(thrown) || isConnectionLoss(thrown)) && tries < triesMax
}

async function attempt<T>(
  connections: Connections,
  verb: () => Verb<T>,
  signal: AbortSignal,
): Promise<Ended<T>> {
  let client: pg.PoolClient
  try {
    client = await connections.transactions.connect()
  } catch (thrown) {
    // The wait for a connection used up the time, so it is not repeated.
    return { done: false, thrown: unconnected(thrown), mayHaveCommitted: false }
  }
  const ended = await transact(client, connections, verb(), signal)
  connections.transactions.release(client, ended.done ? undefined : ended.thrown)
  return ended
}

/** The fault of a connection that could not be made. */
function unconnected(thrown: unknown): unknown {
  return isStoreFault(thrown) ? thrown : faultOf('unavailable', { cause: thrown })
}

async function read<T>(
  connections: Connections,
  ways: { readonly one: AskRows; readonly all: AskRows },
  make: () => Verb<T>,
): Promise<T> {
  const giveUp = new AbortController()
  return await within(connections, giveUp, { mayHaveCommitted: false }, async () => {
    const verb = make()
    let step = verb.next()
    while (!step.done) {
      const { sql, params, rows } = step.value
      const askRows = rows === 'one' ? ways.one : ways.all
      step = verb.next(await askAgain(() => askRows(connections.render(sql), params)))
    }
    return step.value
  })
}

/** Asks again on a new connection where one was lost. Why it may: a read changes nothing. */
async function askAgain(ask: () => Promise<readonly Row[]>): Promise<readonly Row[]> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask()
    } catch (thrown) {
      if (isRepeatable(thrown) || !mayTryAgain(thrown, tries)) throw postgresFault(thrown)
      // Other connections were lost with this one; the pool removes them in this turn.
      await nextTurn()
    }
  }
}

/** Fails when the database is too slow; then the signal stops the work before its commit. */
function within<T>(
  { patience }: Connections,
  giveUp: AbortController,
  state: { readonly mayHaveCommitted: boolean },
  work: () => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const fault = faultOf('unavailable', state)
      giveUp.abort(fault)
      reject(fault)
    }, patience.verbMs)
    work().then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (thrown: unknown) => {
        clearTimeout(timer)
        reject(thrown instanceof Error ? thrown : faultOf('unavailable', { cause: thrown }))
      },
    )
  })
}

async function health({ transactions }: Connections) {
  try {
    const [row] = await transactions.query(writableSql)
    return row?.['writable'] === true ? { ok: true, detail: 'postgres' } : readOnly
  } catch (thrown) {
    return isReadOnly(thrown) ? readOnly : { ok: false, detail: 'unavailable' }
  }
}

const readOnly = { ok: false, detail: 'read_only' }
