import type { AuditContext } from '../../audit/events.ts'
import type { ProofVerbs, SignUp, TicketPayloads } from '../port/proof-verbs.ts'
import type { MailProof } from '../port/ticket-verbs.ts'
import type { UserId } from '../port/user-records.ts'
import type { NewPassword } from '../port/user-verbs.ts'
import { all, one, run, type Verb } from '../port/verb.ts'
import { number, text } from './columns.ts'
import { appendToLog, writeAudit } from './log.ts'
import { proveMail } from './mail-tickets.ts'
import { appendMail } from './append-mail.ts'
import { findPassword, insertPassword, replacePassword } from './passwords.ts'
import { createTicket, redeemTicket } from './tickets.ts'
import { insertName } from './user-names.ts'
import {
  deleteCredentials,
  deleteUserRows,
  insertUserRow,
  takenId,
  updateStatus,
} from './user-rows.ts'
import { endSignIns } from './user-version.ts'

/** Makes an unverified account or a ticket of nobody, as `ProofVerbs.signUp` says. */
export function* signUp(
  { user, name, password, ticket, mail }: SignUp,
  audit: AuditContext,
): Verb<void> {
  const taken = yield* insertName(user.id, { ...name, kind: 'address', isVerified: false })
  if (taken === undefined) {
    if (!(yield* insertUserRow(user.id, user.handle, 'unverified', {}))) throw takenId()
    yield* insertPassword(user.id, password)
    yield* writeAudit({ event: 'user_added', userId: user.id }, audit)
  }
  const holder = taken === undefined ? user.id : yield* findUnverified(name.key)
  yield* createTicket({ ...ticket, userId: holder ?? null })
  yield* appendMail(holder === undefined ? mail.taken : mail.free)
}

const selectHolder = `select users.id, users.status from user_names join users on users.id = user_names.user_id
  where user_names.key = $1`

/** Gives the unverified account that holds a name. */
function* findUnverified(key: string): Verb<UserId | undefined> {
  const row = yield* one(selectHolder, key)
  if (row === undefined || text(row, 'status') !== 'unverified') return undefined
  return text(row, 'id') as UserId
}

const lockUser = `select status, version from users where id = $1 {lock}`

/** Deletes the unverified account that holds a name which somebody else proved. */
export function* reclaimName(key: string, audit: AuditContext): Verb<void> {
  const userId = yield* findUnverified(key)
  if (userId === undefined) return
  const row = yield* one(lockUser, userId)
  if (row === undefined || text(row, 'status') !== 'unverified') return
  yield* dropUnverified(userId, number(row, 'version') + 1, audit)
}

// No token ever showed the name of an unverified account, so it is free at once.
function* dropUnverified(userId: UserId, version: number, audit: AuditContext): Verb<void> {
  yield* run(`delete from user_names where user_id = $1`, userId)
  yield* endSignIns(userId)
  yield* deleteUserRows(userId)
  yield* writeAudit({ event: 'user_erased', userId, version }, audit)
}

const selectOld = `select id, version from users where status = 'unverified' and created_at <= {now} - $1
  order by created_at limit $2 {lock}`

/** Deletes accounts that proved no address in time; gives their count. */
export function* pruneUnverified(seconds: number, limit: number): Verb<number> {
  const rows = yield* all(selectOld, seconds, limit)
  for (const row of rows)
    yield* dropUnverified(text(row, 'id') as UserId, number(row, 'version') + 1, byTheService)
  return rows.length
}

const byTheService = { requestId: 'prune', address: null, actor: 'system' } as const

type Verified = Awaited<ReturnType<ProofVerbs['verifyAddress']>>

/** Makes an account active by its proof, as `ProofVerbs.verifyAddress` says. */
export function* verifyAddress(proof: MailProof, audit: AuditContext): Verb<Verified> {
  const proven = yield* proveMail('verify_address', proof)
  if (proven.outcome !== 'proven') return proven
  const { userId, nameKey, payload } = proven.ticket
  if (userId === null || nameKey === null) return { outcome: 'ended' }
  const { password }: TicketPayloads['verify_address'] = JSON.parse(payload)
  const chosen = password && { ...password, mustChange: false }
  return (yield* activate(userId, nameKey, chosen, audit))
    ? { outcome: 'verified', userId }
    : { outcome: 'ended' }
}

const proveName = `update user_names set verified_at = {now} where key = $1 and user_id = $2`

/**
 * Makes an unverified account active, and drops each credential, session and link that it held before.
 * Gives `false` where it is no unverified account any more.
 */
function* activate(
  userId: UserId,
  nameKey: string,
  password: NewPassword | undefined,
  audit: AuditContext,
): Verb<boolean> {
  const row = yield* one(lockUser, userId)
  if (row === undefined || text(row, 'status') !== 'unverified') return false
  const kept = password ?? (yield* findPassword(userId))
  yield* endSignIns(userId)
  yield* deleteCredentials(userId)
  if (kept !== undefined) yield* insertPassword(userId, kept)
  yield* run(proveName, nameKey, userId)
  yield* run(updateStatus, userId, 'active', number(row, 'version') + 1)
  yield* writeAudit({ event: 'user_address_verified', userId }, audit)
  return true
}

/** Sets a password by its ticket, as `ProofVerbs.choosePassword` says. */
export function* choosePassword(
  key: Parameters<ProofVerbs['choosePassword']>[0],
  password: NewPassword,
  mail: Parameters<ProofVerbs['choosePassword']>[2],
  audit: AuditContext,
): Verb<Awaited<ReturnType<ProofVerbs['choosePassword']>>> {
  const ticket = yield* redeemTicket({ ...key, purpose: 'choose_password' })
  if (ticket === undefined || ticket.userId === null) return { outcome: 'unknown' }
  const { userId, nameKey } = ticket
  const { from }: TicketPayloads['choose_password'] = JSON.parse(ticket.payload)
  if (from === 'verify_address') {
    const isActive = nameKey !== null && (yield* activate(userId, nameKey, password, audit))
    return isActive ? { outcome: 'set', userId } : { outcome: 'unknown' }
  }
  const row = yield* one(lockUser, userId)
  if (row === undefined || text(row, 'status') !== 'active') return { outcome: 'unknown' }
  yield* replacePassword(userId, password)
  const version = number(row, 'version') + 1
  yield* run(updateStatus, userId, 'active', version)
  yield* endSignIns(userId)
  yield* appendMail(mail)
  yield* writeAudit({ event: 'user_password_set', userId, version }, audit)
  yield* appendToLog([{ target: { kind: 'user', uid: userId, belowVersion: version } }], [])
  return { outcome: 'set', userId }
}
