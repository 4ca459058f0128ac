import type { HttpReply } from '../http/exchange.ts'
import { accountLevelOf } from '../store/port/factor-records.ts'
import type { TicketPayloads } from '../store/port/proof-verbs.ts'
import type { UserRecord } from '../store/port/user-records.ts'
import type { SignInRefusal } from '../users/sign-in.ts'
import { byPassword } from '../users/sign-in-proof.ts'
import type { SignInEnd } from './sign-in-end.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'
import { passwordChangeSeconds } from './password-step.ts'
import { startSecondFactor } from './second-factor-ticket.ts'
import { composeVerify, toPasswordStep, verifyAddressOf, verifyTicket } from './verify.ts'
import { redirectTo } from './visitor.ts'

type InterruptedServices = Pick<Services, 'browserServices' | 'mail' | 'now'>

/** A sign-in whose password was right, and that needs one more step before a session. */
export interface InterruptedSignIn {
  readonly user: UserRecord
  readonly refusal: Extract<
    SignInRefusal,
    { readonly reason: 'password_must_change' | 'address_unverified' }
  >
  /** The secret of the browser. */
  readonly browser: string
  readonly end: SignInEnd
}

/** Leads to the page of the next step: a new password, or the code of the address. */
export function goToNextStep(
  interrupted: InterruptedSignIn,
  services: InterruptedServices,
): Promise<HttpReply> {
  return interrupted.refusal.reason === 'password_must_change'
    ? toNewPassword(interrupted, interrupted.refusal.because, services)
    : toMailCode(interrupted, services)
}

async function toNewPassword(
  { user, browser, end }: InterruptedSignIn,
  because: 'asked' | 'too_short',
  services: InterruptedServices,
): Promise<HttpReply> {
  const { store, values, mailSecrets } = servicesOf(services)
  // A password alone changes no credential of a user who has a second factor.
  if (accountLevelOf(await store.users.factors(user.id)) === '2')
    return startSecondFactor(user, byPassword.amr, end, servicesOf(services), because)
  const { flow, hash } = mailSecrets.makeStep()
  const { returnTo, isPersistent, lang } = end
  const payload: TicketPayloads['choose_password'] = {
    from: 'sign_in',
    because,
    returnTo,
    isPersistent,
  }
  await store.tickets.create({
    purpose: 'choose_password',
    hash,
    browserHash: values.browserHash(browser),
    userId: user.id,
    nameKey: null,
    payload: JSON.stringify(payload),
    attemptsMax: 1,
    ttlSeconds: passwordChangeSeconds,
  })
  return toPasswordStep(flow, lang)
}

async function toMailCode(
  { user, browser, end }: InterruptedSignIn,
  services: InterruptedServices,
): Promise<HttpReply> {
  const { store, values, mailSecrets } = servicesOf(services)
  const { request, lang, returnTo } = end
  const [name] = user.names
  if (name === undefined) throw new Error('an unverified account without a name')
  const { key: nameKey, shown: address } = name
  const secrets = mailSecrets.make()
  const count = await services.mail.takeMail({ recipientKey: nameKey, address: request.address })
  const userId = user.id
  await store.tickets.createAndMail(
    verifyTicket(secrets, values.browserHash(browser), {
      userId,
      nameKey,
      payload: { address, returnTo },
    }),
    count.outcome === 'counted'
      ? composeVerify(nameKey, address, userId, secrets, { request, lang }, services)
      : [],
  )
  return redirectTo(verifyAddressOf(secrets.flow, lang))
}
