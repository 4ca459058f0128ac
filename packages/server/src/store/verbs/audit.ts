import type { EpochSeconds } from '@countersign/jwt'
import type { AuditRow, AuditSegment } from '../../audit/chain.ts'
import type { AuditEvent } from '../../audit/events.ts'
import type { AuditVerbs } from '../port/store.ts'
import { all, one, undo, run, type Driver, type Row, type Verb } from '../port/verb.ts'
import { bytes, moment, number, text, textOrNull } from './columns.ts'
import { writeEvent } from './log.ts'

/** The verbs of the audit log. */
export function auditVerbs({ read, write }: Driver): AuditVerbs {
  return {
    append: (events) => write(() => append(events)),
    list: (after, limit) => read(() => list(after, limit)),
    unsealed: (limit) => read(() => unsealed(limit)),
    last: () => read(last),
    seal: (segment, tip, rowIds) => write(() => seal(segment, tip, rowIds)),
    segments: (after, limit) => read(() => segments(after, limit)),
    segmentRows: (number) => read(() => segmentRows(number)),
    dropSegment: (before) => write(() => dropSegment(before)),
    lease: (name, holder, seconds) => write(() => lease(name, holder, seconds)),
  }
}

function* append(events: readonly AuditEvent[]): Verb<void> {
  for (const event of events) yield* writeEvent(event)
}

function* list(after: number, limit: number): Verb<readonly AuditRow[]> {
  const rows = yield* all(
    `select id, at, body from audit where id > $1 order by id limit $2`,
    after,
    limit,
  )
  return rows.map(rowOf)
}

const selectUnsealed = `select id, at, body from audit where segment is null order by id limit $1`
const countUnsealed = `select count(*) as waiting from audit where segment is null`

function* unsealed(limit: number): Verb<{ rows: readonly AuditRow[]; waiting: number }> {
  const rows = (yield* all(selectUnsealed, limit)).map(rowOf)
  if (rows.length < limit) return { rows, waiting: rows.length }
  const [counted] = yield* all(countUnsealed)
  return { rows, waiting: counted === undefined ? rows.length : number(counted, 'waiting') }
}

const insertSegment = `insert into audit_segments
  (number, first_id, last_id, count, marks, head, sealed_at, proof, statement)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  on conflict (number) do nothing returning number`

/** The most row ids in one statement. */
const idsPerStatement = 100

const putTip = `insert into audit_tip (one, number, proof) values (1, $1, $2)
  on conflict (one) do update set number = excluded.number, proof = excluded.proof`

function* seal(
  segment: AuditSegment,
  tip: Uint8Array,
  rowIds: readonly number[],
): Verb<'sealed' | 'lost'> {
  const row = yield* one(
    insertSegment,
    segment.number,
    segment.firstId,
    segment.lastId,
    segment.count,
    segment.marks,
    segment.head,
    segment.sealedAt,
    segment.proof,
    segment.statement,
  )
  if (row === undefined) return yield* undo('lost')
  for (let start = 0; start < rowIds.length; start += idsPerStatement) {
    const some = rowIds.slice(start, start + idsPerStatement)
    const places = some.map((_, index) => `$${index + 2}`).join(', ')
    const marked = yield* all(
      `update audit set segment = $1 where segment is null and id in (${places}) returning id`,
      segment.number,
      ...some,
    )
    if (marked.length !== some.length) return yield* undo('lost')
  }
  yield* run(putTip, segment.number, tip)
  return 'sealed'
}

const selectLast = `select audit_segments.*, audit_tip.proof as tip from audit_tip
  join audit_segments on audit_segments.number = audit_tip.number where audit_tip.one = 1`

function* last(): Verb<{ segment: AuditSegment; tip: Uint8Array } | undefined> {
  const row = yield* one(selectLast)
  return row && { segment: segmentOf(row), tip: bytes(row, 'tip') }
}

function* segments(after: number, limit: number): Verb<readonly AuditSegment[]> {
  const rows = yield* all(
    `select * from audit_segments where number > $1 order by number limit $2`,
    after,
    limit,
  )
  return rows.map(segmentOf)
}

function* segmentRows(segment: number): Verb<readonly AuditRow[]> {
  return (yield* all(`select id, at, body from audit where segment = $1 order by id`, segment)).map(
    rowOf,
  )
}

// Searched through the rows, which have an index. The heads of dropped segments stay, so a search over heads would slow down.
const nextOfRows = `select segment from audit where segment > $1 order by segment limit 1`
const selectSealedAt = `select sealed_at from audit_segments where number = $1`
const emptySegment = `update audit_segments set marks = $2, statement = null where number = $1`

function* dropSegment(before: EpochSeconds): Verb<'dropped' | 'none'> {
  const oldest = yield* oldestSegment()
  if (oldest === undefined || oldest.sealedAt >= before) return 'none'
  yield* run(`delete from audit where segment = $1`, oldest.segment)
  yield* run(emptySegment, oldest.segment, new Uint8Array(0))
  return 'dropped'
}

/** Finds the first segment that has rows. It skips rows whose segment was deleted from outside. */
function* oldestSegment(): Verb<{ segment: number; sealedAt: EpochSeconds } | undefined> {
  for (let after = 0; ;) {
    const row = yield* one(nextOfRows, after)
    if (row === undefined) return undefined
    const segment = number(row, 'segment')
    const found = yield* one(selectSealedAt, segment)
    if (found !== undefined) return { segment, sealedAt: moment(found, 'sealed_at') }
    after = segment
  }
}

// A lease that ends later than a new one would was taken before the clock was set back.
const takeLease = `insert into leases (name, holder, expires_at) values ($1, $2, {now} + $3)
  on conflict (name) do update set holder = excluded.holder, expires_at = excluded.expires_at
  where leases.holder = excluded.holder or leases.expires_at <= {now} or leases.expires_at > {now} + $3
  returning holder`

function* lease(name: string, holder: string, seconds: number): Verb<'held' | 'taken'> {
  return (yield* one(takeLease, name, holder, seconds)) === undefined ? 'taken' : 'held'
}

function rowOf(row: Row): AuditRow {
  return {
    id: number(row, 'id'),
    at: moment(row, 'at'),
    body: text(row, 'body'),
    event: JSON.parse(text(row, 'body')),
  }
}

function segmentOf(row: Row): AuditSegment {
  return {
    number: number(row, 'number'),
    firstId: number(row, 'first_id'),
    lastId: number(row, 'last_id'),
    count: number(row, 'count'),
    marks: bytes(row, 'marks'),
    head: bytes(row, 'head'),
    sealedAt: moment(row, 'sealed_at'),
    proof: bytes(row, 'proof'),
    statement: textOrNull(row, 'statement'),
  }
}
