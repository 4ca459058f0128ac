import type { Form } from '../grants/form.ts'
import type { HttpReply } from '../http/exchange.ts'
import type { SignInTrouble } from '../pages/sign-in-page.ts'
import type { ProvenPasskey } from '../passkeys/passkey-types.ts'
import { isFromOwnPage } from '../sessions/own-page.ts'
import { readReturnTarget } from '../sessions/return-target.ts'
import type { SignInProof } from '../users/sign-in-proof.ts'
import { defineEndpoint } from './endpoint.ts'
import { renderErrorPage } from './error-page-reply.ts'
import { finishSignIn } from './finish-sign-in.ts'
import { replyFresh } from './oauth-reply.ts'
import { pageAnswers } from './page-answers.ts'
import { requestOptionsAnswer, responseField, tooManyChallenges } from './passkey-reference.ts'
import { noteRefusedPasskey, passkeyTroubleOf } from './passkey-refusals.ts'
import { replyOptions } from './passkey-replies.ts'
import type { BrowserPasskeys } from './passkey-services.ts'
import { refusal } from './reference.ts'
import { servicesOf } from './services-of.ts'
import { showSignInForm, type SignInServices, type SignInView } from './sign-in.ts'
import { languageOf, readPageForm, readVisitor } from './visitor.ts'

const formField = {
  name: 'form',
  about: 'The value of the sign-in page, bound to its browser.',
  isRequired: true,
} as const
const mediaType = 'application/x-www-form-urlencoded'
const noPasskeys = refusal(404, 'no_passkeys', 'The issuer has no domain for passkeys.')

/** Gives options for a sign-in by passkey. They are the same for everybody. */
export const passkeyOptionsEndpoint = defineEndpoint({
  method: 'POST',
  path: '/sign-in/passkey/options',
  needsBrowsers: true,
  reference: {
    summary: 'Gives the script of the sign-in page the options for a passkey.',
    body: { mediaType, kinds: [{ fields: [formField] }] },
    answers: [
      requestOptionsAnswer,
      refusal(400, 'form_too_old', 'The form is of another browser.'),
      refusal(403, 'cross_site', 'A page of another origin sends the request.'),
      noPasskeys,
      tooManyChallenges,
    ],
  },
  make: (services: SignInServices) => async (request) => {
    const browser = servicesOf(services)
    const { passkeys, values, cookies, origin } = browser
    if (passkeys === undefined) return replyFresh(404, { error: 'no_passkeys' })
    if (!isFromOwnPage(request, origin)) return replyFresh(403, { error: 'cross_site' })
    const { browser: secret } = cookies.read(request)
    const form = readPageForm(request)
    if (!values.isBrowser(secret) || !values.isFormValue(form?.get('form'), 'sign-in', secret))
      return replyFresh(400, { error: 'form_too_old' })
    return replyOptions(request, passkeys, () => passkeys.beginSignIn(values.browserHash(secret)))
  },
})

/**
 * Signs a user in by a passkey that verified its user.
 * Why a disabled user gets the answer of a wrong response: the page must not show which accounts are disabled.
 */
export const passkeySignInEndpoint = defineEndpoint({
  method: 'POST',
  path: '/sign-in/passkey',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Signs a user in by a passkey.',
    body: {
      mediaType,
      kinds: [
        {
          fields: [
            formField,
            responseField,
            { name: 'keep', about: 'Keeps the session for 30 days.', values: ['yes'] },
            { name: 'return_to', about: 'A path of this site, to return to. All else is ignored.' },
            { name: 'lang', about: 'The language of the page.', values: ['en', 'de'] },
          ],
        },
      ],
    },
    answers: [
      { status: 303, about: 'The user is signed in.', headers: ['Location', 'Set-Cookie'] },
      ...pageAnswers([
        [400, 'The body is no form, or the form is of another browser.'],
        [403, 'The passkey signs nobody in, or the form comes from another site.'],
        [404, 'The issuer has no domain for passkeys.'],
      ]),
    ],
  },
  make: (services: SignInServices) => async (request) => {
    const browser = servicesOf(services)
    const form = readPageForm(request)
    const lang = languageOf(request, form?.get('lang'))
    if (browser.passkeys === undefined) return renderErrorPage(404, request, lang, services)
    if (form === undefined) return renderErrorPage(400, request, lang, services)
    const visitor = await readVisitor(request, browser)
    const returnTo = readReturnTarget(form.get('return_to'))
    const view = { request, visitor, lang, returnTo, keep: form.get('keep') !== undefined }
    const again = (trouble: SignInTrouble) => showSignInForm({ ...view, trouble }, services)
    if (!isFromOwnPage(request, browser.origin)) return again({ reason: 'other_site' })
    if (!browser.values.isFormValue(form.get('form'), 'sign-in', visitor.browser ?? ''))
      return again({ reason: 'flow_too_old' })
    return signInByPasskey(view, form, browser.passkeys, services)
  },
})

async function signInByPasskey(
  view: SignInView,
  form: Form,
  passkeys: BrowserPasskeys,
  services: SignInServices,
): Promise<HttpReply> {
  const browser = servicesOf(services)
  const { request, visitor, keep = false } = view
  const { address, requestId } = request
  const again = (trouble: SignInTrouble) => showSignInForm({ ...view, trouble }, services)
  const proven = await passkeys.signIn(
    form.get('response') ?? '',
    browser.values.browserHash(visitor.browser ?? ''),
    { requestId, address, actor: null },
  )
  if (!proven.ok) {
    noteRefusedPasskey(proven.refusal, request, services)
    return again(passkeyTroubleOf(proven.refusal.refusal, passkeys))
  }
  const end = { ...view, isPersistent: keep, knowsPasskeys: true }
  const proof = proofOf(proven.value)
  const finished = await finishSignIn(proven.value.user, proof, end, browser, services)
  return finished.outcome === 'answered' ? finished.reply : again({ reason: 'passkey_refused' })
}

/** A passkey that verified its user is two factors: the device, and a body or a PIN. Source: RFC 8176 §2. */
function proofOf({ isUserVerified, methods }: ProvenPasskey): SignInProof {
  return isUserVerified ? { acr: '2', amr: [...methods, 'mfa'] } : { acr: '1', amr: methods }
}
