import type { Form } from '../grants/form.ts'
import type { HttpReply } from '../http/exchange.ts'
import { confirmAddress } from '../pages/confirm-address.ts'
import type { PasskeyTrouble } from '../pages/sign-in-passkey.ts'
import { isFromOwnPage } from '../sessions/own-page.ts'
import {
  proveInSession,
  confirmFormHandler,
  withConfirmingSession,
  type ConfirmServices,
  type ConfirmView,
} from './confirm.ts'
import { defineEndpoint } from './endpoint.ts'
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
import { servicesOf } from './services-of.ts'
import { readPageForm } from './visitor.ts'

const path = '/confirm/passkey'
const mediaType = 'application/x-www-form-urlencoded'
const formField = {
  name: 'form',
  about: 'The value of the page, bound to its session.',
  isRequired: true,
} as const
const fields = [
  { name: 'return_to', about: 'A path of this site, to return to. All else is ignored.' },
  { name: 'why', about: 'The act that asks.' },
  { name: 'lang', about: 'The language of the page.', values: ['en', 'de'] },
] as const

/** Shows the page on which a user proves by a passkey to be there. */
export const confirmPasskeyPageEndpoint = defineEndpoint({
  method: 'GET',
  path,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Shows the page for a new proof by a passkey.',
    parameters: fields.map((field) => ({ ...field, in: 'query' as const })),
    answers: [
      ...pageAnswers([[200, 'The page.']]),
      { status: 303, about: 'The browser has no session: it must sign in.', headers: ['Location'] },
    ],
  },
  make: (services: ConfirmServices) => (request) => {
    const query = new URLSearchParams(request.query)
    return withConfirmingSession(
      request,
      (name) => query.get(name) ?? undefined,
      services,
      (view) => showPasskeyProof(view, undefined, services),
    )
  },
})

/** Gives options for a passkey of the person who is signed in. */
export const confirmPasskeyOptionsEndpoint = defineEndpoint({
  method: 'POST',
  path: `${path}/options`,
  needsBrowsers: true,
  reference: {
    summary: 'Gives the script of the page the options for a passkey of the person.',
    body: { mediaType, kinds: [{ fields: [formField, ...fields] }] },
    answers: [
      requestOptionsAnswer,
      refusal(400, 'form_too_old', 'The form is of another session.'),
      refusal(403, 'cross_site', 'A page of another origin sends the request.'),
      noOptions,
      tooManyChallenges,
    ],
  },
  make: (services: ConfirmServices) => async (request) => {
    const { passkeys, values, origin } = servicesOf(services)
    if (!isFromOwnPage(request, origin)) return replyFresh(403, { error: 'cross_site' })
    const form = readPageForm(request)
    const none = { countChallenge: async () => 0 }
    return withConfirmingSession(request, form?.get ?? nothing, services, async (view) => {
      const { userId, family } = view.found.record
      const { browser } = view.visitor
      if (browser === undefined || !values.isFormValue(form?.get('form'), 'confirm', family.sid))
        return replyFresh(400, { error: 'form_too_old' })
      return replyOptions(request, passkeys ?? none, async () =>
        passkeys?.beginConfirm(userId, values.browserHash(browser)),
      )
    })
  },
})

/** Takes a passkey that verified its user. The session has level 2 from then on. */
export const confirmPasskeyEndpoint = defineEndpoint({
  method: 'POST',
  path,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Takes a new proof by a passkey.',
    body: { mediaType, kinds: [{ fields: [formField, responseField, ...fields] }] },
    answers: [
      { status: 303, about: 'The proof was right.', headers: ['Location', 'Set-Cookie'] },
      ...pageAnswers([
        [400, 'The body is no form.'],
        [403, 'The passkey is refused, or the form comes from another site.'],
      ]),
    ],
  },
  make: (services: ConfirmServices) =>
    confirmFormHandler(
      services,
      (view, form) => confirmByPasskey(view, form, services),
      (view) => showPasskeyProof(view, { reason: 'passkey_late' }, services),
    ),
})

const nothing = () => undefined

async function showPasskeyProof(
  { found, lang, returnTo, why }: ConfirmView,
  trouble: PasskeyTrouble | undefined,
  services: ConfirmServices,
): Promise<HttpReply> {
  const browser = servicesOf(services)
  const { sid, username: who } = found.record.family
  const state = {
    action: path,
    formValue: browser.values.formValue('confirm', sid),
    who,
    isSignedIn: true,
    fields: { return_to: returnTo, why },
    pageAt: (language: string) =>
      confirmAddress({ lang: language, why, returnTo }).replace('/confirm', path),
    otherWays: confirmAddress({ lang, why, returnTo }),
    trouble,
  } as const
  return (await browser.loadPages()).passkeyConfirm(state, lang)
}

async function confirmByPasskey(
  view: ConfirmView,
  form: Form,
  services: ConfirmServices,
): Promise<HttpReply> {
  const { passkeys, values } = servicesOf(services)
  const { request, visitor, found } = view
  const again = (trouble: PasskeyTrouble) => showPasskeyProof(view, trouble, services)
  if (passkeys === undefined) return again({ reason: 'passkey_refused' })
  const { userId } = found.record
  const browserHash = values.browserHash(visitor.browser ?? '')
  const response = form.get('response') ?? ''
  const proven = await passkeys.confirm(response, userId, browserHash, visitor.audit)
  if (!proven.ok) {
    noteRefusedPasskey(proven.refusal, request, services)
    return again(passkeyTroubleOf(proven.refusal.refusal, passkeys))
  }
  const { isUserVerified, methods } = proven.value
  // A key alone is one factor, and a proof here stands alone.
  if (!isUserVerified) return again({ reason: 'passkey_unverified' })
  return proveInSession(view, { acr: '2', amr: [...methods, 'mfa'] }, services)
}
