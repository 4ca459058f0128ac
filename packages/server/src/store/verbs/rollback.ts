import type { EpochSeconds } from '@countersign/jwt'
import type { AuditContext } from '../../audit/events.ts'
import type { LogHead, LogLink } from '../port/records.ts'
import { all, one, run, type LogName, type Row, type Verb } from '../port/verb.ts'
import { number } from './columns.ts'
import { hashIn, headOf, selectHead } from './log-head.ts'
import { writeAudit } from './log.ts'

/** The least time between two epochs that rollbacks begin. Units: seconds. */
const epochSecondsMin = 60

// The last entry of a batch has its hash. Once that entry is deleted, the table of links has it.
const selectLinks: Readonly<Record<LogName, string>> = {
  revocations: `select * from (select sequence, hash from revocations where hash is not null and sequence <= $1
    order by sequence desc limit 1) as live
  union all select * from (select sequence, hash from log_links where log = 'revocations' and sequence <= $1
    order by sequence desc limit 1) as pruned
  order by sequence desc limit 1`,
  changes: `select sequence, hash from log_links where log = 'changes' and sequence <= $1
    order by sequence desc limit 1`,
}

/** Reads the last link of a log at a number or below it. */
export function* linkUpTo(log: LogName, sequence: number): Verb<LogLink | undefined> {
  const row = yield* one(selectLinks[log], sequence)
  return row && { sequence: number(row, 'sequence'), hash: hashIn(row, 'hash') }
}

/** Reads the heads of both logs, and whether they were rolled back behind a head that was read before. */
export function* headSince(
  known: LogHead | undefined,
): Verb<{ readonly head: LogHead; readonly wentBack: boolean }> {
  const head = headOf(yield* one(selectHead))
  return { head, wentBack: known !== undefined && (yield* wentBack(known, head)) }
}

/**
 * Whether the logs that are found do not continue the known ones, or their epoch began before the known one.
 * Not checked: the contents up to a number without a hash.
 */
function* wentBack(known: LogHead, found: LogHead): Verb<boolean> {
  if (found.epoch !== known.epoch) return found.epochStart < known.epochStart
  const { sequence, hash, changes, changesHash } = known
  if (yield* differs('revocations', { sequence, hash }, found)) return true
  const foundChanges = { sequence: found.changes, hash: found.changesHash }
  return yield* differs('changes', { sequence: changes, hash: changesHash }, foundChanges)
}

function* differs(log: LogName, known: LogLink, found: LogLink): Verb<boolean> {
  if (found.sequence < known.sequence) return true
  if (known.hash === '') return false
  if (found.sequence === known.sequence) return found.hash !== known.hash
  const link = yield* linkUpTo(log, known.sequence)
  // A batch ended at the known number, so another end below it belongs to another log.
  return link !== undefined && (link.sequence !== known.sequence || link.hash !== known.hash)
}

const lockHead = `select {now} as now from log_head where one = 1 {lock}`
const setEpoch = `update log_head set epoch = $1, epoch_start = {now} where one = 1`

/**
 * Begins a new epoch if the logs were rolled back, which it checks again under the lock of the head.
 * Why: only the writable primary can decide this, and only one node begins the epoch.
 */
export function* startEpochAfterRollback(
  known: LogHead,
  epoch: string,
  audit: AuditContext,
): Verb<'begun' | 'intact' | 'too_soon'> {
  const [locked] = yield* all(lockHead)
  const { head, wentBack: isBack } = yield* headSince(known)
  if (!isBack) return 'intact'
  if (isRecent(head.epochStart, locked)) return 'too_soon'
  yield { ...tellRevocations, sql: setEpoch, params: [epoch] }
  const facts = { known: known.sequence, found: head.sequence } as const
  yield* writeAudit({ event: 'log_went_back', ...facts }, audit)
  yield* writeAudit({ event: 'epoch_started', epoch, reason: 'rollback' }, audit)
  return 'begun'
}

const tellRevocations = {
  rows: 'none',
  audit: null,
  followUp: null,
  tell: ['revocations'],
  batch: null,
} as const

function isRecent(epochStart: EpochSeconds, row: Row | undefined): boolean {
  if (row === undefined) throw new Error('the log has no head')
  return Math.abs(number(row, 'now') - epochStart) < epochSecondsMin
}

const fence = `update log_head set epoch = $1, epoch_start = {now}, fenced_at = {now} where one = 1`

/** Begins an epoch whose start revokes all tokens issued before; no node heals entries from before it. */
export function* startFencedEpoch(
  epoch: string,
  reason: 'restore' | 'issuer',
  audit: AuditContext,
): Verb<void> {
  yield* run(fence, epoch)
  yield* writeAudit({ event: 'epoch_started', epoch, reason }, audit)
}
