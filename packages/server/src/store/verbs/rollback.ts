import type { EpochSeconds } from '@countersign/jwt'
import type { AuditContext } from '../../audit/events.ts'
import type { LogHead, LogLink } from '../port/records.ts'
import { all, one, run, type Row, type Topic, type Verb } from '../port/verb.ts'
import { number } from './columns.ts'
import { hashIn, headOf, selectHead } from './log-head.ts'
import { note } from './log.ts'

/** At most one epoch begins by a rollback in this time. Units: seconds. */
const epochSecondsMin = 60

// A hash stands in the last entry of its batch, and apart from it once that entry is gone.
const selectLinks: Readonly<Record<Topic, string>> = {
  revocations: `select * from (select sequence, hash from revocations where hash is not null and sequence <= $1
    order by sequence desc limit 1) as live
  union all select * from (select sequence, hash from log_links where log = 'revocations' and sequence <= $1
    order by sequence desc limit 1) as pruned
  order by sequence desc limit 1`,
  changes: `select sequence, hash from log_links where log = 'changes' and sequence <= $1
    order by sequence desc limit 1`,
}

/** Reads the last link of a log at a number or below it. */
export function* linkUpTo(log: Topic, sequence: number): Verb<LogLink | undefined> {
  const row = yield* one(selectLinks[log], sequence)
  return row && { sequence: number(row, 'sequence'), hash: hashIn(row, 'hash') }
}

/** Reads where both logs stand, and whether they went back behind a place that was read before. */
export function* headSince(
  known: LogHead | undefined,
): Verb<{ readonly head: LogHead; readonly wentBack: boolean }> {
  const head = headOf(yield* one(selectHead))
  return { head, wentBack: known !== undefined && (yield* wentBack(known, head)) }
}

/**
 * Whether the logs that are found do not continue the known ones. An epoch that began before the known one counts too.
 * Not checked: a place without a hash, beyond its number.
 */
function* wentBack(known: LogHead, found: LogHead): Verb<boolean> {
  if (found.epoch !== known.epoch) return found.epochStart < known.epochStart
  const { sequence, hash, changes, changesHash } = known
  if (yield* parts('revocations', { sequence, hash }, found)) return true
  const foundChanges = { sequence: found.changes, hash: found.changesHash }
  return yield* parts('changes', { sequence: changes, hash: changesHash }, foundChanges)
}

function* parts(log: Topic, known: LogLink, found: LogLink): Verb<boolean> {
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
 * Begins a new epoch if the logs went back, judged again under the lock of the head.
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
  yield* note({ event: 'log_went_back', ...facts }, audit)
  yield* note({ event: 'epoch_started', epoch, reason: 'rollback' }, audit)
  return 'begun'
}

const tellRevocations = {
  rows: 'none',
  audit: null,
  noted: null,
  tell: ['revocations'],
  batch: null,
} as const

function isRecent(epochStart: EpochSeconds, row: Row | undefined): boolean {
  if (row === undefined) throw new Error('the log has no head')
  return Math.abs(number(row, 'now') - epochStart) < epochSecondsMin
}

const fence = `update log_head set epoch = $1, epoch_start = {now}, fenced_at = {now} where one = 1`

/** Begins an epoch whose start revokes all that was issued before; no node heals across it. */
export function* startFencedEpoch(
  epoch: string,
  reason: 'restore' | 'issuer',
  audit: AuditContext,
): Verb<void> {
  yield* run(fence, epoch)
  yield* note({ event: 'epoch_started', epoch, reason }, audit)
}
