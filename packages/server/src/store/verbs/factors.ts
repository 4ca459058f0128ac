import type { AuditContext } from '../../audit/events.ts'
import { accountLevelOf, type FactorUse } from '../port/factor-records.ts'
import type { FactorVerbs, NewTotp, RecoveryHashes, TotpRecord } from '../port/factor-verbs.ts'
import type { NewMail } from '../port/outbox-verbs.ts'
import type { PasskeyActor } from '../port/passkey-verbs.ts'
import type { TicketKey } from '../port/ticket-verbs.ts'
import type { UserId } from '../port/user-records.ts'
import { one, run, undo, type Driver, type Verb } from '../port/verb.ts'
import { appendMail } from './append-mail.ts'
import { bytes, moment, number, text } from './columns.ts'
import { readFactors } from './factor-rows.ts'
import { appendToLog, writeAudit } from './log.ts'
import { lockActor } from './passkeys.ts'
import { redeemTicket } from './tickets.ts'
import { endSignIns, raiseUserVersion } from './user-version.ts'
import { hasWayIn, lowerSessionsBy } from './ways-in.ts'

/** The verbs of code apps and recovery codes. */
export function factorVerbs({ read, write }: Driver): FactorVerbs {
  return {
    findTotp: (userId) => read(() => findTotp(userId)),
    findCode: (userId, hash) =>
      read(function* () {
        return (yield* one(selectCode, userId, hash)) !== undefined
      }),
    redeem: (ticket, use, mails, audit) => write(() => redeemFactor(ticket, use, mails, audit)),
    setTotp: (totp, codes, actor, mails, audit) =>
      write(() => setTotp(totp, codes, actor, mails, audit)),
    removeTotp: (actor, mails, audit) => write(() => removeTotp(actor, mails, audit)),
    replaceCodes: (codes, actor, mails, audit) =>
      write(() => replaceCodes(codes, actor, mails, audit)),
    reset: (userId, mails, audit) => write(() => resetFactors(userId, mails, audit)),
  }
}

const selectCode = `select hash from recovery_codes where user_id = $1 and hash = $2 and used_at is null`
const selectTotp = `select * from totp where user_id = $1`

function* findTotp(userId: UserId): Verb<TotpRecord | undefined> {
  const row = yield* one(selectTotp, userId)
  if (row === undefined) return undefined
  return {
    sealId: text(row, 'seal_id'),
    sealed: bytes(row, 'sealed'),
    confirmedAt: moment(row, 'confirmed_at'),
    lastStep: number(row, 'last_step'),
  }
}

function* redeemFactor(
  ticket: TicketKey,
  use: FactorUse,
  mails: readonly NewMail[],
  audit: AuditContext,
): Verb<'redeemed' | 'spent' | 'used'> {
  const spent = yield* redeemTicket(ticket)
  if (spent === undefined || spent.userId === null) return yield* undo('spent')
  if (!(yield* useFactor(spent.userId, use, audit))) return yield* undo('used')
  yield* appendMail(mails)
  return 'redeemed'
}

const putTotp = `insert into totp (user_id, seal_id, sealed, confirmed_at, last_step) values ($1, $2, $3, {now}, $4)
  on conflict (user_id) do update set seal_id = excluded.seal_id, sealed = excluded.sealed,
    confirmed_at = excluded.confirmed_at, last_step = excluded.last_step`

function* setTotp(
  { sealId, sealed, step, ticket }: NewTotp,
  codes: RecoveryHashes | null,
  actor: PasskeyActor,
  mails: readonly NewMail[],
  audit: AuditContext,
): Verb<'set' | 'spent' | 'gone'> {
  const { userId } = actor
  if (!(yield* lockActor(actor))) return yield* undo('gone')
  const spent = yield* redeemTicket(ticket)
  if (spent?.userId !== userId) return yield* undo('spent')
  const replaces = (yield* one(selectTotp, userId)) !== undefined
  yield* run(putTotp, userId, sealId, sealed, step)
  yield* writeAudit({ event: 'totp_set', userId }, audit)
  if (codes !== null) yield* writeCodes(userId, codes, audit)
  yield* appendMail(mails)
  // The former app may be in the hold of a thief. The new one has just proved the session of this change, which gets its level next.
  if (replaces) yield* lowerSessionsBy(userId, ['otp', 'otp'])
  return 'set'
}

