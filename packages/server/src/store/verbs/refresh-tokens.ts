import type { AuditContext } from '../../audit/events.ts'
import type { FamilyRecord, NewFamily } from '../port/records.ts'
import type { Spending } from '../port/spending.ts'
import type { UserId } from '../port/user-records.ts'
import type { RefreshPlan, RefreshVerbs, RotateOutcome } from '../port/refresh-verbs.ts'
import { one, undo, run, type Driver, type Row, type Verb } from '../port/verb.ts'
import { bytesOrNull, moment, momentOrNull, number, text, textOrNull } from './columns.ts'
import { writeAudit, auditedStatement, oneAudited, appendToLog } from './log.ts'
import { spendAll } from './spent.ts'

/** The verbs of refresh families (one row per live family, hashes of two generations). */
export function refreshVerbs({ read, write }: Driver): RefreshVerbs {
  return {
    open: (family, spending, audit) => write(() => openFamily(family, spending, audit)),
    find: (sid) => read(() => find(sid)),
    rotate: (plan) => write(() => rotateToken(plan)),
    end: (sid, reason, audit, spending = {}) =>
      write(() => spendAndEnd(sid, reason, audit, spending)),
  }
}

// The lock delays the disabling of the client, so that it ends the family opened here.
const lockVersion = `select version from clients where id = $1 and version = $2 and enabled = 1 {share}`

const insertFamily = `insert into families
  (sid, client_id, client_version, subject, username, access, jkt, generation, current_hash,
   rotated_at, opened_at, idle_expires_at, expires_at, user_id, user_version)
  values ($1, $2, $3, $4, $5, $6, $7, 1, $8, {now}, {now}, {now} + $9, {now} + $10, $11, $12)`

// The lock delays the disabling of the user, so that it ends the family opened here.
const lockUserVersion = `select version from users where id = $1 and version = $2 and status = 'active' {share}`

/** Opens a family as the step of a verb. The verb is undone for every other outcome. */
export function* openFamily(
  family: NewFamily,
  spending: Spending,
  audit: AuditContext,
): Verb<'opened' | 'stale_client' | 'stale_user' | 'spent'> {
  if (!(yield* spendAll(spending.spend ?? []))) return yield* undo('spent')
  const { sid, clientId, clientVersion } = family
  const client = yield* one(lockVersion, clientId, clientVersion)
  if (client === undefined) return yield* undo('stale_client')
  const { user } = family
  if (user !== undefined && (yield* one(lockUserVersion, user.id, user.version)) === undefined)
    return yield* undo('stale_user')
  yield* run(
    insertFamily,
    sid,
    clientId,
    clientVersion,
    family.subject,
    family.username,
    JSON.stringify(family.access),
    family.jkt,
    family.currentHash,
    Math.min(family.idleTtlSeconds, family.absoluteTtlSeconds),
    family.absoluteTtlSeconds,
    user?.id ?? null,
    user?.version ?? null,
  )
  const facts = user === undefined ? {} : { subject: user.id }
  yield* writeAudit({ event: 'family_opened', clientId, sid, ...facts }, audit)
  return 'opened'
}

const selectFamily = `select families.*, {now} as now from families where sid = $1`
const lockFamily = `${selectFamily} {lock}`

function* find(sid: string): Verb<FamilyRecord | undefined> {
  const row = yield* one(selectFamily, sid)
  return row && familyOf(row)
}

// All conditions of a first use in one statement: of several requests at once, the update of exactly one finds the row.
const rotateFamily = auditedStatement(
  `update families set
    generation = generation + 1,
    previous_hash = current_hash,
    current_hash = $6,
    successor_seal = $7,
    seal_until = {now} + $8,
    rotated_at = {now},
    idle_expires_at = case when {now} + $9 < expires_at then {now} + $9 else expires_at end
  where sid = $1 and client_id = $2 and jkt is not distinct from $3 and generation = $4 and current_hash = $5
    and {now} < idle_expires_at and {now} < expires_at
    and exists (select 1 from clients where id = $2 and version = $10 and enabled = 1)
  returning generation`,
  10,
)

/** Exchanges a token for its successor as the step of a verb. */
export function* rotateToken(plan: RefreshPlan): Verb<RotateOutcome> {
  if (!(yield* spendAll(plan.spend ?? []))) return yield* undo({ outcome: 'spent' })
  const { sid, clientId } = plan
  // The statement requires the presented generation, so the next one is known.
  const generation = plan.presentedGeneration + 1
  const rotated = yield* oneAudited(
    rotateFamily,
    { event: 'refresh_rotated', clientId, sid, generation },
    plan.audit,
    sid,
    clientId,
    plan.jkt,
    plan.presentedGeneration,
    plan.presentedHash,
    plan.nextHash,
    plan.nextSeal,
    plan.repeatUntilSuccessorUsed ? null : plan.repeatWindowSeconds,
    plan.idleTtlSeconds,
    plan.clientVersion,
  )
  return rotated === undefined ? yield* classifyToken(plan) : { outcome: 'rotated' }
}

