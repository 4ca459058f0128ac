import type { Form } from '../grants/form.ts'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import { confirmAddress } from '../pages/confirm-address.ts'
import type { Language } from '../pages/language.ts'
import type { SignInTrouble } from '../pages/sign-in-page.ts'
import type { FoundSession } from '../sessions/session-types.ts'
import { isFromOwnPage } from '../sessions/own-page.ts'
import { judgeWantedProof, readWantedProof } from '../sessions/wanted-proof.ts'
import { accountLevelOf } from '../store/port/factor-records.ts'
import { readReturnTarget, signedInHome } from '../sessions/return-target.ts'
import { foldName } from '../users/fold-name.ts'
import { readPassword } from '../users/read-password.ts'
import type { RefusedSignIn } from '../users/sign-in.ts'
import { byPassword } from '../users/sign-in-proof.ts'
import type { VerifiedUser } from '../users/verified-user.ts'
import { defineEndpoint } from './endpoint.ts'
import { renderErrorPage } from './error-page-reply.ts'
import { finishSignIn } from './finish-sign-in.ts'
import { goToNextStep } from './interrupted-sign-in.ts'
import { pageAnswers } from './page-answers.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'
import {
  languageOf,
  readPageForm,
  readVisitor,
  redirectTo,
  renewalCookies,
  signedOutCookies,
  withCookies,
  type Visitor,
} from './visitor.ts'
import { findWaitingApp } from './waiting-app.ts'

export type SignInServices = Pick<
  Services,
  'browserServices' | 'collector' | 'mail' | 'now' | 'openid'
>

const fields = [
  { name: 'return_to', about: 'A path of this site, to return to. All else is ignored.' },
  { name: 'lang', about: 'The language of the page.', values: ['en', 'de'] },
] as const

const proofFields = [
  { name: 'acr_values', about: 'The levels that are enough, with spaces: 1, 2.' },
  { name: 'max_age', about: 'The seconds since the last proof at most.' },
] as const

/** Shows the sign-in page. A browser with a session gets new cookies where they are due, and goes on. */
export const signInPageEndpoint = defineEndpoint({
  method: 'GET',
  path: '/sign-in',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Shows the sign-in page, or renews the session and returns.',
    parameters: [...fields, ...proofFields].map((field) => ({ ...field, in: 'query' as const })),
    answers: [
      ...pageAnswers([[200, 'The page.']]),
      { status: 303, about: 'The session was renewed.', headers: ['Location', 'Set-Cookie'] },
    ],
  },
  make: (services: SignInServices) => async (request) => {
    const browser = servicesOf(services)
    const query = new URLSearchParams(request.query)
    const returnTo = readReturnTarget(query.get('return_to') ?? undefined)
    const lang = languageOf(request, query.get('lang'))
    const visitor = await readVisitor(request, browser)
    const view = { request, visitor, lang, returnTo }
    if (visitor.found !== undefined) {
      const further = await furtherProof(visitor.found, { returnTo, lang, query }, services)
      return further === undefined ? goOn(view, visitor.found, services) : redirectTo(further)
    }
    return showSignInForm({ ...view, trouble: endedTrouble(visitor) }, services)
  },
})

/**
 * Signs a user in by name and password, and opens a session with a new id.
 * Why one answer for unknown, wrong, disabled and locked: the page must not show whether a name has a user.
 */
export const signInEndpoint = defineEndpoint({
  method: 'POST',
  path: '/sign-in',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Signs a user in by the form of the sign-in page.',
    body: {
      mediaType: 'application/x-www-form-urlencoded',
      kinds: [
        {
          fields: [
            {
              name: 'form',
              about: 'The value of the page, bound to its browser.',
              isRequired: true,
            },
            { name: 'username', about: 'A name or an address of the user.', isRequired: true },
            { name: 'password', about: 'The password.', isRequired: true },
            { name: 'keep', about: 'Keeps the session for 30 days.', values: ['yes'] },
            {
              name: 'passkeys',
              about: 'The browser can make a passkey, so one may be offered next.',
              values: ['yes'],
            },
            ...fields,
          ],
        },
      ],
    },
    answers: [
      { status: 303, about: 'The user is signed in.', headers: ['Location', 'Set-Cookie'] },
      ...pageAnswers([
        [200, 'Another tab signed in meanwhile.'],
        [400, 'A field is missing, or the form is of another browser.'],
        [403, 'The pair is not right, or the form comes from another site.'],
        [429, 'Too many tries.'],
        [503, 'Too many passwords are being checked.'],
      ]),
    ],
  },
  make: (services: SignInServices) => async (request) => {
    const browser = servicesOf(services)
    const visitor = await readVisitor(request, browser)
    const form = readPageForm(request)
    const lang = languageOf(request, form?.get('lang'))
    if (form === undefined) return renderErrorPage(400, request, lang, services)
    const returnTo = readReturnTarget(form.get('return_to'))
    const view = { request, visitor, lang, returnTo }
    if (!isFromOwnPage(request, browser.origin))
      return showSignInForm({ ...view, trouble: { reason: 'other_site' } }, services)
    if (!browser.values.isFormValue(form.get('form'), 'sign-in', visitor.browser ?? ''))
      return answerOldForm(view, form, services)
    return attempt(view, form, services)
  },
})

