import type { AuditContext } from '../../audit/events.ts'
import {
  levelIdleSecondsMax,
  levelSecondsMax,
  seenSecondsMin,
  sessionsPerUserMax,
  type NewSession,
  type SessionOrigin,
  type SessionProof,
  type SessionRecord,
  type SessionVerbs,
} from '../port/session-verbs.ts'
import { accountLevelOf } from '../port/factor-records.ts'
import type { RotateOutcome } from '../port/refresh-verbs.ts'
import type { UserId } from '../port/user-records.ts'
import { all, one, run, undo, type Driver, type Row, type Verb } from '../port/verb.ts'
import { appendMail } from './append-mail.ts'
import { moment, text, truth } from './columns.ts'
import { appendToLog, writeAudit } from './log.ts'
import { readFactors } from './factor-rows.ts'
import { useFactor } from './factors.ts'
import { familyOf, openFamily, rotateToken } from './refresh-tokens.ts'
import { redeemTicket } from './tickets.ts'

/** The verbs of browser sessions. A session is a refresh family with a row of its own. */
export function sessionVerbs({ read, write }: Driver): SessionVerbs {
  return {
    open: (session, origin, audit) => write(() => openSession(session, origin, audit)),
    prove: (proof, audit) => write(() => proveSession(proof, audit)),
    find: (sid) => read(() => findSession(sid)),
    list: (userId, limit) => read(() => listSessions(userId, limit)),
    touch: (sid) => write(() => run(markSeen, sid)),
    end: (sid, userId, reason, audit) =>
      write(function* () {
        const ended = yield* all(endOne, userId, sid)
        return (yield* revokeEnded(ended, reason, audit)) === 0 ? 'unknown' : 'ended'
      }),
    endOthers: (userId, keptSid, reason, audit) =>
      write(function* () {
        const ended = yield* all(endAllBut, userId, keptSid ?? '')
        return yield* revokeEnded(ended, reason, audit)
      }),
  }
}

const insertSession = `insert into sessions
  (sid, user_id, browser_hash, auth_time, amr, acr, persistent, agent, network, last_seen, proved_at)
  values ($1, $2, $3, {now}, $4, $5, $6, $7, $8, {now}, {now})`

const noteFirst = `update users set signed_in_at = {now} where id = $1 and signed_in_at is null`

function* openSession(
  session: NewSession,
  { ticket, replaces, formerBrowserHash, use, mails = [], isFirst = false }: SessionOrigin,
  audit: AuditContext,
): Verb<'opened' | 'stale_client' | 'stale_user' | 'spent' | 'used' | 'too_weak'> {
  if (ticket !== undefined && (yield* redeemTicket(ticket)) === undefined)
    return yield* undo('spent')
  const { family, browserHash, amr, acr, isPersistent, agent, network } = session
  const opened = yield* openFamily(family, {}, audit)
  if (opened !== 'opened') return opened
  const { sid, user } = family
  // Checked here, so that no way to sign in can forget it.
  if (acr === '1' && accountLevelOf(yield* readFactors(user.id)) === '2')
    return yield* undo('too_weak')
  if (use !== undefined && !(yield* useFactor(user.id, use, audit))) return yield* undo('used')
  yield* appendMail(mails)
  if (isFirst) yield* run(noteFirst, user.id)
  yield* run(
    insertSession,
    sid,
    user.id,
    browserHash,
    JSON.stringify(amr),
    acr,
    isPersistent ? 1 : 0,
    agent,
    network,
  )
  // Only the browser that signs in has the new secret, so no one who knew the old one can go on with them.
  if (formerBrowserHash !== undefined) yield* run(movePending, browserHash, formerBrowserHash)
  const replaced = replaces === undefined ? [] : yield* all(endAny, replaces)
  const beyond = yield* all(endBeyond, user.id, sid)
  // Last, because it may write to the log.
  yield* revokeEnded([...replaced, ...beyond], 'replaced', audit)
  return 'opened'
}

const updateProof = `update sessions set acr = $3, amr = $4, auth_time = {now}, proved_at = {now}, last_seen = {now}
  where sid = $1 and user_id = $2 returning sid`

