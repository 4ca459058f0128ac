import type { Form } from '../grants/form.ts'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import { secondFactorAddress } from '../pages/second-factor-address.ts'
import type { PasskeyTrouble } from '../pages/sign-in-passkey.ts'
import { isFromOwnPage } from '../sessions/own-page.ts'
import { verifiedUser } from '../users/verified-user.ts'
import { defineEndpoint } from './endpoint.ts'
import { goToNewPassword } from './factor-before-password.ts'
import { renderErrorPage } from './error-page-reply.ts'
import { finishSignIn } from './finish-sign-in.ts'
import { replyFresh } from './oauth-reply.ts'
import { pageAnswers } from './page-answers.ts'
import {
  noOptions,
  requestOptionsAnswer,
  responseField,
  tooManyChallenges,
} from './passkey-reference.ts'
import { noteRefusedPasskey, passkeyTroubleOf } from './passkey-refusals.ts'
import { replyOptions } from './passkey-replies.ts'
import { refusal } from './reference.ts'
import {
  boundToPending,
  showSecondFactorEnd,
  withPending,
  type FactorServices,
  type PendingView,
} from './second-factor.ts'
import { servicesOf } from './services-of.ts'
import { languageOf, readPageForm, readVisitor } from './visitor.ts'

const path = '/sign-in/second-factor/passkey'
const mediaType = 'application/x-www-form-urlencoded'
const formField = {
  name: 'form',
  about: 'The value of the page, bound to its browser.',
  isRequired: true,
} as const
const langField = {
  name: 'lang',
  about: 'The language of the page.',
  values: ['en', 'de'],
} as const
const noSignIn = [400, 'The browser has no sign-in that waits for a second factor.'] as const

/** Shows the page that asks for a passkey after the password. */
export const passkeyFactorPageEndpoint = defineEndpoint({
  method: 'GET',
  path,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Shows the page for a passkey as the second factor of a sign-in.',
    parameters: [{ ...langField, in: 'query' }],
    answers: [
      ...pageAnswers([[200, 'The page.'], noSignIn, [403, 'No try is left.']]),
      { status: 303, about: 'The browser is signed in already.', headers: ['Location'] },
    ],
  },
  make: (services: FactorServices) => async (request) => {
    const lang = languageOf(request, new URLSearchParams(request.query).get('lang'))
    const visitor = await readVisitor(request, servicesOf(services))
    return withPending({ request, visitor, lang }, undefined, services, (view) =>
      showPasskeyPage(view, undefined, services),
    )
  },
})

/** Gives options for a passkey of the person whose password was right. */
export const passkeyFactorOptionsEndpoint = defineEndpoint({
  method: 'POST',
  path: `${path}/options`,
  needsBrowsers: true,
  reference: {
    summary: 'Gives the script of the page the options for a passkey of the person.',
    body: { mediaType, kinds: [{ fields: [formField, langField] }] },
    answers: [
      requestOptionsAnswer,
      refusal(400, 'form_too_old', 'No sign-in of this browser waits for it.'),
      refusal(403, 'cross_site', 'A page of another origin sends the request.'),
      noOptions,
      tooManyChallenges,
    ],
  },
  make: (services: FactorServices) => (request) =>
    takeForm(request, services, (view) => {
      const { passkeys, values } = servicesOf(services)
      const none = { countChallenge: async () => 0 }
      return replyOptions(request, passkeys ?? none, async () =>
        passkeys?.beginConfirm(view.user.id, values.browserHash(view.browser)),
      )
    }),
})

