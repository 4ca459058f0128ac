import type { AuditContext } from '../../audit/events.ts'
import {
  passkeysPerUserMax,
  type NewPasskey,
  type PasskeyActor,
  type PasskeyOwner,
  type PasskeyRecord,
  type PasskeyUse,
  type PasskeyVerbs,
  type UserPasskeys,
} from '../port/passkey-verbs.ts'
import type { NewMail } from '../port/outbox-verbs.ts'
import type { UserId } from '../port/user-records.ts'
import { all, one, run, undo, type Driver, type Row, type Verb } from '../port/verb.ts'
import { appendMail } from './append-mail.ts'
import { bytes, moment, momentOrNull, number, text, truth } from './columns.ts'
import { writeAudit } from './log.ts'
import { usersOf } from './user-rows.ts'
import { hasWayIn, lowerSessionsBy } from './ways-in.ts'

/** The verbs of passkeys. */
export function passkeyVerbs({ read, write }: Driver): PasskeyVerbs {
  return {
    find: (credentialId) => read(() => findPasskey(credentialId)),
    listOf: (userId) => read(() => listPasskeys(userId)),
    add: (passkey, actor, mails, audit) => write(() => addPasskey(passkey, actor, mails, audit)),
    use: (use, audit) => write(() => usePasskey(use, audit)),
    rename: (credentialId, name, actor, audit) =>
      write(() => renamePasskey(credentialId, name, actor, audit)),
    remove: (credentialId, actor, mails, audit) =>
      write(() => removePasskey(credentialId, actor, mails, audit)),
    postponeOffer: (userId, seconds) => write(() => run(postpone, userId, seconds)),
  }
}

const selectOwner = `select users.*, user_names.* from passkeys join users on users.id = passkeys.user_id
  left join user_names on user_names.user_id = users.id where passkeys.credential_id = $1`
const selectPasskey = `select * from passkeys where credential_id = $1`

function* findPasskey(credentialId: string): Verb<PasskeyOwner | undefined> {
  const rows = yield* all(selectOwner, credentialId)
  const passkey = yield* one(selectPasskey, credentialId)
  const [user] = usersOf(rows)
  const [row] = rows
  if (user === undefined || row === undefined || passkey === undefined) return undefined
  return { passkey: passkeyOf(passkey), user, handle: bytes(row, 'handle') }
}

const selectHandle = `select handle, case when passkey_offer_at > {now} then 0 else 1 end as may_be_offered
  from users where id = $1`
const selectOfUser = `select * from passkeys where user_id = $1 order by created_at, credential_id`

function* listPasskeys(userId: UserId): Verb<UserPasskeys | undefined> {
  const row = yield* one(selectHandle, userId)
  if (row === undefined) return undefined
  const passkeys = (yield* all(selectOfUser, userId)).map(passkeyOf)
  return { handle: bytes(row, 'handle'), passkeys, mayBeOffered: truth(row, 'may_be_offered') }
}

// The lock of the user's row lets one caller at a time change the passkeys of a user.
const lockActive = `select id from users where id = $1 and status = 'active' {lock}`
const selectSession = `select sid from sessions where sid = $1 and user_id = $2`

/** Locks the user; `false` where the user may not sign in, or the session has ended since the decision. */
export function* lockActor({ userId, sid }: PasskeyActor): Verb<boolean> {
  if ((yield* one(lockActive, userId)) === undefined) return false
  return (yield* one(selectSession, sid, userId)) !== undefined
}

const countOfUser = `select count(*) as many from passkeys where user_id = $1`
const insertPasskey = `insert into passkeys (credential_id, user_id, public_key, alg, counter, uv_seen,
  backup_eligible, backed_up, transports, aaguid, name, created_at, used_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, {now}, case when $12 = 1 then {now} end)
  on conflict (credential_id) do nothing returning credential_id`