const deleteTotp = `delete from totp where user_id = $1 returning user_id`
const deleteCodes = `delete from recovery_codes where user_id = $1`

function* removeTotp(
  actor: PasskeyActor,
  mails: readonly NewMail[],
  audit: AuditContext,
): Verb<'removed' | 'last' | 'gone'> {
  const { userId } = actor
  if (!(yield* lockActor(actor))) return yield* undo('gone')
  if ((yield* one(deleteTotp, userId)) === undefined) return yield* undo('gone')
  if (!(yield* hasWayIn(userId))) return yield* undo('last')
  if (accountLevelOf(yield* readFactors(userId)) === '1') yield* run(deleteCodes, userId)
  yield* writeAudit({ event: 'totp_removed', userId }, audit)
  yield* appendMail(mails)
  yield* lowerSessionsBy(userId, ['otp', 'otp'])
  return 'removed'
}

function* replaceCodes(
  codes: RecoveryHashes,
  actor: PasskeyActor,
  mails: readonly NewMail[],
  audit: AuditContext,
): Verb<'replaced' | 'gone'> {
  const { userId } = actor
  if (!(yield* lockActor(actor))) return yield* undo('gone')
  if (accountLevelOf(yield* readFactors(userId)) === '1') return yield* undo('gone')
  yield* writeCodes(userId, codes, audit)
  yield* appendMail(mails)
  return 'replaced'
}

const insertCode = `insert into recovery_codes (hash, user_id, made_at, used_at) values ($1, $2, {now}, null)`

/** Writes a set of recovery codes in the place of the former one. */
function* writeCodes(userId: UserId, codes: RecoveryHashes, audit: AuditContext): Verb<void> {
  yield* run(deleteCodes, userId)
  for (const hash of codes) yield* run(insertCode, hash, userId)
  yield* writeAudit({ event: 'recovery_codes_made', userId, count: codes.length }, audit)
}

const raiseStep = `update totp set last_step = $2 where user_id = $1 and last_step < $2 returning user_id`
const useCode = `update recovery_codes set used_at = {now}
  where user_id = $1 and hash = $2 and used_at is null returning hash`
const countCodes = `select count(*) as left_over from recovery_codes where user_id = $1 and used_at is null`

/** Uses a code up as the step of a verb; `false` where it was used before, or is none of this user. */
export function* useFactor(userId: UserId, use: FactorUse, audit: AuditContext): Verb<boolean> {
  if (use.kind === 'totp') return (yield* one(raiseStep, userId, use.step)) !== undefined
  if ((yield* one(useCode, userId, use.hash)) === undefined) return false
  const row = yield* one(countCodes, userId)
  const codesLeft = row === undefined ? 0 : number(row, 'left_over')
  yield* writeAudit({ event: 'recovery_code_used', userId, codesLeft }, audit)
  return true
}

const lockUserRow = `select id from users where id = $1 {lock}`
const deletePasskeys = `delete from passkeys where user_id = $1`

function* resetFactors(
  userId: UserId,
  mails: readonly NewMail[],
  audit: AuditContext,
): Verb<'reset' | 'none' | 'unknown'> {
  if ((yield* one(lockUserRow, userId)) === undefined) return yield* undo('unknown')
  const { hasPassword, hasTotp, passkeys, recoveryCodesLeft } = yield* readFactors(userId)
  const dropped = hasPassword ? passkeys : 0
  if (!hasTotp && dropped === 0 && recoveryCodesLeft === 0) return yield* undo('none')
  yield* run(deleteTotp, userId)
  yield* run(deleteCodes, userId)
  if (hasPassword) yield* run(deletePasskeys, userId)
  yield* endSignIns(userId)
  const version = yield* raiseUserVersion(userId)
  yield* writeAudit({ event: 'factors_reset', userId, version }, audit)
  yield* appendMail(mails)
  yield* appendToLog([{ target: { kind: 'user', uid: userId, belowVersion: version } }], [])
  return 'reset'
}