/** A request for the sign-in page, and the trouble that it shows. */
export interface SignInView {
  readonly request: HttpRequest
  readonly visitor: Visitor
  readonly lang: Language
  readonly returnTo: string | undefined
  readonly trouble?: SignInTrouble | undefined
  readonly username?: string | undefined
  readonly keep?: boolean
}

/**
 * Gives the page that brings a session to the proof that an application asks for; absent where it is there.
 * Source: RFC 9470 §5.
 */
async function furtherProof(
  { record }: FoundSession,
  asked: {
    readonly returnTo: string | undefined
    readonly lang: Language
    readonly query: URLSearchParams
  },
  services: SignInServices,
): Promise<string | undefined> {
  const { returnTo, lang, query } = asked
  const wanted = readWantedProof(query)
  if (wanted.levels.length === 0 && wanted.maxAgeSeconds === undefined) return undefined
  const factors = await servicesOf(services).store.users.factors(record.userId)
  switch (judgeWantedProof(wanted, record, accountLevelOf(factors), services.now())) {
    case 'enough':
      return undefined
    case 'confirm':
      return confirmAddress({ lang, returnTo })
    case 'second_factor':
      return setUpAddress(lang, returnTo)
  }
}

function setUpAddress(lang: Language, returnTo = '/'): string {
  const query = new URLSearchParams({ lang, return_to: returnTo })
  return `/account/security/app-code?${query.toString()}`
}

function endedTrouble({ wasSignedOut }: Visitor): SignInTrouble | undefined {
  return wasSignedOut ? { reason: 'session_ended' } : undefined
}

export async function showSignInForm(
  view: SignInView,
  services: SignInServices,
): Promise<HttpReply> {
  const browser = servicesOf(services)
  const { visitor, lang, returnTo, trouble, username, keep = false } = view
  const secret = visitor.browser ?? browser.values.newBrowser()
  const pages = await browser.loadPages()
  const formValue = browser.values.formValue('sign-in', secret)
  const takesPasskeys = browser.passkeys !== undefined
  const place = await findWaitingApp(returnTo, visitor.browser, services)
  const state = { formValue, returnTo, place, username, keep, takesPasskeys, trouble }
  const page = pages.signIn(state, lang)
  return withCookies(page, [
    ...(visitor.wasSignedOut ? signedOutCookies(browser) : []),
    ...(visitor.browser === undefined ? [browser.cookies.set('browser', secret)] : []),
  ])
}

/** How long after a renewal another tab goes on by itself. Units: seconds. */
const recentSeconds = 3

/**
 * Lets a browser with a session go on.
 * Why it asks where nothing was renewed lately: an app that refuses the session would send the browser here again and
 * again.
 * Why a page goes on after a recent renewal: tabs that load at once are refused at once, and one of them got the new
 * token. Unlike a redirect, a page cannot be one too many for the browser.
 */
async function goOn(
  view: SignInView,
  found: FoundSession,
  services: SignInServices,
): Promise<HttpReply> {
  const browser = servicesOf(services)
  const { visitor, request, lang, returnTo = signedInHome } = view
  const renewal = await browser.sessions.renew(found, visitor.cookies.access, 'due', visitor.audit)
  const cookies = renewalCookies(renewal, found, services.now(), browser)
  switch (renewal.outcome) {
    case 'renewed':
      return redirectTo(returnTo, cookies)
    case 'refused':
      return renderErrorPage(503, request, lang, services)
    case 'ended':
      return showSignInForm({ ...view, trouble: { reason: 'session_ended' } }, services)
    case 'fresh': {
      const pages = await browser.loadPages()
      const isRecent = services.now() - renewal.issuedAt < recentSeconds
      if (isRecent && view.returnTo !== undefined) return pages.signedInNow({ returnTo }, lang)
      const formValue = browser.values.formValue('sign-out', found.record.family.sid)
      const who = found.record.family.username
      return pages.signedInAlready({ formValue, who, returnTo }, lang)
    }
  }
}

