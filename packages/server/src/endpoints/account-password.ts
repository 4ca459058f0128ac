import { accountAddress } from '../pages/account-address.ts'
import type { ChangePasswordTrouble } from '../pages/change-password-page.ts'
import { signInAddress } from '../pages/sign-in-address.ts'

import { accountLevelOf, type UserFactors } from '../store/port/factor-records.ts'
import type { UserRecord } from '../store/port/user-records.ts'
import { readPassword } from '../users/read-password.ts'
import type { SignInRefusal } from '../users/sign-in.ts'
import { accountAnswers, accountFormFields, languageParameter } from './account-reference.ts'
import {
  accountFormHandler,
  accountPageHandler,
  type AccountForm,
  type AccountRequest,
  type AccountServices,
} from './account-visitor.ts'
import { defineEndpoint } from './endpoint.ts'
import { troubleOfNewPassword } from './new-password-trouble.ts'
import { composeNotices } from './notices.ts'
import { pageAnswers } from './page-answers.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'
import { noteRefusedSignIn } from './sign-in.ts'
import { redirectTo, renewalCookies, signedOutCookies } from './visitor.ts'
import type { HttpReply } from '../http/exchange.ts'

type PasswordServices = AccountServices & Pick<Services, 'catchUp' | 'collector' | 'mail'>

const path = '/account/security/password'
const needs = { pageAt: path, why: 'password' } as const

/** Shows the form. Without a second factor the current password in the form is the proof. */
export const changePasswordPageEndpoint = defineEndpoint({
  method: 'GET',
  path,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Shows the form that changes the password, or adds the first one.',
    parameters: [languageParameter],
    answers: accountAnswers(),
  },
  make: (services: AccountServices) => {
    const show = (page: AccountRequest) => showForm(page, undefined, services)
    const afterProof = accountPageHandler(services, { why: 'password' }, show)
    return accountPageHandler(services, {}, async (page) =>
      isProvenByForm(page.visitor.factors) ? show(page) : afterProof(page.request),
    )
  },
})

/** Changes the password, ends all other sessions, and keeps this one with new tokens. */
export const changePasswordEndpoint = defineEndpoint({
  method: 'POST',
  path,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Changes the password of the person who is signed in, or adds the first one.',
    body: accountFormFields([
      { name: 'current_password', about: 'The password, where the person has one.' },
      { name: 'new_password', about: 'The new password.', isRequired: true },
    ]),
    answers: [
      {
        status: 303,
        about: 'It is changed, and all other sessions are ended.',
        headers: ['Location', 'Set-Cookie'],
      },
      ...pageAnswers([
        [400, 'A field is missing, or the new password is refused: the page says why.'],
        [403, 'The current password is not right, or the form comes from another site.'],
        [429, 'Too many tries.'],
        [503, 'Too many passwords are being checked.'],
      ]),
    ],
  },
  make: (services: PasswordServices) => {
    const take = (sent: AccountForm) => change(sent, services)
    const afterProof = accountFormHandler(services, needs, take)
    return accountFormHandler(services, { pageAt: path }, async (sent) =>
      isProvenByForm(sent.visitor.factors) ? take(sent) : afterProof(sent.request),
    )
  },
})

function isProvenByForm(factors: UserFactors): boolean {
  return factors.hasPassword && accountLevelOf(factors) === '1'
}

async function showForm(
  { visitor, frame, formValue, lang }: AccountRequest,
  trouble: ChangePasswordTrouble | undefined,
  services: AccountServices,
): Promise<HttpReply> {
  const { loadPages, passwordLengthMin: lengthMin } = servicesOf(services)
  const { hasPassword } = visitor.factors
  const state = { ...frame, formValue, hasPassword, lengthMin, trouble }
  return (await loadPages()).changePassword(state, lang)
}

async function change(sent: AccountForm, services: PasswordServices): Promise<HttpReply> {
  const { store, makePassword } = servicesOf(services)
  const { visitor, form, lang, user } = sent
  const { hasPassword } = visitor.factors
  const again = (trouble: ChangePasswordTrouble) => showForm(sent, trouble, services)
  const [current, next] = [form.get('current_password'), form.get('new_password')]
  if (hasPassword && current === undefined) return again({ reason: 'current_missing' })
  if (next === undefined) return again({ reason: 'missing' })
  const refused = hasPassword ? await checkCurrent(sent, user, current ?? '', services) : undefined
  if (refused !== undefined) return again(refused)
  if (hasPassword && next.normalize('NFC') === current?.normalize('NFC'))
    return again({ reason: 'same' })
  const made = await makePassword(next, user.names)
  if (!made.ok) return again(troubleOfNewPassword(made.refusal))
  const { userId, family } = visitor.found.record
  const mails = composeNotices({ user, request: sent.request, lang }, services, (origin) => ({
    template: 'password_changed',
    args: { ...origin, link: '/account/security' },
  }))
  const actor = { userId, sid: family.sid }
  const outcome = await store.account.changePassword(actor, made.value, mails, visitor.audit)
  if (outcome.outcome === 'session_ended') return endedReply(sent, services)
  await services.catchUp()
  return keepSignedIn(sent, outcome.others, lang, services)
}

/** Gives the session an access token of the new version, because all older ones are revoked. */
async function keepSignedIn(
  { visitor }: AccountForm,
  others: number,
  lang: string,
  services: PasswordServices,
): Promise<HttpReply> {
  const browser = servicesOf(services)
  const { found, audit } = visitor
  const renewal = await browser.sessions.renew(found, undefined, 'always', audit)
  const cookies = renewalCookies(renewal, found, services.now(), browser)
  return redirectTo(`${accountAddress('/account/security', lang)}&changed=${others}`, cookies)
}

function endedReply({ lang }: AccountForm, services: PasswordServices): HttpReply {
  const returnTo = accountAddress(path, lang)
  return redirectTo(signInAddress({ lang, returnTo }), signedOutCookies(servicesOf(services)))
}

/** Checks the current password with the counters of the sign-in. */
async function checkCurrent(
  { request, visitor }: AccountForm,
  { id, names }: UserRecord,
  typed: string,
  services: PasswordServices,
): Promise<ChangePasswordTrouble | undefined> {
  const browser = servicesOf(services)
  const password = readPassword(typed)
  const [name] = names
  if (!password.ok || name === undefined) return { reason: 'current_wrong' }
  const deviceOf = () => browser.values.deviceOf(visitor.cookies.device, id)
  const { address } = request
  const proven = await browser.signIn(
    { name: name.key, password: password.value, address, deviceOf },
    visitor.audit,
  )
  if (proven.ok) return undefined
  const trouble = troubleOfCurrent(proven.refusal.refusal)
  if (trouble !== undefined) noteRefusedSignIn(proven.refusal, request, services)
  return trouble
}

/** A password that must be changed is right, and is being changed. */
function troubleOfCurrent(refusal: SignInRefusal): ChangePasswordTrouble | undefined {
  switch (refusal.reason) {
    case 'password_must_change':
      return undefined
    case 'too_many_attempts':
      return { reason: 'throttled', seconds: refusal.retryAfterSeconds }
    case 'hashing_busy':
      return { reason: 'queue_full', seconds: refusal.retryAfterSeconds }
    case 'user_unknown':
    case 'password_absent':
    case 'password_wrong':
    case 'user_disabled':
    case 'user_locked':
    case 'address_unverified':
      return { reason: 'current_wrong' }
  }
}
