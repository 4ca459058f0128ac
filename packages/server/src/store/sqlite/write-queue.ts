import type { AuditEvent } from '../../audit/events.ts'
import { isStoreFault, storeFault } from '../port/fault.ts'
import { undoAsk, type Ask, type Driver, type Row, type Topic, type Verb } from '../port/verb.ts'
import type { Connection } from './database.ts'

/** How long a write waits for another process's lock, unless its caller has more time; and between two tries. Units: milliseconds. */
const lockMs = 1_125
const lockPauseMs = 15
/** Acts that share one commit. */
const batchMax = 256

/** What a committed batch leaves behind for others to hear. */
export interface Committed {
  readonly topics: Set<Topic>
  readonly events: AuditEvent[]
}

export interface WriteQueue {
  readonly write: Driver['write']
  /** Commits all that waits, at once; what cannot be is failed. Nothing may be written afterwards. */
  close(): void
}

/**
 * Makes the writing side: acts that wait together in one turn of the event loop share one transaction, one savepoint
 * each, and one commit. Why: a commit costs a sync of the disk, and a sync costs more than many acts.
 */
export function createWriteQueue(
  connection: Connection,
  onCommitted: (committed: Committed) => void,
  patienceMs = lockMs,
): WriteQueue {
  let waiting: Act[] = []
  let scheduled = false
  let closed = false

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    setImmediate(flush)
  }

  /** Commits one batch; `false` when the lock was not to be had. */
  function flush(): boolean {
    scheduled = false
    const batch = waiting.splice(0, batchMax)
    if (batch.length === 0) return true
    if (!begin(batch)) return false
    commitBatch(connection, batch, onCommitted)
    if (waiting.length > 0) schedule()
    return true
  }

  /** Takes the lock; while another process holds it, the batch waits a little and, in the end, fails. */
  function begin(batch: readonly Act[]): boolean {
    try {
      connection.exec('begin immediate')
      return true
    } catch (thrown) {
      const busy = isStoreFault(thrown) && thrown.kind === 'busy'
      const patient: Act[] = []
      const now = performance.now()
      for (const act of batch) {
        if (busy && now < act.until) patient.push(act)
        else act.fail(thrown)
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
      for (const act of waiting.splice(0)) act.fail(storeFault('unavailable', closedSentence))
      closed = true
    },
  }
}

const closedSentence = 'The database was closed while something was still to be written.'

/** Drives a verb to its outcome on one connection; what it wrote for others to hear is added to `committed`. */
export function drive<T>(connection: Connection, verb: Verb<T>, committed: Committed): T {
  let step = verb.next()
  while (!step.done) {
    const ask = step.value
    if (ask === undoAsk) {
      connection.exec('rollback to act')
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
  if (ask.noted !== null && rows.length > 0) execute(connection, ask.noted.note, committed)
  return rows
}

interface Act {
  /** Runs the act inside its savepoint; gives what to do once it is committed. Throws: what broke it. */
  readonly run: (committed: Committed) => () => void
  readonly fail: (thrown: unknown) => void
  /** When it waits no longer for its turn, as `performance.now` tells it. */
  readonly until: number
}

function commitBatch(
  connection: Connection,
  batch: readonly Act[],
  onCommitted: (committed: Committed) => void,
): void {
  const all: Committed = { topics: new Set(), events: [] }
  const settled: { readonly act: Act; readonly settle: () => void }[] = []
  const failed: { readonly act: Act; readonly thrown: unknown }[] = []
  try {
    for (const act of batch) {
      connection.exec('savepoint act')
      const own: Committed = { topics: new Set(), events: [] }
      try {
        const settle = act.run(own)
        connection.exec('release act')
        settled.push({ act, settle })
        for (const topic of own.topics) all.topics.add(topic)
        for (const event of own.events) all.events.push(event)
      } catch (thrown) {
        // A full disk ends the whole transaction, not only this act.
        if (!connection.inTransaction()) throw thrown
        connection.exec('rollback to act; release act')
        failed.push({ act, thrown })
      }
    }
    connection.exec('commit')
  } catch (thrown) {
    if (connection.inTransaction()) connection.exec('rollback')
    for (const act of batch) act.fail(thrown)
    return
  }
  for (const { act, thrown } of failed) act.fail(thrown)
  for (const { settle } of settled) settle()
  onCommitted(all)
}