/** Answers a form of a browser that has another secret by now, such as a tab that was open while another signed in. */
async function answerOldForm(
  view: SignInView,
  form: Form,
  services: SignInServices,
): Promise<HttpReply> {
  const browser = servicesOf(services)
  const { visitor, lang, returnTo = signedInHome } = view
  const { found, cookies, audit } = visitor
  if (found === undefined)
    return showSignInForm(
      { ...view, ...typedIn(form), trouble: { reason: 'flow_too_old' } },
      services,
    )
  const renewal = await browser.sessions.renew(found, cookies.access, 'due', audit)
  const page = (await browser.loadPages()).signedInNow({ returnTo }, lang)
  return withCookies(page, renewalCookies(renewal, found, services.now(), browser))
}

/** The parts of a form that are shown again. The password is not. */
function typedIn(form: Form): Pick<SignInView, 'username' | 'keep'> {
  return { username: form.get('username'), keep: form.get('keep') !== undefined }
}

async function attempt(view: SignInView, form: Form, services: SignInServices): Promise<HttpReply> {
  const again = (trouble: SignInTrouble) =>
    showSignInForm({ ...view, ...typedIn(form), trouble }, services)
  const [username, typed] = [form.get('username'), form.get('password')]
  if (username === undefined)
    return again({ reason: typed === undefined ? 'both_missing' : 'username_missing' })
  if (typed === undefined) return again({ reason: 'password_missing' })
  const name = foldName(username)
  const password = readPassword(typed)
  // No user has such a name or password, so it is not counted as a guess.
  if (!name.ok || !password.ok) return again({ reason: 'not_proven' })
  const { request, visitor } = view
  const browser = servicesOf(services)
  const deviceOf = (userId: VerifiedUser['id']) =>
    browser.values.deviceOf(visitor.cookies.device, userId)
  const { address, requestId } = request
  const proven = await browser.signIn(
    { name: name.value.key, password: password.value, address, deviceOf },
    { requestId, address, actor: null },
  )
  if (proven.ok) return finish(view, form, proven.value, services)
  noteRefusedSignIn(proven.refusal, request, services)
  const { refusal, user } = proven.refusal
  switch (refusal.reason) {
    case 'password_must_change':
    case 'address_unverified': {
      if (user === undefined || visitor.browser === undefined)
        return again({ reason: 'not_proven' })
      const end = { ...view, isPersistent: form.get('keep') !== undefined }
      return goToNextStep({ user, refusal, browser: visitor.browser, end }, services)
    }
    case 'too_many_attempts':
      return again({ reason: 'throttled', seconds: refusal.retryAfterSeconds })
    case 'hashing_busy':
      return again({ reason: 'queue_full', seconds: refusal.retryAfterSeconds })
    case 'user_unknown':
    case 'password_absent':
    case 'password_wrong':
    case 'user_disabled':
    case 'user_locked':
      return again({ reason: 'not_proven' })
  }
}

/** Writes why a known user was refused. A name that nobody has leaves no row, because people type passwords there. */
export function noteRefusedSignIn(
  { refusal, user }: RefusedSignIn,
  { address, requestId }: HttpRequest,
  services: Pick<SignInServices, 'browserServices' | 'collector'>,
): void {
  if (user === undefined) return
  services.collector.add({
    event: 'sign_in_refused',
    clientId: servicesOf(services).clientId,
    userId: user.id,
    reason: refusal.reason,
    count: 1,
    requestId,
    address,
    actor: null,
  })
}

async function finish(
  view: SignInView,
  form: Form,
  user: VerifiedUser,
  services: SignInServices,
): Promise<HttpReply> {
  const end = {
    ...view,
    isPersistent: form.get('keep') !== undefined,
    knowsPasskeys: form.get('passkeys') !== undefined,
  }
  const finished = await finishSignIn(user, byPassword, end, servicesOf(services), services)
  return finished.outcome === 'answered'
    ? finished.reply
    : showSignInForm({ ...view, ...typedIn(form), trouble: { reason: 'not_proven' } }, services)
}
