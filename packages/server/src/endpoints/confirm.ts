import type { Form } from '../grants/form.ts'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import {
  confirmAddress,
  proofReasons,
  readProofReason,
  type ProofReason,
} from '../pages/confirm-address.ts'
import type { ConfirmTrouble } from '../pages/confirm-page.ts'
import type { Language } from '../pages/language.ts'
import { signInAddress } from '../pages/sign-in-address.ts'
import { askProof, type AskedProof } from '../sessions/ask-proof.ts'
import { isFromOwnPage } from '../sessions/own-page.ts'
import { readReturnTarget } from '../sessions/return-target.ts'
import type { FoundSession, NewProof } from '../sessions/session-types.ts'
import { readPassword } from '../users/read-password.ts'
import type { RefusedSignIn } from '../users/sign-in.ts'
import { codeTrouble, composeUse, noteRefusedCode } from './code-refusals.ts'
import { defineEndpoint } from './endpoint.ts'
import { renderErrorPage } from './error-page-reply.ts'
import { pageAnswers } from './page-answers.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'
import { noteRefusedSignIn } from './sign-in.ts'
import {
  languageOf,
  readPageForm,
  readVisitor,
  redirectTo,
  tokenCookies,
  type Visitor,
} from './visitor.ts'

export type ConfirmServices = Pick<Services, 'browserServices' | 'collector' | 'mail' | 'now'>

const fields = [
  { name: 'return_to', about: 'A path of this site, to return to. All else is ignored.' },
  { name: 'why', about: 'The act that asks.', values: proofReasons },
  { name: 'way', about: 'The kind of code.', values: ['totp', 'recovery'] },
  { name: 'lang', about: 'The language of the page.', values: ['en', 'de'] },
] as const

/** Shows the page on which a user proves again to be there. */
export const confirmPageEndpoint = defineEndpoint({
  method: 'GET',
  path: '/confirm',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Shows the page for a new proof of a user who is signed in.',
    parameters: fields.map((field) => ({ ...field, in: 'query' as const })),
    answers: [
      ...pageAnswers([[200, 'The page.']]),
      { status: 303, about: 'The browser has no session: it must sign in.', headers: ['Location'] },
    ],
  },
  make: (services: ConfirmServices) => async (request) => {
    const query = new URLSearchParams(request.query)
    return withConfirmingSession(
      request,
      (name) => query.get(name) ?? undefined,
      services,
      (view) => showConfirm(view, services),
    )
  },
})

/** Takes a new proof. The session gets its level, a new secret and a new access token. */
export const confirmEndpoint = defineEndpoint({
  method: 'POST',
  path: '/confirm',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Takes a new proof of a user who is signed in.',
    body: {
      mediaType: 'application/x-www-form-urlencoded',
      kinds: [
        {
          fields: [
            {
              name: 'form',
              about: 'The value of the page, bound to its session.',
              isRequired: true,
            },
            { name: 'password', about: 'The password.', isRequired: true },
            { name: 'code', about: 'The code of the second factor, where the user has one.' },
            ...fields,
          ],
        },
      ],
    },
    answers: [
      { status: 303, about: 'The proof was right.', headers: ['Location', 'Set-Cookie'] },
      ...pageAnswers([
        [400, 'A field is missing, or the form is of another session.'],
        [403, 'The proof was not right, or the form comes from another site.'],
        [429, 'Too many tries.'],
        [503, 'Too many passwords are being checked.'],
      ]),
    ],
  },
  make: (services: ConfirmServices) =>
    confirmFormHandler(
      services,
      (view, form) => confirm(view, form, services),
      (view) => showConfirm({ ...view, trouble: { reason: 'flow_too_old' } }, services),
    ),
})

/**
 * Takes a form with a new proof: from a page of this origin, with the value of the present session.
 * Why here: no kind of proof can forget one of these checks.
 */
export function confirmFormHandler(
  services: ConfirmServices,
  take: (view: ConfirmView, form: Form) => Promise<HttpReply>,
  refuseOld: (view: ConfirmView) => Promise<HttpReply>,
): (request: HttpRequest) => Promise<HttpReply> {
  return async (request) => {
    const { origin, values } = servicesOf(services)
    const form = readPageForm(request)
    const lang = languageOf(request, form?.get('lang'))
    if (form === undefined) return renderErrorPage(400, request, lang, services)
    if (!isFromOwnPage(request, origin)) return renderErrorPage(403, request, lang, services)
    return withConfirmingSession(request, form.get, services, (view) =>
      values.isFormValue(form.get('form'), 'confirm', view.found.record.family.sid)
        ? take(view, form)
        : refuseOld(view),
    )
  }
}

/** A request of a person who is signed in, for a new proof. */
export interface ConfirmView {
  readonly request: HttpRequest
  readonly visitor: Visitor
  readonly found: FoundSession
  readonly lang: Language
  readonly returnTo: string
  readonly why: ProofReason | undefined
  readonly asks: AskedProof
  readonly trouble?: ConfirmTrouble | undefined
}

