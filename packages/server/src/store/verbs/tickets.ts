import type { UserId } from '../port/user-records.ts'
import type {
  FoundTicket,
  GuessOutcome,
  NewTicket,
  SpentTicket,
  TicketKey,
  TicketVerbs,
  TryOutcome,
} from '../port/ticket-verbs.ts'
import { one, run, type Driver, type Row, type Verb } from '../port/verb.ts'
import { moment, number, text, textOrNull } from './columns.ts'

/** The verbs of tickets. */
export function ticketVerbs({ read, write }: Driver): TicketVerbs {
  return {
    create: (ticket) => write(() => createTicket(ticket)),
    redeem: (key) => write(() => redeemTicket(key)),
    find: (key) => read(() => findTicket(key)),
    countTry: (key) => write(() => countTry(key)),
    guess: (key, codeHash) => write(() => guessCode(key, codeHash)),
  }
}

const deleteFormer = `delete from tickets where purpose = $1 and browser_hash = $2 and user_id = $3`
const insertTicket = `insert into tickets
  (hash, purpose, browser_hash, user_id, name_key, code_hash, payload, attempts_left, expires_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, {now} + $9)
  on conflict (hash) do update set purpose = excluded.purpose, browser_hash = excluded.browser_hash,
    user_id = excluded.user_id, name_key = excluded.name_key, code_hash = excluded.code_hash,
    payload = excluded.payload, attempts_left = excluded.attempts_left, expires_at = excluded.expires_at`

function* createTicket(ticket: NewTicket): Verb<void> {
  const { purpose, browserHash, userId } = ticket
  if (userId !== null) yield* run(deleteFormer, purpose, browserHash, userId)
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
  if (row === undefined) return { outcome: 'unknown' }
  const attemptsLeft = number(row, 'attempts_left')
  if (attemptsLeft < 0) return { outcome: 'locked' }
  if (text(row, 'code_hash') !== codeHash)
    return attemptsLeft === 0 ? { outcome: 'locked' } : { outcome: 'wrong', attemptsLeft }
  yield* run(deleteGuessed, key.hash)
  return { outcome: 'right', ticket: spentOf(row) }
}

function spentOf(row: Row): SpentTicket {
  return {
    userId: textOrNull(row, 'user_id') as UserId | null,
    nameKey: textOrNull(row, 'name_key'),
    payload: text(row, 'payload'),
  }
}
