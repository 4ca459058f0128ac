import type { HttpRequest } from '../http/exchange.ts'
import type { Language } from '../pages/language.ts'
import type { UserRecord } from '../store/port/user-records.ts'
import type { SignInProof } from '../users/sign-in-proof.ts'
import type { BrowserServices } from './browser-services.ts'
import type { FinishedSignIn } from './finish-sign-in.ts'
import { passwordChangeSeconds } from './password-step.ts'
import type { PendingSignIn } from './second-factor-ticket.ts'
import { toPasswordStep } from './verify.ts'

/** A sign-in whose second factor was proven, and whose password must change. */
interface ProvenView {
  readonly request: HttpRequest
  readonly lang: Language
  readonly browser: string
  readonly user: UserRecord
  readonly pending: PendingSignIn
}

/**
 * Leads on to the choice of a password, which comes before a session. The session after it has the level of the proof.
 * Why the factor comes first: a password alone must not change the password of a user who has a second factor.
 */
export async function goToNewPassword(
  { request, lang, browser, user, pending }: ProvenView,
  { amr, use, mails = [] }: SignInProof,
  { store, values, mailSecrets }: BrowserServices,
): Promise<FinishedSignIn> {
  const { key: ticket, returnTo, isPersistent, mustChange: because } = pending
  const { flow, hash } = mailSecrets.makeStep()
  const payload = { from: 'sign_in', because, returnTo, isPersistent, amr } as const
  const { requestId, address } = request
  const outcome = await store.proofs.proveFactor(
    { ticket, userId: user.id, use, mail: mails, payload },
    { hash, browserHash: values.browserHash(browser), ttlSeconds: passwordChangeSeconds },
    { requestId, address, actor: `user:${user.id}` },
  )
  if (outcome === 'proven') return { outcome: 'answered', reply: toPasswordStep(flow, lang) }
  return { outcome: 'refused', reason: outcome === 'used' ? 'code_used' : 'ticket_spent' }
}