/** Leads a browser without a session to the sign-in, and back to the page that asked. */
export async function withConfirmingSession(
  request: HttpRequest,
  get: (name: string) => string | undefined,
  services: ConfirmServices,
  go: (view: ConfirmView) => Promise<HttpReply>,
): Promise<HttpReply> {
  const browser = servicesOf(services)
  const visitor = await readVisitor(request, browser)
  const returnTo = readReturnTarget(get('return_to')) ?? '/'
  const lang = languageOf(request, get('lang'))
  const { found } = visitor
  if (found === undefined) return redirectTo(signInAddress({ lang, returnTo }))
  const factors = await browser.store.users.factors(found.record.userId)
  const wish = get('way') === 'recovery' ? 'recovery' : 'totp'
  const asks = askProof(factors, wish)
  return go({ request, visitor, found, lang, returnTo, why: readProofReason(get('why')), asks })
}

async function showConfirm(view: ConfirmView, services: ConfirmServices): Promise<HttpReply> {
  const browser = servicesOf(services)
  const { found, lang, returnTo, why, asks, trouble } = view
  const { sid, username: who } = found.record.family
  const formValue = browser.values.formValue('confirm', sid)
  const state = { formValue, who, why, returnTo, cancelTo: '/', asks, trouble }
  return (await browser.loadPages()).confirm(state, lang)
}

/** Checks the password, then the code. Both are counted as at the sign-in. */
async function confirm(
  view: ConfirmView,
  form: Form,
  services: ConfirmServices,
): Promise<HttpReply> {
  const browser = servicesOf(services)
  const { request, visitor, found, lang, asks } = view
  const again = (trouble: ConfirmTrouble) => showConfirm({ ...view, trouble }, services)
  const { userId } = found.record
  const user = await browser.store.users.find(userId)
  const [typed, code] = [form.get('password'), form.get('code')]
  if (typed === undefined) return again({ reason: 'password_missing' })
  if (asks.code !== undefined && code === undefined) return again({ reason: 'code_missing' })
  const password = readPassword(typed)
  const [name] = user?.names ?? []
  if (!asks.password || !password.ok || user === undefined || name === undefined)
    return again({ reason: 'password_wrong' })
  const { address } = request
  const device = browser.values.deviceOf(visitor.cookies.device, userId)
  const proven = await browser.signIn(
    { name: name.key, password: password.value, address, deviceOf: () => device },
    visitor.audit,
  )
  if (!proven.ok) {
    noteRefusedSignIn(proven.refusal, request, services)
    const trouble = troubleOf(proven.refusal.refusal)
    return trouble === undefined ? renderErrorPage(403, request, lang, services) : again(trouble)
  }
  if (asks.code === undefined || code === undefined)
    return proveInSession(view, { acr: '1', amr: ['pwd'] }, services)
  const attempt = { userId, kind: asks.code, typed: code, address, device }
  const checked = await browser.secondFactors.check(attempt)
  if (!checked.ok) {
    noteRefusedCode(checked.refusal, user, request, services)
    return again(codeTrouble(checked.refusal))
  }
  const mails = await composeUse({ user, request, lang }, checked.value, services)
  return proveInSession(
    view,
    { acr: '2', amr: ['pwd', 'otp'], use: checked.value, mails },
    services,
  )
}

/** Gives the session its proof, and returns to the page that asked. */
export async function proveInSession(
  view: ConfirmView,
  proof: NewProof,
  services: ConfirmServices,
): Promise<HttpReply> {
  const browser = servicesOf(services)
  const { request, visitor, found, lang, returnTo, why } = view
  const proved = await browser.sessions.prove(found, proof, visitor.audit)
  if (!proved.ok) {
    const { reason } = proved.refusal
    if (reason === 'code_used')
      return showConfirm({ ...view, trouble: { reason: 'code_wrong' } }, services)
    return reason === 'session_ended'
      ? redirectTo(signInAddress({ lang, returnTo: confirmAddress({ why, returnTo }) }))
      : renderErrorPage(503, request, lang, services)
  }
  const { isPersistent, family } = found.record
  const lives = { isPersistent, expiresAt: family.expiresAt, now: services.now() }
  return redirectTo(returnTo, tokenCookies(proved.value, lives, browser))
}

/** Gives the trouble for the page; absent for a password that must be changed elsewhere first. */
function troubleOf(refusal: RefusedSignIn['refusal']): ConfirmTrouble | undefined {
  switch (refusal.reason) {
    case 'too_many_attempts':
      return { reason: 'throttled', seconds: refusal.retryAfterSeconds }
    case 'hashing_busy':
      return { reason: 'queue_full', seconds: refusal.retryAfterSeconds }
    case 'password_must_change':
      return undefined
    case 'user_unknown':
    case 'password_absent':
    case 'password_wrong':
    case 'user_disabled':
    case 'user_locked':
    case 'address_unverified':
      return { reason: 'password_wrong' }
  }
}
