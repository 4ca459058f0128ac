import { leewaySecondsMax, type EpochSeconds } from '@countersign/jwt'
import type { AuditContext, AuditEvent, AuditFacts } from '../../audit/events.ts'
import { tokenTtlSecondsMax } from '../../config/token-life.ts'
import { clockStepSecondsMax } from '../port/clock.ts'
import type { ChangeRecord, RevocationEntry, TokenOwner } from '../port/records.ts'
import { partsOf, type RevocationTarget } from '../port/revocation-target.ts'
import {
  all,
  run,
  type Ask,
  type LogName,
  type Param,
  type Row,
  type Topic,
  type Verb,
} from '../port/verb.ts'
import { moment, number, text, textOrNull } from './columns.ts'

/** How long the hash at a sequence is kept; no reader compares with an older one. Units: seconds. */
const linkSecondsKept = tokenTtlSecondsMax + leewaySecondsMax + clockStepSecondsMax

/** An entry to be written; without `until` it lasts as long as any token that exists now. */
export interface NewEntry {
  readonly target: RevocationTarget
  readonly until?: EpochSeconds
  /** The owner of a single token. Its live entries are counted. */
  readonly owner?: TokenOwner | undefined
}

export type NewChange = Pick<ChangeRecord, 'table' | 'id'>

const insertAudit = `insert into audit (at, body) values ({now}, $1)`

/** Writes an audit event in the transaction of the verb. */
export function* writeAudit(facts: AuditFacts, context: AuditContext): Verb<void> {
  yield* writeEvent({ ...facts, ...context })
}

/** Writes an audit event that has its own context. */
export function* writeEvent(event: AuditEvent): Verb<void> {
  yield auditAsk(event)
}

function auditAsk(event: AuditEvent): Ask {
  const params = [JSON.stringify(event)]
  return {
    sql: insertAudit,
    params,
    rows: 'none',
    audit: event,
    followUp: null,
    tell: [],
    batch: null,
  }
}

/** A statement that gives a row where it changed something; `joined` also writes its audit event then. */
export interface AuditedStatement {
  readonly apart: string
  readonly joined: string
}

/** Makes both forms of a statement. Why: the joined form costs one round trip instead of two. */
export function auditedStatement(sql: string, paramCount: number): AuditedStatement {
  const note = `insert into audit (at, body) select {now}, $${paramCount + 1} from act`
  return { apart: sql, joined: `with act as (${sql}), noted as (${note}) select * from act` }
}

/** Asks for the only row of a statement, and writes its audit event if there is one. */
export function* oneAudited(
  { apart, joined }: AuditedStatement,
  facts: AuditFacts,
  context: AuditContext,
  ...params: readonly Param[]
): Verb<Row | undefined> {
  const followUp = { second: auditAsk({ ...facts, ...context }), joined }
  const rows = yield {
    sql: apart,
    params,
    rows: 'one',
    audit: null,
    followUp,
    tell: [],
    batch: null,
  }
  return rows[0]
}

/** Writes the last statement of a transaction: it raises both sequences, and extends the hash chain of the logs named. */
function raiseHead(links: readonly LogName[]): string {
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
 * Why: a verb calls it last, so it holds the lock of the head until its commit, and numbers follow commit order. The
 * hashes form a chain, so a log that was rolled back and grew again has other hashes.
 */
export function* appendToLog(
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
    followUp: null,
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
    const { id, belowVersion = 0 } = partsOf(target)
    const hash = sequence === number(head, 'revocations') ? text(head, 'hash') : null
    const { cid = null, sid = null } = owner ?? {}
    yield* run(insertEntry, sequence, target.kind, id, belowVersion, cid, sid, at, until, hash)
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

/**
 * Deletes entries and keeps their hashes for as long as a reader may compare.
 * Units: `deletion` is a statement that returns `sequence`, `hash`, `added_at` and `now` of each deleted entry.
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