const selectVersion = `select version from clients where id = $1 and version = $2 and enabled = 1`

/** Decides the outcome for a token that did not rotate: a repeat, a replay, or a token of no live family. */
function* classifyToken(plan: RefreshPlan): Verb<RotateOutcome> {
  const { sid, clientId, presentedGeneration: generation } = plan
  const row = yield* one(lockFamily, sid)
  if (row === undefined) return { outcome: 'ended' }
  const family = familyOf(row)
  if (isForeign(plan, family)) return { outcome: 'unknown' }
  const now = number(row, 'now')
  if (now >= family.expiresAt || now >= family.idleExpiresAt) {
    // Deleted, so that the family stays ended if the clock is set back.
    yield* run(deleteFamily, sid)
    yield* writeAudit({ event: 'family_ended', clientId, sid, reason: 'expired' }, plan.audit)
    return { outcome: 'expired' }
  }
  if (generation < family.generation && !isHonestRepeat(plan, family, now)) {
    yield* writeAudit({ event: 'refresh_replayed', clientId, sid, generation }, plan.audit)
    yield* end(sid, 'reuse', plan.audit)
    return { outcome: 'replayed' }
  }
  const client = yield* one(selectVersion, clientId, plan.clientVersion)
  if (client === undefined || generation === family.generation || family.successorSeal === null) {
    return yield* undo({ outcome: 'stale_client' })
  }
  yield* writeAudit({ event: 'refresh_repeated', clientId, sid, generation }, plan.audit)
  return { outcome: 'repeated', successorSeal: family.successorSeal }
}

/** Whether the token, client or key is not of this family. Not checked: the hash of a token older than two generations. */
function isForeign(plan: RefreshPlan, family: FamilyRecord): boolean {
  if (family.clientId !== plan.clientId || family.jkt !== plan.jkt) return true
  switch (family.generation - plan.presentedGeneration) {
    case 0:
      return plan.presentedHash !== family.currentHash
    case 1:
      return plan.presentedHash !== family.previousHash
    default:
      return plan.presentedGeneration < 1 || plan.presentedGeneration > family.generation
  }
}

/** Whether the previous token may come again because its reply was lost. */
function isHonestRepeat(plan: RefreshPlan, family: FamilyRecord, now: number): boolean {
  if (plan.presentedGeneration !== family.generation - 1 || family.successorSeal === null)
    return false
  if (family.sealUntil === null && plan.repeatUntilSuccessorUsed) return true
  return now < family.rotatedAt + plan.repeatWindowSeconds
}

function* spendAndEnd(
  sid: string,
  reason: string,
  audit: AuditContext,
  { spend = [] }: Spending,
): Verb<'ended' | 'unknown' | 'spent'> {
  if (!(yield* spendAll(spend))) return yield* undo('spent')
  return yield* end(sid, reason, audit)
}

const deleteFamily = `delete from families where sid = $1 returning client_id`

function* end(sid: string, reason: string, audit: AuditContext): Verb<'ended' | 'unknown'> {
  const row = yield* one(deleteFamily, sid)
  if (row === undefined) return 'unknown'
  yield* writeAudit({ event: 'family_ended', clientId: text(row, 'client_id'), sid, reason }, audit)
  yield* appendToLog([{ target: { kind: 'sid', sid } }], [])
  return 'ended'
}

function userOfFamily(row: Row): Pick<FamilyRecord, 'user'> {
  const id = textOrNull(row, 'user_id')
  return id === null ? {} : { user: { id: id as UserId, version: number(row, 'user_version') } }
}

export function familyOf(row: Row): FamilyRecord {
  return {
    sid: text(row, 'sid'),
    clientId: text(row, 'client_id'),
    subject: text(row, 'subject'),
    username: text(row, 'username'),
    access: JSON.parse(text(row, 'access')),
    jkt: textOrNull(row, 'jkt'),
    generation: number(row, 'generation'),
    currentHash: text(row, 'current_hash'),
    previousHash: textOrNull(row, 'previous_hash'),
    successorSeal: bytesOrNull(row, 'successor_seal'),
    sealUntil: momentOrNull(row, 'seal_until'),
    rotatedAt: moment(row, 'rotated_at'),
    openedAt: moment(row, 'opened_at'),
    idleExpiresAt: moment(row, 'idle_expires_at'),
    expiresAt: moment(row, 'expires_at'),
    clientVersion: number(row, 'client_version'),
    ...userOfFamily(row),
  }
}
