import { coalesce } from '../coalesce.ts'
import type { ChangeRecord } from '../store/port/records.ts'
import type { Store } from '../store/port/store.ts'

export interface FollowDeps {
  readonly store: Pick<Store, 'changes'>
  /** Forgets changed records, or reads them again. */
  readonly onChanges: (changes: readonly ChangeRecord[]) => Promise<void>
  readonly onRevocations: () => Promise<void>
  readonly onFault: (fault: unknown) => void
  /** The number of the last change before the first read into memory. */
  readonly from: number
  /** Units: milliseconds. The logs are polled this often. A notification is only quicker. */
  readonly pollMs: number
}

export interface Following {
  /** Follows from another number, after the log of changes was rolled back. */
  readonly goOnFrom: (sequence: number) => void
  readonly stop: () => Promise<void>
}

const changesMax = 500

/**
 * Follows both logs, so that memory is never older than a moment. It is the only follower of the database in a process.
 * Changes since `from` are read before this resolves.
 * Why: sequences have no gaps, so a change that was missed is found by its number.
 */
export async function follow(deps: FollowDeps): Promise<Following> {
  const { store } = deps
  let sequence = deps.from

  async function read(): Promise<void> {
    for (;;) {
      const changes = await store.changes.since(sequence, changesMax)
      const last = changes.at(-1)
      if (last === undefined) return
      await deps.onChanges(changes)
      sequence = last.sequence
    }
  }

  const sharedRead = coalesce(read)
  let reading: Promise<void> = Promise.resolve()
  const readChanges = () => (reading = sharedRead())
  const readLog = (log: 'changes' | 'revocations') => {
    const work = log === 'changes' ? readChanges() : deps.onRevocations()
    work.catch(deps.onFault)
  }
  const stopListening = store.changes.onCommit(readLog)
  readLog('revocations')
  await readChanges()
  const timer = setInterval(() => {
    readLog('changes')
    readLog('revocations')
  }, deps.pollMs).unref()
  return {
    goOnFrom: (from) => void (sequence = from),
    async stop() {
      stopListening()
      clearInterval(timer)
      await reading.catch(() => undefined)
    },
  }
}