function* proveSession(
  { userId, acr, amr, rotation, use, mails = [] }: SessionProof,
  audit: AuditContext,
): Verb<RotateOutcome | { readonly outcome: 'used' }> {
  const { sid } = rotation
  if ((yield* one(updateProof, sid, userId, acr, JSON.stringify(amr))) === undefined)
    return { outcome: 'ended' }
  if (use !== undefined && !(yield* useFactor(userId, use, audit)))
    return yield* undo({ outcome: 'used' })
  yield* appendMail(mails)
  const rotated = yield* rotateToken(rotation)
  switch (rotated.outcome) {
    case 'rotated':
    case 'repeated':
      yield* writeAudit({ event: 'session_proved', userId, sid, acr }, audit)
      return rotated
    // The family is gone, and the row of the session counts for nothing.
    case 'expired':
    case 'replayed':
      return rotated
    case 'ended':
    case 'unknown':
    case 'stale_client':
    case 'spent':
      return yield* undo(rotated)
  }
}

const levelNow = `case when sessions.acr = '2' and (sessions.proved_at <= {now} - ${levelSecondsMax}
  or sessions.last_seen <= {now} - ${levelIdleSecondsMax}) then '1' else sessions.acr end`
const selectLive = `select families.*, sessions.browser_hash, sessions.auth_time, sessions.proved_at, sessions.amr,
  ${levelNow} as acr, sessions.persistent, sessions.agent, sessions.network, sessions.last_seen
  from sessions join families on families.sid = sessions.sid
  where {now} < families.expires_at and {now} < families.idle_expires_at`
const selectOne = `${selectLive} and sessions.sid = $1`
const selectOfUser = `${selectLive} and sessions.user_id = $1 order by sessions.last_seen desc, sessions.sid limit $2`

function* findSession(sid: string): Verb<SessionRecord | undefined> {
  const row = yield* one(selectOne, sid)
  return row && sessionOf(row)
}

function* listSessions(userId: UserId, limit: number): Verb<readonly SessionRecord[]> {
  return (yield* all(selectOfUser, userId, limit)).map(sessionOf)
}

// A moment ahead of now was written before the clock was set back.
const markSeen = `update sessions set last_seen = {now}, acr = ${levelNow}
  where sid = $1 and (last_seen <= {now} - ${seenSecondsMin} or last_seen > {now})`

const movePending = `update authorizations set browser_hash = $1 where browser_hash = $2`

const endSessions = `delete from sessions where`
const endAny = `${endSessions} sid = $1 returning sid`
const endOne = `${endSessions} user_id = $1 and sid = $2 returning sid`
const endAllBut = `${endSessions} user_id = $1 and sid <> $2 returning sid`
const endBeyond = `${endSessions} sid in (select sid from sessions where user_id = $1 and sid <> $2
  order by last_seen desc, sid limit ${sessionsPerUserMax} offset ${sessionsPerUserMax - 1}) returning sid`
const deleteFamily = `delete from families where sid = $1 returning client_id`

/** Ends the families of deleted sessions and revokes their tokens; gives the count of those that were live. */
function* revokeEnded(rows: readonly Row[], reason: string, audit: AuditContext): Verb<number> {
  const ended: string[] = []
  // In one order for all callers, so that two of them never wait for each other.
  for (const sid of rows.map((row) => text(row, 'sid')).toSorted()) {
    const family = yield* one(deleteFamily, sid)
    if (family === undefined) continue
    const clientId = text(family, 'client_id')
    yield* writeAudit({ event: 'family_ended', clientId, sid, reason }, audit)
    ended.push(sid)
  }
  if (ended.length > 0)
    yield* appendToLog(
      ended.map((sid) => ({ target: { kind: 'sid', sid } as const })),
      [],
    )
  return ended.length
}

function sessionOf(row: Row): SessionRecord {
  const family = familyOf(row)
  if (family.user === undefined) throw new Error('a session without a user')
  return {
    userId: family.user.id,
    browserHash: text(row, 'browser_hash'),
    authTime: moment(row, 'auth_time'),
    provedAt: moment(row, 'proved_at'),
    lastSeen: moment(row, 'last_seen'),
    acr: text(row, 'acr') === '2' ? '2' : '1',
    amr: JSON.parse(text(row, 'amr')),
    isPersistent: truth(row, 'persistent'),
    agent: text(row, 'agent'),
    network: text(row, 'network'),
    family,
  }
}