/** Takes the passkey, and opens a session of level 2. */
export const passkeyFactorEndpoint = defineEndpoint({
  method: 'POST',
  path,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Takes a passkey as the second factor of a sign-in.',
    body: { mediaType, kinds: [{ fields: [formField, responseField, langField] }] },
    answers: [
      { status: 303, about: 'The user is signed in.', headers: ['Location', 'Set-Cookie'] },
      ...pageAnswers([
        noSignIn,
        [403, 'The passkey is refused, or the form comes from another site.'],
      ]),
    ],
  },
  make: (services: FactorServices) => async (request) => {
    const browser = servicesOf(services)
    const form = readPageForm(request)
    const lang = languageOf(request, form?.get('lang'))
    if (form === undefined) return renderErrorPage(400, request, lang, services)
    if (!isFromOwnPage(request, browser.origin))
      return renderErrorPage(403, request, lang, services)
    const visitor = await readVisitor(request, browser)
    return withPending({ request, visitor, lang }, undefined, services, (view) =>
      browser.values.isFormValue(form.get('form'), 'second-factor', boundToPending(view))
        ? tryPasskey(view, form, services)
        : showPasskeyPage(view, { reason: 'passkey_late' }, services),
    )
  },
})

/** Lets only a form of the page of this browser ask for options. */
async function takeForm(
  request: HttpRequest,
  services: FactorServices,
  take: (view: PendingView) => Promise<HttpReply>,
): Promise<HttpReply> {
  const browser = servicesOf(services)
  if (!isFromOwnPage(request, browser.origin)) return replyFresh(403, { error: 'cross_site' })
  const form = readPageForm(request)
  const lang = languageOf(request, form?.get('lang'))
  const visitor = await readVisitor(request, browser)
  const tooOld = replyFresh(400, { error: 'form_too_old' })
  const reply = await withPending({ request, visitor, lang }, undefined, services, (view) =>
    browser.values.isFormValue(form?.get('form'), 'second-factor', boundToPending(view))
      ? take(view)
      : tooOld,
  )
  // A sign-in that is over has a page, which is nothing to a script.
  return String(reply.headers['content-type']).startsWith('application/json') ? reply : tooOld
}

async function showPasskeyPage(
  view: PendingView,
  trouble: PasskeyTrouble | undefined,
  services: FactorServices,
): Promise<HttpReply> {
  const { values, loadPages } = servicesOf(services)
  const { user, lang } = view
  const state = {
    action: path,
    formValue: values.formValue('second-factor', boundToPending(view)),
    who: user.names[0]?.shown ?? user.id,
    isSignedIn: false,
    fields: {},
    pageAt: (language: string) => `${path}?lang=${language}`,
    otherWays: secondFactorAddress({ lang, way: view.way }),
    trouble,
  } as const
  return (await loadPages()).passkeyConfirm(state, lang)
}

async function tryPasskey(
  view: PendingView,
  form: Form,
  services: FactorServices,
): Promise<HttpReply> {
  const browser = servicesOf(services)
  const { passkeys, values } = browser
  const { request, user, pending, lang } = view
  const { key: ticket, returnTo, isPersistent } = pending
  const { address, requestId } = request
  const again = (trouble: PasskeyTrouble) => showPasskeyPage(view, trouble, services)
  if (passkeys === undefined) return again({ reason: 'passkey_refused' })
  const proven = await passkeys.confirm(
    form.get('response') ?? '',
    user.id,
    values.browserHash(view.browser),
    { requestId, address, actor: null },
  )
  if (!proven.ok) {
    noteRefusedPasskey(proven.refusal, request, services)
    return again(passkeyTroubleOf(proven.refusal.refusal, passkeys))
  }
  const { isUserVerified, methods } = proven.value
  // After another passkey, a key alone is the same kind of factor once more.
  if (!isUserVerified && !pending.amr.includes('pwd'))
    return again({ reason: 'passkey_unverified' })
  const amr = [...new Set([...pending.amr, ...methods, 'mfa'])]
  const end = { ...view, returnTo, isPersistent, knowsPasskeys: true }
  const proof = { acr: '2', amr, ticket } as const
  const finished =
    pending.mustChange === undefined
      ? await finishSignIn(verifiedUser(user), proof, end, browser, services)
      : await goToNewPassword(view, proof, browser)
  return finished.outcome === 'answered'
    ? finished.reply
    : showSecondFactorEnd({ because: 'too_old', returnTo }, lang, services)
}
