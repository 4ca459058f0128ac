import type { AuditContext } from '../../audit/events.ts'
import type { ProvenFactor, ProofVerbs } from '../port/proof-verbs.ts'
import type { NextTicket } from '../port/ticket-verbs.ts'
import { undo, type Verb } from '../port/verb.ts'
import { appendMail } from './append-mail.ts'
import { useFactor } from './factors.ts'
import { createTicket, redeemTicket } from './tickets.ts'

/** Goes on from a second factor to the choice of a password, as `ProofVerbs.proveFactor` says. */
export function* proveFactor(
  { ticket, userId, use, mail, payload }: ProvenFactor,
  next: NextTicket,
  audit: AuditContext,
): Verb<Awaited<ReturnType<ProofVerbs['proveFactor']>>> {
  if ((yield* redeemTicket(ticket))?.userId !== userId) return yield* undo('spent')
  if (use !== undefined && !(yield* useFactor(userId, use, audit))) return yield* undo('used')
  yield* createTicket({
    ...next,
    purpose: 'choose_password',
    userId,
    nameKey: null,
    payload: JSON.stringify(payload),
    attemptsMax: 1,
  })
  yield* appendMail(mail)
  return 'proven'
}
