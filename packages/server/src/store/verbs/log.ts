import { leewaySecondsMax, type EpochSeconds } from '@countersign/jwt'
import type { AuditContext, AuditEvent, AuditFacts } from '../../audit/events.ts'
import { tokenTtlSecondsMax } from '../../config/token-life.ts'
import { clockStepSecondsMax } from '../port/clock.ts'
import type {
  ChangeRecord,
  RevocationEntry,
  RevocationTarget,
  TokenOwner,
} from '../port/records.ts'
import { all, run, type Ask, type Param, type Row, type Topic, type Verb } from '../port/verb.ts'
import { moment, number, text, textOrNull } from './columns.ts'

/** How long the hash at a sequence is kept: nobody compares with an older one. Units: seconds. */
const linkSecondsKept = tokenTtlSecondsMax + leewaySecondsMax + clockStepSecondsMax

/** An entry to be written; without `until` it lives as long as any token that may be out by now. */
export interface NewEntry {
  readonly target: RevocationTarget
  readonly until?: EpochSeconds
  /** Of a single token: its owner, by whose entries are counted. */
  readonly owner?: TokenOwner | undefined
}

export type NewChange = Pick<ChangeRecord, 'table' | 'id'>

const insertAudit = `insert into audit (at, body) values ({now}, $1)`

/** Writes what happened with the act itself. */
export function* note(facts: AuditFacts, context: AuditContext): Verb<void> {
  yield* noteEvent({ ...facts, ...context })
}

/** Writes an event that carries its own context. */
export function* noteEvent(event: AuditEvent): Verb<void> {
  yield noteOf(event)
}

function noteOf(event: AuditEvent): Ask {
  const params = [JSON.stringify(event)]
  return {
    sql: insertAudit,
    params,
    rows: 'none',
    audit: event,
    noted: null,
    tell: [],
    batch: null,
  }
}

/** A statement that gives a row where it did something, also written as one with the event that is then to be noted. */
export interface NotedStatement {
  readonly apart: string
  readonly joined: string
}

/** Writes both forms. Why: one way to the database instead of two, where its statements can be nested so. */
export function notedStatement(sql: string, paramCount: number): NotedStatement {
  const note = `insert into audit (at, body) select {now}, $${paramCount + 1} from act`
  return { apart: sql, joined: `with act as (${sql}), noted as (${note}) select * from act` }
}

/** Asks for the only row of a statement, and writes what happened if there is one. */
export function* oneNoted(
  { apart, joined }: NotedStatement,
  facts: AuditFacts,
  context: AuditContext,
  ...params: readonly Param[]
): Verb<Row | undefined> {
  const noted = { note: noteOf({ ...facts, ...context }), joined }
  const rows = yield { sql: apart, params, rows: 'one', audit: null, noted, tell: [], batch: null }
  return rows[0]
}

/** The statement that ends a transaction: the next numbers, and the next hash of each log that the batch belongs to. */
function raiseHead(links: readonly Topic[]): string {
  const chained = links.map((log) => {
    const hash = log === 'revocations' ? 'hash' : 'changes_hash'
    return `, ${hash} = {chain ${hash} $3}, ${hash}_at = ${log} + $${log === 'revocations' ? 1 : 2}`
  })
  return `update log_head set revocations = revocations + $1, changes = changes + $2${chained.join('')} where one = 1
  returning revocations, changes, hash, changes_hash, ttl_ceiling, {now} as now`
}

const raiseRevocations = raiseHead(['revocations'])
const raiseChanges = raiseHead(['changes'])
const raiseBoth = raiseHead(['revocations', 'changes'])

const insertLink = `insert into log_links (log, sequence, hash, expires_at) values ($1, $2, $3, $4)
  on conflict do nothing`

const insertEntry = `insert into revocations (sequence, kind, id, bound, cid, sid, added_at, expires_at, hash)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

const insertChange = `insert into changes (record, id, sequence) values ($1, $2, $3)
  on conflict (record, id) do update set sequence = excluded.sequence`

/**
 * Appends revocation entries and changes under the next sequence numbers.
 * Why: the head is one row, so its holder commits before the next number is given; called last in a transaction. The
 * hashes are a chain, so that a log which went back and grew again differs from the one that was read before.
 */
export function* record(
  entries: readonly NewEntry[],
  changes: readonly NewChange[],
): Verb<readonly RevocationEntry[]> {
  const tell: Topic[] = []
  if (entries.length + changes.length === 0) return []
  if (entries.length > 0) tell.push('revocations')
  if (changes.length > 0) tell.push('changes')
  const rows = yield {
    sql: changes.length === 0 ? raiseRevocations : entries.length === 0 ? raiseChanges : raiseBoth,
    params: [entries.length, changes.length],
    rows: 'one',
    audit: null,
    noted: null,
    tell,
    batch: JSON.stringify([entries, changes]),
  }
  const head = rows[0]
  if (head === undefined) throw new Error('the log has no head')
  const at = moment(head, 'now')
  const lasting = (at + number(head, 'ttl_ceiling') + leewaySecondsMax) as EpochSeconds
  const firstEntry = number(head, 'revocations') - entries.length + 1
  const written = entries.map((entry, index) => ({
    sequence: firstEntry + index,
    target: entry.target,
    at,
    until: entry.until ?? lasting,
    owner: entry.owner,
  }))
  for (const { sequence, target, until, owner } of written) {
    const [id, bound] = columnsOf(target)
    const hash = sequence === number(head, 'revocations') ? text(head, 'hash') : null
    const { cid = null, sid = null } = owner ?? {}
    yield* run(insertEntry, sequence, target.kind, id, bound, cid, sid, at, until, hash)
  }
  const kept = at + linkSecondsKept
  if (changes.length > 0)
    yield* run(insertLink, 'changes', number(head, 'changes'), text(head, 'changes_hash'), kept)
  const firstChange = number(head, 'changes') - changes.length + 1
  for (const [index, change] of changes.entries()) {
    yield* run(insertChange, change.table, change.id, firstChange + index)
  }
  return written.map(({ sequence, target, until }) => ({ sequence, target, at, until }))
}

/** A target as its two columns: whom it names, and the number that goes with it. */
export function columnsOf(target: RevocationTarget): readonly [id: string, bound: number] {
  switch (target.kind) {
    case 'token':
      return [target.jti, 0]
    case 'sid':
      return [target.sid, 0]
    case 'client':
      return [target.cid, target.belowVersion]
    case 'user':
    case 'claims_stale':
      return [target.uid, target.belowVersion]
    case 'key':
      return [target.kid, 0]
    case 'issuer':
      return ['', target.issuedUpTo]
  }
}

/**
 * Deletes entries and keeps the hashes that stood in them for as long as a reader may compare.
 * Units: `deletion` is a statement that returns `sequence`, `hash`, `added_at` and `now` of each entry that it deleted.
 */
export function* deleteEntries(deletion: string, ...params: readonly Param[]): Verb<number> {
  const deleted = yield* all(deletion, ...params)
  for (const row of deleted) {
    const kept = number(row, 'added_at') + linkSecondsKept
    const hash = textOrNull(row, 'hash')
    if (hash === null || kept <= number(row, 'now')) continue
    yield* run(insertLink, 'revocations', number(row, 'sequence'), hash, kept)
  }
  return deleted.length
}
