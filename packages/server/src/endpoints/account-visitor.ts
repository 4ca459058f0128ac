import type { Form } from '../grants/form.ts'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import type { AccountVisitor } from '../pages/account-frame.ts'
import { accountAddress } from '../pages/account-address.ts'
import type { Language } from '../pages/language.ts'
import { signInAddress } from '../pages/sign-in-address.ts'
import { isFromOwnPage } from '../sessions/own-page.ts'
import type { FoundSession } from '../sessions/session-types.ts'
import { renderErrorPage } from './error-page-reply.ts'
import type { Services } from './services.ts'
import { servicesOf } from './sign-in.ts'
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

export type AccountServices = Pick<Services, 'browserServices' | 'now'>

/** A request of a person who is signed in, for a page of the account. */
export interface AccountRequest {
  readonly request: HttpRequest
  readonly visitor: Visitor
  readonly found: FoundSession
  readonly lang: Language
  /** The parts of the frame. */
  readonly frame: AccountVisitor
}

/** The same request with a form that a page of this session made. */
export interface AccountForm extends AccountRequest {
  readonly form: Form
}

/**
 * Lets only a signed-in person see a page, and renews the session where that is due.
 * Refuses: a browser without a session, by a redirect to the sign-in page that leads back here.
 * Why the session is read with each request: one that was ended elsewhere must open nothing more.
 */
export async function showAccountPage(
  request: HttpRequest,
  services: AccountServices,
  show: (page: AccountRequest) => HttpReply | Promise<HttpReply>,
): Promise<HttpReply> {
  const lang = languageOf(request, new URLSearchParams(request.query).get('lang'))
  const asked = await readAccountRequest(request, lang, request.url, services)
  if (asked.page === undefined) return asked.reply
  return withMoreCookies(await show(asked.page), asked.cookies)
}

/**
 * Lets only a signed-in person send a form, made by a page of the same session on this site.
 * Refuses: a body that is no form (400), a form of another site (403). A form of another session leads to `pageAt`, where
 * it is made again.
 * @public
 */
export async function takeAccountForm(
  request: HttpRequest,
  services: AccountServices,
  pageAt: string,
  take: (sent: AccountForm) => HttpReply | Promise<HttpReply>,
): Promise<HttpReply> {
  const browser = servicesOf(services)
  const form = readPageForm(request)
  const lang = languageOf(request, form?.get('lang'))
  if (form === undefined) return renderErrorPage(400, request, lang, services)
  if (!isFromOwnPage(request, browser.origin)) return renderErrorPage(403, request, lang, services)
  const asked = await readAccountRequest(request, lang, accountAddress(pageAt, lang), services)
  if (asked.page === undefined) return asked.reply
  const { sid } = asked.page.found.record.family
  const reply = browser.values.isFormValue(form.get('form'), 'account', sid)
    ? await take({ ...asked.page, form })
    : redirectTo(accountAddress(pageAt, lang))
  return withMoreCookies(reply, asked.cookies)
}

type AskedAccount =
  | { readonly page: AccountRequest; readonly cookies: readonly string[] }
  | { readonly page?: undefined; readonly reply: HttpReply }

async function readAccountRequest(
  request: HttpRequest,
  lang: Language,
  returnTo: string,
  services: AccountServices,
): Promise<AskedAccount> {
  const browser = servicesOf(services)
  const visitor = await readVisitor(request, browser)
  const { found, cookies, audit } = visitor
  const toSignIn = signInAddress({ lang, returnTo })
  if (found === undefined)
    return { reply: redirectTo(toSignIn, visitor.wasSignedOut ? signedOutCookies(browser) : []) }
  const renewal = await browser.sessions.renew(found, cookies.access, 'due', audit)
  const renewed = renewalCookies(renewal, found, services.now(), browser)
  if (renewal.outcome === 'ended') return { reply: redirectTo(toSignIn, renewed) }
  if (renewal.outcome === 'refused')
    return { reply: await renderErrorPage(503, request, lang, services) }
  const { sid, username: who } = found.record.family
  const frame = { who, signOutValue: browser.values.formValue('sign-out', sid) }
  return { page: { request, visitor, found, lang, frame }, cookies: renewed }
}

/** Adds the cookies of a renewal. Those that the answer itself sets win, because they come later. */
function withMoreCookies(reply: HttpReply, cookies: readonly string[]): HttpReply {
  const own = reply.headers['set-cookie'] ?? []
  return withCookies(reply, [...cookies, ...(typeof own === 'string' ? [own] : own)])
}
