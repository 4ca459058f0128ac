import type { Field } from '../http/field.ts'
import type { HttpReply } from '../http/exchange.ts'
import type { FactorWanted, LoginCodeRefusal } from './login-second-factor.ts'
import { replyFresh } from './oauth-reply.ts'
import { refusal, type Answer } from './reference.ts'

/** The members of a login with a ticket, for the reference. */
export const codeFields: readonly Field[] = [
  { name: 'ticket', about: 'The ticket of the answer `mfa_required`.', isRequired: true },
  { name: 'code', about: 'The code of the app, or a recovery code.', isRequired: true },
  { name: 'way', about: 'The kind of code.', values: ['totp', 'recovery'] },
]

/** The answers to logins of users with a second factor, for the reference. */
export const codeAnswers: readonly Answer[] = [
  refusal(401, 'mfa_required', 'The user has a second factor: send the ticket with a code.', [
    { name: 'ticket', about: 'The ticket, good for one login.', isRequired: true },
    { name: 'ways', about: 'The kinds of codes of the user.', isRequired: true, type: 'array' },
    {
      name: 'expires_in',
      about: 'Seconds until the ticket ends.',
      isRequired: true,
      type: 'integer',
    },
  ]),
  refusal(401, 'wrong_code', 'The code does not fit.', [
    { name: 'tries_left', about: 'The tries of the ticket.', isRequired: true, type: 'integer' },
  ]),
  refusal(401, 'code_used', 'The code was used already.', [
    { name: 'next_in', about: 'Seconds until the next code.', isRequired: true, type: 'integer' },
  ]),
  refusal(401, 'ticket_expired', 'The ticket was used, is too old, or has no tries left.'),
].map((answer) => ({ ...answer, headers: [] }))

/** Answers a right password of a user with a second factor. */
export function renderFactorWanted(wanted: FactorWanted): HttpReply {
  const { ticket, ways, expiresInSeconds } = wanted
  return replyFresh(401, { error: 'mfa_required', ticket, ways, expires_in: expiresInSeconds })
}

/** Renders the refusal of a code. Its sender has proven the password. */
export function renderCodeRefusal(refusal: LoginCodeRefusal): HttpReply {
  switch (refusal.reason) {
    case 'ticket_expired':
      return replyFresh(401, { error: 'ticket_expired' })
    case 'code_malformed':
    case 'code_wrong':
      return replyFresh(401, { error: 'wrong_code', tries_left: refusal.triesLeft })
    case 'code_used':
      return replyFresh(401, { error: 'code_used', next_in: refusal.nextInSeconds })
    case 'too_many_codes':
      return replyFresh(
        429,
        { error: 'Too many attempts' },
        {
          'retry-after': String(refusal.retryAfterSeconds),
        },
      )
  }
}