function* addPasskey(
  passkey: NewPasskey,
  actor: PasskeyActor,
  mails: readonly NewMail[],
  audit: AuditContext,
): Verb<'added' | 'exists' | 'too_many' | 'gone'> {
  const { userId } = actor
  if (!(yield* lockActor(actor))) return yield* undo('gone')
  const row = yield* one(countOfUser, userId)
  if (row === undefined || number(row, 'many') >= passkeysPerUserMax) return 'too_many'
  const added = yield* one(
    insertPasskey,
    passkey.credentialId,
    userId,
    passkey.publicKey,
    passkey.alg,
    passkey.counter,
    passkey.hasVerifiedUser ? 1 : 0,
    passkey.isBackupEligible ? 1 : 0,
    passkey.isBackedUp ? 1 : 0,
    JSON.stringify(passkey.transports),
    passkey.aaguid,
    passkey.name,
    passkey.wasAsked ? 1 : 0,
  )
  if (added === undefined) return 'exists'
  yield* writeAudit({ event: 'passkey_added', userId, aaguid: passkey.aaguid }, audit)
  yield* appendMail(mails)
  return 'added'
}

const swapCounter = `update passkeys set counter = $3, backed_up = $4, used_at = {now},
  uv_seen = case when $5 = 1 then 1 else uv_seen end
  where credential_id = $1 and counter = $2 returning user_id, backup_eligible`

function* usePasskey(use: PasskeyUse, audit: AuditContext): Verb<'used' | 'stale'> {
  const { credentialId, wasCounter, counter, isBackedUp, isUserVerified } = use
  const row = yield* one(
    swapCounter,
    credentialId,
    wasCounter,
    counter,
    isBackedUp ? 1 : 0,
    isUserVerified ? 1 : 0,
  )
  if (row === undefined) return 'stale'
  if (use.isSuspect) {
    const userId = text(row, 'user_id')
    const isDeviceBound = !truth(row, 'backup_eligible')
    yield* writeAudit({ event: 'passkey_counter_low', userId, isDeviceBound, counter }, audit)
  }
  return 'used'
}

const updateName = `update passkeys set name = $3 where credential_id = $1 and user_id = $2 returning credential_id`

function* renamePasskey(
  credentialId: string,
  name: string,
  actor: PasskeyActor,
  audit: AuditContext,
): Verb<'renamed' | 'gone'> {
  const { userId } = actor
  if (!(yield* lockActor(actor))) return yield* undo('gone')
  if ((yield* one(updateName, credentialId, userId, name)) === undefined) return yield* undo('gone')
  yield* writeAudit({ event: 'passkey_renamed', userId }, audit)
  return 'renamed'
}

const deletePasskey = `delete from passkeys where credential_id = $1 and user_id = $2 returning aaguid`

function* removePasskey(
  credentialId: string,
  actor: PasskeyActor,
  mails: readonly NewMail[],
  audit: AuditContext,
): Verb<'removed' | 'last' | 'gone'> {
  const { userId } = actor
  if (!(yield* lockActor(actor))) return yield* undo('gone')
  const row = yield* one(deletePasskey, credentialId, userId)
  if (row === undefined) return yield* undo('gone')
  if (!(yield* hasWayIn(userId))) return yield* undo('last')
  yield* writeAudit({ event: 'passkey_removed', userId, aaguid: text(row, 'aaguid') }, audit)
  yield* appendMail(mails)
  yield* lowerSessionsBy(userId, ['hwk', 'swk'])
  return 'removed'
}

const postpone = `update users set passkey_offer_at = {now} + $2 where id = $1`

function passkeyOf(row: Row): PasskeyRecord {
  return {
    credentialId: text(row, 'credential_id'),
    userId: text(row, 'user_id') as UserId,
    publicKey: bytes(row, 'public_key'),
    alg: number(row, 'alg'),
    counter: number(row, 'counter'),
    hasVerifiedUser: truth(row, 'uv_seen'),
    isBackupEligible: truth(row, 'backup_eligible'),
    isBackedUp: truth(row, 'backed_up'),
    transports: JSON.parse(text(row, 'transports')),
    aaguid: text(row, 'aaguid'),
    name: text(row, 'name'),
    createdAt: moment(row, 'created_at'),
    usedAt: momentOrNull(row, 'used_at'),
  }
}
