import {
  anyBrowser,
  codeSeconds,
  resendSecondsMin,
  type FoundTicket,
  type GuessOutcome,
  type NewMailTicket,
  type NewTicket,
  type ShownTicket,
  type SpentTicket,
  type TicketKey,
  type TicketName,
  type TicketPurpose,
  type TicketVerbs,
  type TryOutcome,
} from '../port/ticket-verbs.ts'
import type { UserId } from '../port/user-records.ts'
import { one, run, type Driver, type Row, type Verb } from '../port/verb.ts'
import { moment, number, text, textOrNull, truth } from './columns.ts'

/** The verbs of tickets. */
export function ticketVerbs({
  read,
  write,
}: Driver): Omit<TicketVerbs, 'createAndMail' | 'renew' | 'exchange'> {
  return {
    create: (ticket) => write(() => createTicket(ticket)),
    show: (purpose, name) => read(() => showTicket(purpose, name)),
    redeem: (key) => write(() => redeemTicket(key)),
    find: (key) => read(() => findTicket(key)),
    countTry: (key) => write(() => countTry(key)),
    guess: (key, codeHash) => write(() => guessCode(key, codeHash)),
  }
}

const deleteFormer = `delete from tickets where purpose = $1 and browser_hash = $2 and user_id = $3`
const insertTicket = `insert into tickets (hash, purpose, browser_hash, user_id, name_key, code_hash, payload,
  attempts_left, expires_at, link_hash, code_expires_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, {now} + $9, $10, {now} + $11)
  on conflict (hash) do update set purpose = excluded.purpose, browser_hash = excluded.browser_hash,
    user_id = excluded.user_id, name_key = excluded.name_key, code_hash = excluded.code_hash,
    payload = excluded.payload, attempts_left = excluded.attempts_left, expires_at = excluded.expires_at,
    link_hash = excluded.link_hash, code_expires_at = excluded.code_expires_at`

/** Makes a ticket as the step of a verb. */
export function* createTicket(ticket: NewTicket | NewMailTicket): Verb<void> {
  const { purpose, browserHash, userId } = ticket
  // Each of several tickets without a browser stays: a user may undo two changes.
  if (userId !== null && browserHash !== anyBrowser)
    yield* run(deleteFormer, purpose, browserHash, userId)
  yield* run(
    insertTicket,
    ticket.hash,
    purpose,
    browserHash,
    userId,
    ticket.nameKey,
    ticket.codeHash ?? null,
    ticket.payload,
    ticket.attemptsMax,
    ticket.ttlSeconds,
    'linkHash' in ticket ? ticket.linkHash : null,
    'codeTtlSeconds' in ticket ? ticket.codeTtlSeconds : null,
  )
}

const shown = `select user_id, name_key, payload, browser_hash, attempts_left,
  case when code_hash is not null and {now} < code_expires_at then 1 else 0 end as code_live,
  coalesce(code_expires_at - ${codeSeconds - resendSecondsMin} - {now}, 0) as wait
  from tickets where purpose = $1 and {now} < expires_at`
const showByHash = `${shown} and hash = $2`
const showByLink = `${shown} and link_hash = $2`

function* showTicket(purpose: TicketPurpose, name: TicketName): Verb<ShownTicket | undefined> {
  const row = yield* 'hash' in name
    ? one(showByHash, purpose, name.hash)
    : one(showByLink, purpose, name.linkHash)
  return (
    row && {
      ...spentOf(row),
      browserHash: text(row, 'browser_hash'),
      attemptsLeft: Math.max(0, number(row, 'attempts_left')),
      isCodeLive: truth(row, 'code_live'),
      waitSeconds: Math.max(0, number(row, 'wait')),
    }
  )
}

const isThis = `hash = $1 and purpose = $2 and browser_hash = $3 and {now} < expires_at`
const redeemOne = `delete from tickets where ${isThis} and attempts_left > 0 returning user_id, name_key, payload`

/** Spends a ticket as the step of a verb. The effect of the ticket belongs in the same verb. */
export function* redeemTicket(key: TicketKey): Verb<SpentTicket | undefined> {
  const row = yield* one(redeemOne, key.hash, key.purpose, key.browserHash)
  return row && spentOf(row)
}

const selectOne = `select * from tickets where ${isThis} and attempts_left > 0`

function* findTicket(key: TicketKey): Verb<FoundTicket | undefined> {
  const row = yield* one(selectOne, key.hash, key.purpose, key.browserHash)
  return row && foundOf(row)
}

const countOneTry = `update tickets set attempts_left = attempts_left - 1 where ${isThis} and attempts_left > 1 returning *`

function* countTry(key: TicketKey): Verb<TryOutcome> {
  const row = yield* one(countOneTry, key.hash, key.purpose, key.browserHash)
  if (row !== undefined) return { outcome: 'counted', ticket: foundOf(row) }
  return { outcome: (yield* findTicket(key)) === undefined ? 'unknown' : 'locked' }
}

function foundOf(row: Row): FoundTicket {
  return {
    ...spentOf(row),
    triesLeft: number(row, 'attempts_left') - 1,
    expiresAt: moment(row, 'expires_at'),
  }
}

const countGuess = `update tickets set attempts_left = case when attempts_left > 0 then attempts_left - 1 else -1 end
  where ${isThis} and code_hash is not null returning *`
const deleteGuessed = `delete from tickets where hash = $1`

function* guessCode(key: TicketKey, codeHash: string): Verb<GuessOutcome> {
  const row = yield* one(countGuess, key.hash, key.purpose, key.browserHash)
  return row === undefined ? { outcome: 'unknown' } : yield* judgeGuess(row, codeHash)
}

/** Compares the code of a ticket whose try was counted; the right one spends it. */
export function* judgeGuess(row: Row, codeHash: string): Verb<GuessOutcome> {
  const attemptsLeft = number(row, 'attempts_left')
  if (attemptsLeft < 0) return { outcome: 'locked' }
  if (text(row, 'code_hash') !== codeHash)
    return attemptsLeft === 0 ? { outcome: 'locked' } : { outcome: 'wrong', attemptsLeft }
  yield* run(deleteGuessed, text(row, 'hash'))
  return { outcome: 'right', ticket: spentOf(row) }
}

export function spentOf(row: Row): SpentTicket {
  return {
    userId: textOrNull(row, 'user_id') as UserId | null,
    nameKey: textOrNull(row, 'name_key'),
    payload: text(row, 'payload'),
  }
}
