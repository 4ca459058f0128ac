import type { UserId } from '../port/user-records.ts'
import type {
  GuessOutcome,
  NewTicket,
  SpentTicket,
  TicketKey,
  TicketVerbs,
} from '../port/ticket-verbs.ts'
import { one, run, type Driver, type Row, type Verb } from '../port/verb.ts'
import { number, text, textOrNull } from './columns.ts'

/** The verbs of tickets. */
export function ticketVerbs({ write }: Driver): TicketVerbs {
  return {
    create: (ticket) => write(() => createTicket(ticket)),
    redeem: (key) => write(() => redeemTicket(key)),
    guess: (key, codeHash) => write(() => guessCode(key, codeHash)),
  }
}

const deleteFormer = `delete from tickets where purpose = $1 and browser_hash = $2 and user_id = $3`
const insertTicket = `insert into tickets
  (hash, purpose, browser_hash, user_id, name_key, code_hash, payload, attempts_left, expires_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, {now} + $9)`

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
