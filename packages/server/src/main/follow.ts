import { coalesce } from '../coalesce.ts'
import type { ChangeRecord } from '../store/port/records.ts'
import type { Store } from '../store/port/store.ts'

export interface FollowDeps {
  readonly store: Pick<Store, 'changes'>
  /** Forgets or reads anew what others changed. */
  readonly onChanges: (changes: readonly ChangeRecord[]) => Promise<void>
  readonly onRevocations: () => Promise<void>
  readonly onFault: (fault: unknown) => void
  /** The number of the last change that was committed before anything was read into memory. */
  readonly from: number
  /** Units: milliseconds. Looks without being told; what a notification says is only quicker. */
  readonly pollMs: number
}

export interface Following {
  /** Follows from another number, after the log of changes went back. */
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

  const sharedLook = coalesce(read)
  let looking: Promise<void> = Promise.resolve()
  const look = () => (looking = sharedLook())
  const heard = (what: 'changes' | 'revocations') => {
    const work = what === 'changes' ? look() : deps.onRevocations()
    work.catch(deps.onFault)
  }
  const silence = store.changes.onCommit(heard)
  heard('revocations')
  await look()
  const timer = setInterval(() => {
    heard('changes')
    heard('revocations')
  }, deps.pollMs).unref()
  return {
    goOnFrom: (from) => void (sequence = from),
    async stop() {
      silence()
      clearInterval(timer)
      await looking.catch(() => undefined)
    },
  }
}
