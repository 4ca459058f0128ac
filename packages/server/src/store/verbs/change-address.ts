import type { AuditContext } from '../../audit/events.ts'
import {
  undoSeconds,
  type AddressChange,
  type ProofVerbs,
  type TicketPayloads,
} from '../port/proof-verbs.ts'
import { anyBrowser, type NextTicket } from '../port/ticket-verbs.ts'
import type { NameKey, UserId } from '../port/user-records.ts'
import { all, one, run, type Row, type Verb } from '../port/verb.ts'
import { moment, number, text } from './columns.ts'
import { appendToLog, writeAudit } from './log.ts'
import { goOn, proveMail } from './mail-tickets.ts'
import { appendMail } from './append-mail.ts'
import { reclaimName } from './sign-up.ts'
import { createTicket, spentOf } from './tickets.ts'
import { insertName, lockNames, raiseIfShown, reserveName, userNamesMax } from './user-names.ts'
import { updateStatus } from './user-rows.ts'
import { endSignIns } from './user-version.ts'

type Changed = Awaited<ReturnType<ProofVerbs['changeAddress']>>

const lockUser = `select status, version from users where id = $1 {lock}`

/** Puts a proven address in the place of another, as `ProofVerbs.changeAddress` says. */
export function* changeAddress(
  { proof, undo, mail }: AddressChange,
  audit: AuditContext,
): Verb<Changed> {
  const proven = yield* proveMail('change_address', proof)
  if (proven.outcome !== 'proven') return proven
  const { userId, nameKey, payload } = proven.ticket
  if (userId === null || nameKey === null) return { outcome: 'ended' }
  const { address, formerKey }: TicketPayloads['change_address'] = JSON.parse(payload)
  const user = yield* one(lockUser, userId)
  if (user === undefined || text(user, 'status') !== 'active') return { outcome: 'ended' }
  yield* reclaimName(nameKey, audit)
  const before = (yield* lockNames(userId)) ?? []
  const former = before.find(({ key }) => key === formerKey)
  if (former === undefined && before.length >= userNamesMax) return { outcome: 'taken' }
  if (!(yield* putName(userId, nameKey as NameKey, address, before))) return { outcome: 'taken' }
  if (former !== undefined) yield* reserveName(former.key, undoSeconds)
  const undoneBy = former ?? before.find(({ key }) => key === undo?.nameKey)
  if (undo !== undefined && undoneBy !== undefined)
    yield* createTicket({ ...undo, userId, nameKey: undoneBy.key })
  yield* appendMail(mail)
  yield* writeAudit({ event: 'user_address_changed', userId }, audit)
  yield* raiseIfShown(userId, before)
  return { outcome: 'changed', userId }
}

const proveOwn = `update user_names set verified_at = {now} where key = $1 and user_id = $2`

/** Gives the user a proven name; `false` where another user has it. */
function* putName(
  userId: UserId,
  key: NameKey,
  address: string,
  own: readonly { readonly key: NameKey }[],
): Verb<boolean> {
  if (own.some((name) => name.key === key)) {
    yield* run(proveOwn, key, userId)
    return true
  }
  const name = { key, kind: 'address', shown: address, isVerified: true } as const
  return (yield* insertName(userId, name)) === undefined
}

const redeemUndo = `delete from tickets where link_hash = $1 and purpose = 'undo_address' and browser_hash = '${anyBrowser}'
  and {now} < expires_at returning user_id, name_key, payload, expires_at`
// The undo of a later change would bring back an address that this one drops.
const endLaterUndos = `delete from tickets where user_id = $1 and purpose = 'undo_address' and expires_at >= $2`
const restoreName = `update user_names set user_id = $2, shown = $3, kind = 'address', verified_at = {now},
  added_at = case when user_id = $2 then added_at else {now} end, free_at = null where key = $1 and (user_id is null or user_id = $2) returning key`
const selectLater = `select key from user_names where user_id = $1 and kind = 'address' and key <> $2 and added_at >= $3
  order by key`

/** Undoes a change of an address, as `ProofVerbs.undoAddress` says. */
export function* undoAddress(
  linkHash: string,
  next: NextTicket,
  audit: AuditContext,
): Verb<'undone' | 'unknown'> {
  const row = yield* one(redeemUndo, linkHash)
  if (row === undefined) return 'unknown'
  const ticket = spentOf(row)
  const { userId, nameKey } = ticket
  if (userId === null || nameKey === null) return 'unknown'
  const user = yield* one(lockUser, userId)
  if (user === undefined) return 'unknown'
  const { former }: TicketPayloads['undo_address'] = JSON.parse(ticket.payload)
  if ((yield* one(restoreName, nameKey, userId, former)) === undefined) return 'unknown'
  yield* dropLater(userId, nameKey, row)
  yield* run(`delete from passwords where user_id = $1`, userId)
  yield* endSignIns(userId)
  const version = number(user, 'version') + 1
  yield* run(updateStatus, userId, text(user, 'status'), version)
  yield* goOn('undo_address', ticket, next)
  yield* writeAudit({ event: 'user_address_restored', userId, version }, audit)
  yield* appendToLog([{ target: { kind: 'user', uid: userId, belowVersion: version } }], [])
  return 'undone'
}

const dropLaterPasskeys = `delete from passkeys where user_id = $1 and created_at >= $2`
const dropLaterApp = `delete from totp where user_id = $1 and confirmed_at >= $2`
const dropLaterCodes = `delete from recovery_codes where user_id = $1 and made_at >= $2`

/** Drops each address, passkey, code app and recovery code that came with the undone change or later. */
function* dropLater(userId: UserId, kept: string, ticket: Row): Verb<void> {
  const expiresAt = moment(ticket, 'expires_at')
  yield* run(endLaterUndos, userId, expiresAt)
  // The change and its ticket have one moment of the database, but for the rounding of its sum.
  const changedAt = expiresAt - undoSeconds - 1
  yield* run(dropLaterPasskeys, userId, changedAt)
  yield* run(dropLaterApp, userId, changedAt)
  yield* run(dropLaterCodes, userId, changedAt)
  const later = yield* all(selectLater, userId, kept, changedAt)
  for (const name of later) yield* reserveName(text(name, 'key') as NameKey, 0)
}
