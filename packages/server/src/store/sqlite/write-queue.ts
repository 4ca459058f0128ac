import type { AuditEvent } from '../../audit/events.ts'
import { isStoreFault, storeFault } from '../port/fault.ts'
import { undoAsk, type Ask, type Driver, type Row, type Topic, type Verb } from '../port/verb.ts'
import type { Connection } from './database.ts'

/** How long a write waits for the lock of another process by default, and the pause between two tries. Units: milliseconds. */
const lockMs = 1_125
const lockPauseMs = 15
/** The most verbs that share one commit. */
const batchMax = 256

/** The raised logs and the events of a committed batch, for listeners. */
export interface Committed {
  readonly topics: Set<Topic>
  readonly events: AuditEvent[]
}

export interface WriteQueue {
  readonly write: Driver['write']
  /** Commits all waiting verbs now and fails the rest. Later writes are refused. */
  close(): void
}

/**
 * Makes the queue of writes. Verbs that wait in one turn of the event loop share one transaction and one commit; each has
 * a savepoint of its own. Why: a commit costs a sync of the disk, and a sync costs more than many verbs.
 */
export function createWriteQueue(
  connection: Connection,
  onCommitted: (committed: Committed) => void,
  patienceMs = lockMs,
): WriteQueue {
  let waiting: WaitingVerb[] = []
  let scheduled = false
  let closed = false

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    setImmediate(flush)
  }

  /** Commits one batch; `false` while another process holds the lock. */
  function flush(): boolean {
    scheduled = false
    const batch = waiting.splice(0, batchMax)
    if (batch.length === 0) return true
    if (!begin(batch)) return false
    commitBatch(connection, batch, onCommitted)
    if (waiting.length > 0) schedule()
    return true
  }

  /** Takes the lock. While another process holds it, verbs wait until their time is over, and then fail. */
  function begin(batch: readonly WaitingVerb[]): boolean {
    try {
      connection.exec('begin immediate')
      return true
    } catch (thrown) {
      const busy = isStoreFault(thrown) && thrown.kind === 'busy'
      const patient: WaitingVerb[] = []
      const now = performance.now()
      for (const waiter of batch) {
        if (busy && now < waiter.until) patient.push(waiter)
        else waiter.fail(thrown)
      }
      waiting = [...patient, ...waiting]
      if (waiting.length > 0) {
        scheduled = true
        setTimeout(flush, lockPauseMs)
      }
      return false
    }
  }

  return {
    write: (verb) =>
      new Promise((resolve, reject) => {
        if (closed) {
          reject(storeFault('unavailable', closedSentence))
          return
        }
        waiting.push({
          run(committed) {
            const outcome = drive(connection, verb(), committed)
            return () => resolve(outcome)
          },
          fail: reject,
          until: performance.now() + patienceMs,
        })
        schedule()
      }),
    close() {
      while (waiting.length > 0 && flush());
      for (const waiter of waiting.splice(0)) waiter.fail(storeFault('unavailable', closedSentence))
      closed = true
    },
  }
}

const closedSentence = 'The database was closed before this write.'

/** Runs a verb to its outcome on one connection; adds its events and raised logs to `committed`. */
export function drive<T>(connection: Connection, verb: Verb<T>, committed: Committed): T {
  let step = verb.next()
  while (!step.done) {
    const ask = step.value
    if (ask === undoAsk) {
      connection.exec('rollback to verb')
      committed.events.length = 0
      committed.topics.clear()
      step = verb.next([])
      continue
    }
    const rows = execute(connection, ask, committed)
    step = verb.next(rows)
  }
  return step.value
}

function execute(connection: Connection, ask: Ask, committed: Committed): readonly Row[] {
  const rows = connection.run(ask)
  if (ask.audit !== null) committed.events.push(ask.audit)
  for (const topic of ask.tell) committed.topics.add(topic)
  if (ask.followUp !== null && rows.length > 0) execute(connection, ask.followUp.second, committed)
  return rows
}

interface WaitingVerb {
  /** Runs the verb inside its savepoint; gives the function to call after the commit. Throws: the failure of the verb. */
  readonly run: (committed: Committed) => () => void
  readonly fail: (thrown: unknown) => void
  /** When it stops waiting for the lock, on the scale of `performance.now`. */
  readonly until: number
}

function commitBatch(
  connection: Connection,
  batch: readonly WaitingVerb[],
  onCommitted: (committed: Committed) => void,
): void {
  const all: Committed = { topics: new Set(), events: [] }
  const settled: { readonly waiter: WaitingVerb; readonly settle: () => void }[] = []
  const failed: { readonly waiter: WaitingVerb; readonly thrown: unknown }[] = []
  try {
    for (const waiter of batch) {
      connection.exec('savepoint verb')
      const own: Committed = { topics: new Set(), events: [] }
      try {
        const settle = waiter.run(own)
        connection.exec('release verb')
        settled.push({ waiter, settle })
        for (const topic of own.topics) all.topics.add(topic)
        for (const event of own.events) all.events.push(event)
      } catch (thrown) {
        // A full disk ends the whole transaction, not only this verb.
        if (!connection.inTransaction()) throw thrown
        connection.exec('rollback to verb; release verb')
        failed.push({ waiter, thrown })
      }
    }
    connection.exec('commit')
  } catch (thrown) {
    if (connection.inTransaction()) connection.exec('rollback')
    for (const waiter of batch) waiter.fail(thrown)
    return
  }
  for (const { waiter, thrown } of failed) waiter.fail(thrown)
  for (const { settle } of settled) settle()
  onCommitted(all)
}
