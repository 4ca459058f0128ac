import type { EpochSeconds } from '@countersign/jwt'
import type { HttpReply } from '../http/exchange.ts'
import { accountAddress } from '../pages/account-address.ts'
import { signInAddress } from '../pages/sign-in-address.ts'
import { readReturnTarget } from '../sessions/return-target.ts'
import { accountAnswers, accountFormFields, languageParameter } from './account-reference.ts'
import {
  accountFormHandler,
  accountPageHandler,
  type AccountForm,
  type AccountRequest,
  type AccountServices,
} from './account-visitor.ts'
import { defineEndpoint } from './endpoint.ts'
import { composeNotices } from './notices.ts'
import { pageAnswers } from './page-answers.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'
import { redirectTo, signedOutCookies, withCookies } from './visitor.ts'

type DeletionServices = AccountServices & Pick<Services, 'catchUp' | 'mail'>

const path = '/account/data/delete'
const waitingPath = '/account/data/deletion'

/** Units: seconds. */
const waitSeconds = 7 * 86_400

/** Asks whether to delete the account. */
export const deletionPageEndpoint = defineEndpoint({
  method: 'GET',
  path,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Asks the person who is signed in whether to delete the account.',
    parameters: [languageParameter],
    answers: accountAnswers(),
  },
  make: (services: DeletionServices) =>
    accountPageHandler(services, { why: 'delete' }, (page) =>
      page.user.eraseAt === undefined
        ? showQuestion(page, false, services)
        : redirectTo(accountAddress(waitingPath, page.lang)),
    ),
})

async function showQuestion(
  { frame, formValue, lang }: AccountRequest,
  isUnsure: boolean,
  services: DeletionServices,
): Promise<HttpReply> {
  const pages = await servicesOf(services).loadPages()
  const until = (services.now() + waitSeconds) as EpochSeconds
  const sendsMail = services.mail.enabled
  return pages.deletion({ ...frame, formValue, until, sendsMail, isUnsure }, lang)
}

/** Deletes the account after a wait of seven days, or at once. */
export const deletionEndpoint = defineEndpoint({
  method: 'POST',
  path,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Deletes the account of the person who is signed in: in seven days, or at once.',
    body: accountFormFields([
      { name: 'when', about: 'Default: later.', values: ['later', 'now'] },
      { name: 'sure', about: 'Needed for a deletion at once.', values: ['yes'] },
    ]),
    answers: [
      { status: 303, about: 'The deletion waits.', headers: ['Location'] },
      ...pageAnswers([
        [200, 'The account is deleted.'],
        [400, 'A deletion at once was asked for without the tick.'],
      ]),
    ],
  },
  make: (services: DeletionServices) =>
    accountFormHandler(services, { pageAt: path, why: 'delete' }, (sent) => {
      if (sent.form.get('when') !== 'now') return deleteLater(sent, services)
      return sent.form.get('sure') === 'yes'
        ? deleteNow(sent, services)
        : showQuestion(sent, true, services)
    }),
})

async function deleteLater(sent: AccountForm, services: DeletionServices): Promise<HttpReply> {
  const { store, values } = servicesOf(services)
  const { user, visitor, request, lang } = sent
  const secret = values.newBrowser()
  const until = (services.now() + waitSeconds) as EpochSeconds
  const link = `/account/keep?ticket=${secret}` as const
  const mails = composeNotices({ user, request, lang }, services, (origin) => ({
    template: 'account_deletion',
    args: { ...origin, link, until },
  }))
  const wanted = { linkHash: values.browserHash(secret), waitSeconds }
  const outcome = await store.account.requestErasure(actorOf(sent), wanted, mails, visitor.audit)
  return outcome === 'session_ended'
    ? toSignIn(sent, services)
    : redirectTo(accountAddress(waitingPath, lang))
}

async function deleteNow(sent: AccountForm, services: DeletionServices): Promise<HttpReply> {
  const browser = servicesOf(services)
  const outcome = await browser.store.account.eraseNow(actorOf(sent), sent.visitor.audit)
  if (outcome === 'session_ended') return toSignIn(sent, services)
  await services.catchUp()
  const page = (await browser.loadPages()).deletionEnd({ end: 'erased' }, sent.lang)
  const { cookies } = browser
  const reply = withCookies(page, [
    ...signedOutCookies(browser),
    cookies.clear('browser'),
    cookies.clear('device'),
  ])
  return { ...reply, headers: { ...reply.headers, 'clear-site-data': '"cache"' } }
}

function actorOf({ visitor }: AccountForm) {
  const { userId, family } = visitor.found.record
  return { userId, sid: family.sid }
}

function toSignIn({ lang }: AccountForm, services: DeletionServices): HttpReply {
  const returnTo = accountAddress('/account/data', lang)
  return redirectTo(signInAddress({ lang, returnTo }), signedOutCookies(servicesOf(services)))
}

/** Says when the account is deleted, and offers to keep it. */
export const waitingDeletionEndpoint = defineEndpoint({
  method: 'GET',
  path: waitingPath,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Says when the account of the person who is signed in is deleted.',
    parameters: [
      languageParameter,
      { name: 'return_to', about: 'A path of this site, to go on to.', in: 'query' },
    ],
    answers: accountAnswers(),
  },
  make: (services: AccountServices) =>
    accountPageHandler(services, {}, async ({ request, frame, formValue, lang }) => {
      const query = new URLSearchParams(request.query)
      const dataPath = accountAddress('/account/data', lang)
      const returnTo = readReturnTarget(query.get('return_to') ?? undefined) ?? dataPath
      const { eraseAt } = frame
      if (eraseAt === undefined) return redirectTo(returnTo)
      const pages = await servicesOf(services).loadPages()
      return pages.waitingDeletion({ ...frame, formValue, eraseAt, returnTo }, lang)
    }),
})

/** Keeps an account whose deletion waits. */
export const keepAccountEndpoint = defineEndpoint({
  method: 'POST',
  path: '/account/data/keep',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Keeps the account of the person who is signed in: its deletion is revoked.',
    body: accountFormFields([]),
    answers: [{ status: 303, about: 'The account stays.', headers: ['Location'] }],
  },
  make: (services: DeletionServices) =>
    accountFormHandler(services, { pageAt: waitingPath }, async (sent) => {
      const { account } = servicesOf(services).store
      const outcome = await account.keepAccount(actorOf(sent), sent.visitor.audit)
      if (outcome === 'session_ended') return toSignIn(sent, services)
      return redirectTo(accountAddress('/account/data', sent.lang))
    }),
})
