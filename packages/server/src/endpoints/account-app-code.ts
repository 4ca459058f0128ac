import type { HttpReply } from '../http/exchange.ts'
import { accountAddress } from '../pages/account-address.ts'
import type { AppCodeTrouble } from '../pages/app-code-page.ts'
import { readReturnTarget } from '../sessions/return-target.ts'
import { accountLevelOf } from '../store/port/factor-records.ts'
import { drawQr } from '../users/factors/draw-qr.ts'
import { writeTotpAddress } from '../users/factors/totp.ts'
import { accountAnswers, accountFormFields, languageParameter } from './account-reference.ts'
import {
  accountFormHandler,
  accountPageHandler,
  type AccountForm,
  type AccountRequest,
  type AccountServices,
} from './account-visitor.ts'
import { defineEndpoint } from './endpoint.ts'
import { noticeFactorChange } from './factor-notices.ts'
import { pageAnswers } from './page-answers.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'
import { openPending, readOrMakeTotp, setupKeyOf, type PendingTotp } from './totp-setup.ts'
import { redirectTo, tokenCookies, withCookies } from './visitor.ts'

type AppCodeServices = AccountServices & Pick<Services, 'catchUp' | 'mail'>

const path = '/account/security/app-code'
const needs = { pageAt: path, why: 'factor' } as const
const returnField = { name: 'return_to', about: 'A path of this site, to go on to.' } as const

/** Shows the picture of a secret that waits for its first code. */
export const appCodePageEndpoint = defineEndpoint({
  method: 'GET',
  path,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Shows the secret for a code app, which is no factor yet.',
    parameters: [{ ...returnField, in: 'query' }, languageParameter],
    answers: accountAnswers(),
  },
  make: (services: AccountServices) =>
    accountPageHandler(services, { why: 'factor' }, async (page) => {
      const query = new URLSearchParams(page.request.query)
      const returnTo = readReturnTarget(query.get('return_to') ?? undefined)
      return showSetUp(page, returnTo, undefined, services)
    }),
})

/** Keeps a code app whose first code is right, and raises the session to level 2. */
export const appCodeEndpoint = defineEndpoint({
  method: 'POST',
  path,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Turns a code app on by its first code. The answer shows the recovery codes once.',
    body: accountFormFields([
      { name: 'code', about: 'The code that the app shows.', isRequired: true },
      returnField,
    ]),
    answers: [
      {
        status: 303,
        about: 'It is on, and recovery codes were there.',
        headers: ['Location', 'Set-Cookie'],
      },
      ...pageAnswers([
        [200, 'It is on. The page shows the recovery codes once.'],
        [400, 'The code is missing.'],
        [403, 'The code does not fit, or the form comes from another site.'],
      ]),
    ],
  },
  make: (services: AppCodeServices) =>
    accountFormHandler(services, needs, async (sent) => {
      const returnTo = readReturnTarget(sent.form.get('return_to'))
      const again = (trouble?: AppCodeTrouble) => showSetUp(sent, returnTo, trouble, services)
      const typed = sent.form.get('code')
      if (typed === undefined) return again({ reason: 'code_missing' })
      const { secondFactors, store } = servicesOf(services)
      const key = setupKeyOf(sent.visitor.browser, servicesOf(services))
      const counted = await store.tickets.countTry(key)
      // Without tries or time another secret begins.
      if (counted.outcome !== 'counted') return again()
      const { ticket } = counted
      const { userId } = sent.visitor.found.record
      const pending = openPending(key, ticket, userId, servicesOf(services))
      if (pending === undefined) return again()
      const step = await secondFactors.findStep(pending.secret, typed)
      if (step === 'malformed') return again({ reason: 'code_missing' })
      if (step !== undefined) return turnOn(sent, pending, step, returnTo, services)
      return ticket.triesLeft <= 0
        ? again()
        : again({ reason: 'code_wrong', triesLeft: ticket.triesLeft })
    }),
})

