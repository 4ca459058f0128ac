import type { Form } from '../grants/form.ts'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import { accountAddress } from '../pages/account-address.ts'
import type { AccountVisitor } from '../pages/account-frame.ts'
import type { ProofReason } from '../pages/confirm-address.ts'
import type { Language } from '../pages/language.ts'
import { signInAddress } from '../pages/sign-in-address.ts'
import { isFromOwnPage } from '../sessions/own-page.ts'
import type { UserRecord } from '../store/port/user-records.ts'
import { renderErrorPage } from './error-page-reply.ts'
import { servicesOf } from './services-of.ts'
import { languageOf, readPageForm, redirectTo, renewalCookies, withCookies } from './visitor.ts'
import {
  withAccountVisitor,
  withFreshVisitor,
  type SignedInVisitor,
  type VisitorServices,
} from './with-fresh-visitor.ts'

export type AccountServices = VisitorServices

type PageHandler = (request: HttpRequest) => Promise<HttpReply>

/** A request of a person who is signed in at the level of the account, for a page of the account. */
export interface AccountRequest {
  readonly request: HttpRequest
  readonly visitor: SignedInVisitor
  readonly lang: Language
  readonly user: UserRecord
  /** The parts of the frame. */
  readonly frame: AccountVisitor
  /** The value of the forms on the page. */
  readonly formValue: string
}

/** The same request with a form that a page of this session made. */
export interface AccountForm extends AccountRequest {
  readonly form: Form
}

/**
 * Makes the handler of an account page. It renews the session where that is due. With `why`, the person must have proven
 * to be there a moment ago.
 * Why the session is read with each request: one that was ended elsewhere must open nothing more.
 */
export function accountPageHandler(
  services: AccountServices,
  { why }: { readonly why?: ProofReason },
  show: (page: AccountRequest) => HttpReply | Promise<HttpReply>,
): PageHandler {
  const handle = (request: HttpRequest, visitor: SignedInVisitor) =>
    withRenewal({ request, visitor, lang: visitor.lang }, services, request.url, show)
  return why === undefined
    ? withAccountVisitor(services, handle)
    : withFreshVisitor(services, { why }, handle)
}

/** The page of a form, and the act that needs a fresh proof. */
export interface AccountFormNeeds {
  /** The path of the page that has the form. */
  readonly pageAt: `/account/${string}`
  /** Default: the level of the account is enough, however old its proof is. */
  readonly why?: ProofReason
}

/**
 * Makes the handler of a form of an account page.
 * Refuses: a body that is no form (400), a form of another site (403). A form of another session leads to its page, where
 * it is made again.
 */
export function accountFormHandler(
  services: AccountServices,
  { pageAt, why }: AccountFormNeeds,
  take: (sent: AccountForm) => HttpReply | Promise<HttpReply>,
): PageHandler {
  return async (request) => {
    const browser = servicesOf(services)
    const form = readPageForm(request)
    const lang = languageOf(request, form?.get('lang'))
    if (form === undefined) return renderErrorPage(400, request, lang, services)
    if (!isFromOwnPage(request, browser.origin))
      return renderErrorPage(403, request, lang, services)
    const returnTo = accountAddress(pageAt, lang)
    const handle = (_: HttpRequest, visitor: SignedInVisitor) =>
      withRenewal({ request, visitor, lang }, services, returnTo, (page) => {
        const { sid } = visitor.found.record.family
        return browser.values.isFormValue(form.get('form'), 'account', sid)
          ? take({ ...page, form })
          : redirectTo(returnTo)
      })
    const checked =
      why === undefined
        ? withAccountVisitor(services, handle, returnTo)
        : withFreshVisitor(services, { why, returnTo }, handle)
    return checked(request)
  }
}

/** Renews the session where that is due, and adds the frame. An ended session leads to the sign-in. */
async function withRenewal(
  asked: Pick<AccountRequest, 'request' | 'visitor' | 'lang'>,
  services: AccountServices,
  returnTo: string,
  go: (page: AccountRequest) => HttpReply | Promise<HttpReply>,
): Promise<HttpReply> {
  const browser = servicesOf(services)
  const { request, visitor, lang } = asked
  const { found, cookies, audit } = visitor
  const renewal = await browser.sessions.renew(found, cookies.access, 'due', audit)
  const renewed = renewalCookies(renewal, found, services.now(), browser)
  if (renewal.outcome === 'ended') return redirectTo(signInAddress({ lang, returnTo }), renewed)
  if (renewal.outcome === 'refused') return renderErrorPage(503, request, lang, services)
  const { sid, username: who } = found.record.family
  const user = await browser.store.users.find(found.record.userId)
  if (user === undefined) return redirectTo(signInAddress({ lang, returnTo }), renewed)
  const signOutValue = browser.values.formValue('sign-out', sid)
  const frame = { who, signOutValue, eraseAt: user.eraseAt }
  const formValue = browser.values.formValue('account', sid)
  return withMoreCookies(await go({ ...asked, user, frame, formValue }), renewed)
}

/** Adds the cookies of a renewal. Those that the answer itself sets win, because they come later. */
function withMoreCookies(reply: HttpReply, cookies: readonly string[]): HttpReply {
  const own = reply.headers['set-cookie'] ?? []
  return withCookies(reply, [...cookies, ...(typeof own === 'string' ? [own] : own)])
}
