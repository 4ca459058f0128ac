import type { AuditContext } from '../../audit/events.ts'
import type { AccountVerbs, SessionActor } from '../port/account-verbs.ts'
import type { NewMail } from '../port/outbox-verbs.ts'
import type { NewPassword } from '../port/user-verbs.ts'
import { all, one, undo, type Driver, type Verb } from '../port/verb.ts'
import { appendMail } from './append-mail.ts'
import { appendToLog, writeAudit } from './log.ts'
import { replacePassword } from './passwords.ts'
import { endOtherSignIns, raiseUserVersion } from './user-version.ts'

/** The verbs of people on their own accounts. */
export function accountVerbs({ write }: Driver): AccountVerbs {
  return {
    changePassword: (actor, password, mail, audit) =>
      write(() => changePassword(actor, password, mail, audit)),
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