/** Asks before a code app is removed. */
export const removeAppCodePageEndpoint = defineEndpoint({
  method: 'GET',
  path: `${path}/remove`,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Asks before the code app is removed.',
    parameters: [languageParameter],
    answers: accountAnswers(),
  },
  make: (services: AccountServices) =>
    accountPageHandler(services, { why: 'factor' }, async ({ visitor, frame, formValue, lang }) => {
      const { factors } = visitor
      if (!factors.hasTotp) return redirectTo(accountAddress('/account/security', lang))
      const keepsFactor = accountLevelOf({ ...factors, hasTotp: false }) === '2'
      const pages = await servicesOf(services).loadPages()
      return pages.removeAppCode({ ...frame, formValue, keepsFactor }, lang)
    }),
})

/** Removes the code app. Sessions that used it lose level 2 within a second. */
export const removeAppCodeEndpoint = defineEndpoint({
  method: 'POST',
  path: `${path}/remove`,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Removes the code app of the person who is signed in.',
    body: accountFormFields([]),
    answers: [
      { status: 303, about: 'It is removed, or was the last way in.', headers: ['Location'] },
    ],
  },
  make: (services: AppCodeServices) =>
    accountFormHandler(services, { ...needs, pageAt: `${path}/remove` }, async (sent) => {
      const { store } = servicesOf(services)
      const { record } = sent.visitor.found
      const actor = { userId: record.userId, sid: record.family.sid }
      const mails = await noticeFactorChange(sent, 'app_removed', services)
      const outcome = await store.factors.removeTotp(actor, mails, sent.visitor.audit)
      await services.catchUp()
      const security = accountAddress('/account/security', sent.lang)
      if (outcome === 'gone') return redirectTo(security)
      return redirectTo(`${security}&factor=${outcome === 'last' ? 'last' : 'app-removed'}`)
    }),
})

async function showSetUp(
  { visitor, frame, formValue, lang }: AccountRequest,
  returnTo: string | undefined,
  trouble: AppCodeTrouble | undefined,
  services: AccountServices,
): Promise<HttpReply> {
  const browser = servicesOf(services)
  const { userId } = visitor.found.record
  const { secret } = await readOrMakeTotp(userId, visitor.browser, browser)
  const names = { issuer: browser.siteName, account: frame.who }
  const { address, key } = await writeTotpAddress(secret, names)
  const qr = await drawQr(address)
  const replaces = visitor.factors.hasTotp
  const state = { ...frame, formValue, qr, key, address, replaces, returnTo, trouble }
  return (await browser.loadPages()).appCode(state, lang)
}

/** Keeps the app, and recovery codes where the user has none. Each is a proof of level 2 with the fresh proof before. */
async function turnOn(
  sent: AccountForm,
  pending: PendingTotp,
  step: number,
  returnTo: string | undefined,
  services: AppCodeServices,
): Promise<HttpReply> {
  const browser = servicesOf(services)
  const { visitor, frame, lang } = sent
  const { found, audit, factors } = visitor
  const { userId, family, amr, isPersistent } = found.record
  const codes = factors.recoveryCodesLeft === 0 ? browser.secondFactors.newCodes(userId) : undefined
  const { sealId, sealed, key: ticket } = pending
  const outcome = await browser.store.factors.setTotp(
    { sealId, sealed, step, ticket },
    codes?.hashes ?? null,
    { userId, sid: family.sid },
    await noticeFactorChange(sent, 'app_added', services),
    audit,
  )
  if (outcome !== 'set') return redirectTo(accountAddress(path, lang))
  // Another app in the place of one raises the version of the user.
  await services.catchUp()
  const proof = { acr: '2', amr: [...new Set([...amr, 'otp'])] } as const
  const proved = await browser.sessions.prove(found, proof, audit)
  const lives = { isPersistent, expiresAt: family.expiresAt, now: services.now() }
  const cookies = proved.ok ? tokenCookies(proved.value, lives, browser) : []
  const onward = returnTo ?? `${accountAddress('/account/security', lang)}&factor=app-added`
  if (codes === undefined) return redirectTo(onward, cookies)
  const pages = await browser.loadPages()
  const state = { ...frame, codes: codes.shown, returnTo, isSetUp: true }
  return withCookies(pages.recoveryCodes(state, lang), cookies)
}
