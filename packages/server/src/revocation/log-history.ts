import type { LiveIndex, WireEntry } from '@countersign/guard/revocations'
import type { AuditContext } from '../audit/events.ts'
import type { EpochSeconds } from '@countersign/jwt'
import type { LogHead, DatedEntry } from '../store/port/records.ts'
import type { RevocationVerbs } from '../store/port/revocation-verbs.ts'
import { datedEntryOf } from './wire.ts'

export interface LogHistoryDeps {
  readonly log: Pick<
    RevocationVerbs,
    'headSince' | 'startEpochAfterRollback' | 'disabledRecords' | 'heal'
  >
  /** The entries that this process read from the database. */
  readonly index: Pick<LiveIndex, 'entries'>
  readonly now: () => EpochSeconds
  readonly randomId: () => string
}

/** The memory of this process of the log, with which it notices a rollback and repairs the log. */
export interface LogHistory {
  /**
   * Reads the head of the log. If the log was rolled back behind `known`, a new epoch begins first.
   * Throws: when no new epoch may begin yet, so that the log counts as unread.
   */
  readonly readHead: (known: LogHead | undefined) => Promise<LogHead>
  /** Remembers which clients and users are disabled, if the log of changes has grown. */
  readonly learn: (head: LogHead) => Promise<void>
  /** Writes entries again that a rollback lost. Gives whether the log changed, so that it must be read again. */
  readonly heal: (known: LogHead, newest: LogHead, found: readonly WireEntry[]) => Promise<boolean>
}

const system: AuditContext = { requestId: 'revocations', address: null, actor: 'system' }
/** The most entries that one transaction writes again; it locks the head of the log. */
const healedAtOnce = 200
const none: readonly string[] = []

/** Makes the memory that notices a rollback and repairs the log. */
export function createLogHistory({ log, index, now, randomId }: LogHistoryDeps): LogHistory {
  let learnt = { epoch: '', changes: -1, clients: none, users: none }

  return {
    async readHead(known) {
      const { head, wentBack } = await log.headSince(known)
      if (known === undefined || !wentBack) return head
      const outcome = await log.startEpochAfterRollback(known, randomId(), system)
      if (outcome !== 'begun') throw new Error(faults[outcome])
      return (await log.headSince(undefined)).head
    },

    async learn(head) {
      if (head.epoch === learnt.epoch && head.changes === learnt.changes) return
      const found = await log.disabledRecords()
      // A result that is not of this head may be of another log: the next head decides.
      const isSame = found.epoch === head.epoch && found.changes === head.changes
      if (isSame && found.changesHash === head.changesHash) learnt = found
    },

    async heal(known, newest, found) {
      if (newest.epoch === known.epoch || newest.fencedAt > known.fencedAt) return false
      const lost = lostEntries(index.entries(), found, now())
      let isHealed = false
      for (let first = 0; first === 0 || first < lost.length; first += healedAtOnce) {
        const entries = lost.slice(first, first + healedAtOnce)
        const { clients, users } = first === 0 ? learnt : { clients: none, users: none }
        const outcome = await log.heal(newest.epoch, { entries, clients, users }, system)
        if (outcome === 'other_epoch') return true
        isHealed ||= outcome === 'healed'
      }
      return isHealed
    },
  }
}

const faults = {
  intact: 'A read of the log of revocations was older than an earlier one. It is read again.',
  too_soon:
    'The log of revocations was rolled back twice within a minute. A new epoch begins when the minute is over.',
} as const

/** Finds the live entries of `known` that no entry of `found` covers. */
function lostEntries(
  known: readonly WireEntry[],
  found: readonly WireEntry[],
  now: number,
): readonly DatedEntry[] {
  const there = new Map<string, WireEntry[]>()
  for (const entry of found) {
    const name = kindAndId(entry)
    const same = there.get(name)
    if (same === undefined) there.set(name, [entry])
    else same.push(entry)
  }
  const isThere = (entry: WireEntry) =>
    there.get(kindAndId(entry))?.some((other) => covers(other, entry)) === true
  return known.filter((entry) => entry[3] > now && !isThere(entry)).map(datedEntryOf)
}

function kindAndId([, kind, id]: WireEntry): string {
  return `${kind} ${id}`
}

function covers(other: WireEntry, [, , , until, belowVersion = 0]: WireEntry): boolean {
  return other[3] >= until && (other[4] ?? 0) >= belowVersion
}
