import type { NewMail } from '../port/outbox-verbs.ts'
import {
  codeSeconds,
  resendSecondsMin,
  type MailProof,
  type MailPurpose,
  type NextTicket,
  type RenewedSecrets,
  type SpentTicket,
  type TicketKey,
  type TicketPurpose,
  type TicketVerbs,
  type UnprovenOutcome,
} from '../port/ticket-verbs.ts'
import { one, type Driver, type Row, type Verb } from '../port/verb.ts'
import { appendMail } from './append-mail.ts'
import { createTicket, judgeGuess, spentOf } from './tickets.ts'

/** The verbs of tickets whose secrets travel by mail. */
export function mailTicketVerbs({
  write,
}: Driver): Pick<TicketVerbs, 'createAndMail' | 'renew' | 'exchange'> {
  return {
    createAndMail: (ticket, mail) =>
      write(function* () {
        yield* createTicket(ticket)
        yield* appendMail(mail)
      }),
    renew: (key, secrets, mail) => write(() => renewTicket(key, secrets, mail)),
    exchange: (purpose, proof, next) => write(() => exchangeTicket(purpose, proof, next)),
  }
}

const renewOne = `update tickets set link_hash = $4, code_hash = $5, code_expires_at = {now} + $6, expires_at = {now} + $7,
  attempts_left = $8 where hash = $1 and purpose = $2 and browser_hash = $3 and {now} < expires_at
  and code_expires_at - ${codeSeconds - resendSecondsMin} <= {now} returning hash`
const findOne = `select hash from tickets where hash = $1 and purpose = $2 and browser_hash = $3 and {now} < expires_at`

function* renewTicket(
  { hash, purpose, browserHash }: TicketKey,
  secrets: RenewedSecrets,
  mail: readonly NewMail[],
): Verb<'renewed' | 'too_soon' | 'unknown'> {
  const { linkHash, codeHash, codeTtlSeconds, ttlSeconds, attemptsMax } = secrets
  const renewed = yield* one(
    renewOne,
    hash,
    purpose,
    browserHash,
    linkHash,
    codeHash,
    codeTtlSeconds,
    ttlSeconds,
    attemptsMax,
  )
  if (renewed === undefined)
    return (yield* one(findOne, hash, purpose, browserHash)) === undefined ? 'unknown' : 'too_soon'
  yield* appendMail(mail)
  return 'renewed'
}

/** The outcome of a proof within a verb. */
type ProvenOutcome = { readonly outcome: 'proven'; readonly ticket: SpentTicket } | UnprovenOutcome

// A code that nobody may try any more leaves the link as it is: strangers could spend it otherwise.
const redeemLink = `delete from tickets where link_hash = $1 and purpose = $2 and browser_hash = $3 and {now} < expires_at
  returning user_id, name_key, payload`
const isAlive = `purpose = $2 and {now} < expires_at and code_hash is not null`
const counted = `update tickets set attempts_left = case when attempts_left > 0 then attempts_left - 1 else -1 end`
const guessHere = `${counted} where hash = $1 and ${isAlive} and browser_hash = $3 and {now} < code_expires_at returning *`
const guessElsewhere = `${counted} where link_hash = $1 and ${isAlive} and {now} < code_expires_at returning *`
const findHere = `select hash from tickets where hash = $1 and ${isAlive} and browser_hash = $3`
const findElsewhere = `select hash from tickets where link_hash = $1 and ${isAlive}`

/** Spends a mail ticket by its proof, as the step of a verb. The effect of the ticket belongs in the same verb. */
export function* proveMail(purpose: MailPurpose, proof: MailProof): Verb<ProvenOutcome> {
  if (proof.by === 'link') {
    const row = yield* one(redeemLink, proof.linkHash, purpose, proof.browserHash)
    return row === undefined ? { outcome: 'unknown' } : { outcome: 'proven', ticket: spentOf(row) }
  }
  const row = yield* countCode(purpose, proof)
  if (row === undefined)
    return { outcome: (yield* isThere(purpose, proof)) ? 'code_expired' : 'unknown' }
  const guess = yield* judgeGuess(row, proof.codeHash)
  return guess.outcome === 'right' ? { outcome: 'proven', ticket: guess.ticket } : guess
}

type CodeProof = Exclude<MailProof, { readonly by: 'link' }>

function* countCode(purpose: MailPurpose, proof: CodeProof): Verb<Row | undefined> {
  return proof.by === 'code'
    ? yield* one(guessHere, proof.hash, purpose, proof.browserHash)
    : yield* one(guessElsewhere, proof.linkHash, purpose)
}

function* isThere(purpose: MailPurpose, proof: CodeProof): Verb<boolean> {
  const row =
    proof.by === 'code'
      ? yield* one(findHere, proof.hash, purpose, proof.browserHash)
      : yield* one(findElsewhere, proof.linkHash, purpose)
  return row !== undefined
}

/** Spends a ticket by its proof and makes the one for choosing a password, which names the purpose that was proven. */
function* exchangeTicket(
  purpose: MailPurpose,
  proof: MailProof,
  next: NextTicket,
): Verb<{ readonly outcome: 'exchanged' } | UnprovenOutcome> {
  const proven = yield* proveMail(purpose, proof)
  if (proven.outcome !== 'proven') return proven
  yield* goOn(purpose, proven.ticket, next)
  return { outcome: 'exchanged' }
}

/** Makes the ticket for choosing a password after another one was spent. */
export function* goOn(from: TicketPurpose, spent: SpentTicket, next: NextTicket): Verb<void> {
  const payload = JSON.stringify({ ...JSON.parse(spent.payload), from })
  const { userId, nameKey } = spent
  yield* createTicket({
    ...next,
    purpose: 'choose_password',
    userId,
    nameKey,
    payload,
    attemptsMax: 1,
  })
}
