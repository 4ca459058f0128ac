import type { AuditContext } from '../../audit/events.ts'
import type { AccountVerbs, ErasureRequest, SessionActor } from '../port/account-verbs.ts'
import type { NewMail } from '../port/outbox-verbs.ts'
import { anyBrowser, type TicketKey } from '../port/ticket-verbs.ts'
import type { UserId } from '../port/user-records.ts'
import type { NewPassword } from '../port/user-verbs.ts'
import { all, one, run, undo, type Driver, type Verb } from '../port/verb.ts'
import { appendMail } from './append-mail.ts'
import { appendToLog, writeAudit } from './log.ts'
import { replacePassword } from './passwords.ts'
import { text } from './columns.ts'
import { createTicket, redeemTicket } from './tickets.ts'
import { eraseUser } from './users.ts'
import { exportEvents, exportUser } from './export-user.ts'
import { endOtherSignIns, raiseUserVersion } from './user-version.ts'

/** The verbs of people on their own accounts. */
export function accountVerbs({ read, write }: Driver): AccountVerbs {
  return {
    changePassword: (actor, password, mail, audit) =>
      write(() => changePassword(actor, password, mail, audit)),
    requestErasure: (actor, request, mail, audit) =>
      write(() => requestErasure(actor, request, mail, audit)),
    keepAccount: (actor, audit) => write(() => keepAccount(actor, audit)),
    keepByLink: (hash, audit) => write(() => keepByLink(hash, audit)),
    eraseNow: (actor, audit) => write(() => eraseNow(actor, audit)),
    exportRows: (userId) => read(() => exportUser(userId)),
    exportEvents: (userId, below) => read(() => exportEvents(userId, below)),
    async eraseDue(audit) {
      // A read shows that nobody is due. A write would be one every few seconds, for ever.
      const due = await read(() => one(selectDue))
      return due === undefined ? 'none' : write(() => eraseDue(audit))
    },
  }
}

const lockUser = `select id from users where id = $1 and status = 'active' {lock}`
const selectSession = `select sessions.sid from sessions join families on families.sid = sessions.sid
  where sessions.sid = $1 and sessions.user_id = $2
  and {now} < families.expires_at and {now} < families.idle_expires_at`

/**
 * Locks the user of a session; `false` where the session has ended.
 * Why the user first: each verb that ends sessions of a user locks the user before.
 */
function* lockActor({ userId, sid }: SessionActor): Verb<boolean> {
  if ((yield* one(lockUser, userId)) === undefined) return false
  return (yield* one(selectSession, sid, userId)) !== undefined
}

const keepFamily = `update families set user_version = $2 where sid = $1 and user_id = $3 returning sid`

function* changePassword(
  actor: SessionActor,
  password: NewPassword,
  mail: readonly NewMail[],
  audit: AuditContext,
): Verb<Awaited<ReturnType<AccountVerbs['changePassword']>>> {
  const { userId, sid } = actor
  if (!(yield* lockActor(actor))) return { outcome: 'session_ended' }
  yield* replacePassword(userId, password)
  const version = yield* raiseUserVersion(userId)
  const others = yield* endOtherSignIns(userId, sid)
  // Without a lock on the row of the session, another transaction may have deleted it a moment ago.
  if ((yield* all(keepFamily, sid, version, userId)).length === 0)
    return yield* undo({ outcome: 'session_ended' })
  yield* writeAudit({ event: 'user_password_set', userId, version }, audit)
  yield* appendMail(mail)
  yield* appendToLog([{ target: { kind: 'user', uid: userId, belowVersion: version } }], [])
  return { outcome: 'changed', others }
}

const setMoment = `update users set erase_at = {now} + $2 where id = $1 and erase_at is null returning id`

function* requestErasure(
  actor: SessionActor,
  { linkHash, waitSeconds }: ErasureRequest,
  mail: readonly NewMail[],
  audit: AuditContext,
): Verb<'requested' | 'waiting' | 'session_ended'> {
  const { userId } = actor
  if (!(yield* lockActor(actor))) return 'session_ended'
  if ((yield* one(setMoment, userId, waitSeconds)) === undefined) return 'waiting'
  yield* createTicket({
    ...wayBack(linkHash),
    userId,
    nameKey: null,
    payload: '{}',
    attemptsMax: 1,
    ttlSeconds: waitSeconds,
  })
  yield* writeAudit({ event: 'user_erasure_requested', userId, waitSeconds }, audit)
  yield* appendMail(mail)
  return 'requested'
}

/** The ticket of the link. Any browser may use it, because a person who lost the account has no other way. */
function wayBack(hash: string): TicketKey {
  return { purpose: 'delete_account', hash, browserHash: anyBrowser }
}

// Once the moment has come the account is gone for all, however late the work is done.
const clearMoment = `update users set erase_at = null where id = $1 and erase_at > {now} returning id`
const deleteWaysBack = `delete from tickets where user_id = $1 and purpose = 'delete_account'`

function* keepUser(userId: UserId, audit: AuditContext): Verb<'kept' | 'none'> {
  if ((yield* one(clearMoment, userId)) === undefined) return 'none'
  yield* run(deleteWaysBack, userId)
  yield* writeAudit({ event: 'user_erasure_revoked', userId }, audit)
  return 'kept'
}

function* keepAccount(
  actor: SessionActor,
  audit: AuditContext,
): Verb<'kept' | 'none' | 'session_ended'> {
  if (!(yield* lockActor(actor))) return 'session_ended'
  return yield* keepUser(actor.userId, audit)
}

function* keepByLink(hash: string, audit: AuditContext): Verb<'kept' | 'none'> {
  const ticket = yield* redeemTicket(wayBack(hash))
  const userId = ticket?.userId
  return userId === undefined || userId === null ? 'none' : yield* keepUser(userId, audit)
}

function* eraseNow(actor: SessionActor, audit: AuditContext): Verb<'erased' | 'session_ended'> {
  if (!(yield* lockActor(actor))) return 'session_ended'
  return (yield* eraseUser(actor.userId, audit)) === 'erased' ? 'erased' : 'session_ended'
}

const selectDue = `select id from users where erase_at <= {now} order by erase_at limit 1`
const lockDue = `${selectDue} {lock}`

function* eraseDue(audit: AuditContext): Verb<'erased' | 'none'> {
  const row = yield* one(lockDue)
  if (row === undefined) return 'none'
  const outcome = yield* eraseUser(text(row, 'id') as UserId, audit)
  return outcome === 'erased' ? 'erased' : 'none'
}
