import type { EpochSeconds } from '@countersign/jwt'
import { advanceAuthorization, type Advance } from '../authorization/advance-authorization.ts'
import type { AuthorizationRequest } from '../authorization/authorization-request.ts'
import { scopesOf, type CodePlan } from '../authorization/decide-authorization.ts'
import { isOnThisComputer } from '../authorization/redirect-uri.ts'
import { hashCode } from '../grants/authorization-code.ts'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import type { Language } from '../pages/language.ts'
import { signInAddress } from '../pages/sign-in-address.ts'
import type { ClientSignIn } from '../store/port/client-sign-in.ts'
import type { ClientRecord } from '../store/port/records.ts'
import {
  answerWithCode,
  answerWithRefusal,
  appPlace,
  formTargetOf,
  type WayBack,
} from './authorization-answer.ts'
import { openidOf, showProblem, type AuthorizeServices } from './app-problem-reply.ts'
import { continueAddress } from './continue-address.ts'
import { servicesOf } from './services-of.ts'
import { redirectTo, withCookies, type Visitor } from './visitor.ts'

/** A request as it waits in the database. */
export interface KeptRequest {
  readonly request: AuthorizationRequest
  /** The user that its hint names; `null` for none. */
  readonly hinted: string | null
}

/** An authorization request, and the browser that it comes from. */
export interface OpenRequest {
  readonly kept: KeptRequest
  readonly client: ClientRecord
  readonly signIn: ClientSignIn
  readonly visitor: Visitor
  /** The id of the row that waits; absent at the first request. */
  readonly flow: string | undefined
  readonly startedAt: EpochSeconds
  readonly isAgreed: boolean
  readonly now: EpochSeconds
  readonly lang: Language
}

/** Units: seconds. */
const pendingTtlSeconds = 3_600

/** Takes a request a step further: to its app, to a page of the sign-in, or to the question for consent. */
export async function goOnWith(
  open: OpenRequest,
  request: HttpRequest,
  services: AuthorizeServices,
): Promise<HttpReply> {
  const browser = servicesOf(services)
  const { kept, client, signIn, visitor, flow, startedAt, isAgreed, now } = open
  const pending =
    flow === undefined || visitor.browser === undefined
      ? undefined
      : { hash: hashCode(flow), browserHash: browser.values.browserHash(visitor.browser) }
  const step = await advanceAuthorization(
    {
      ...kept,
      client,
      signIn,
      pending,
      startedAt,
      session: visitor.found?.record,
      isAgreed,
      now,
      audit: visitor.audit,
    },
    openidOf(services),
  )
  return follow(step, open, request, services)
}

async function follow(
  step: Advance,
  open: OpenRequest,
  request: HttpRequest,
  services: AuthorizeServices,
): Promise<HttpReply> {
  const browser = servicesOf(services)
  const { lang } = open
  switch (step.act) {
    case 'code':
      return answerWithCode(wayOf(open, services), step.code, browser)
    case 'refuse':
      return answerWithRefusal(wayOf(open, services), step.refusal, browser)
    case 'answered':
      return showProblem({ problem: 'answered' }, request, services, lang)
    case 'signIn':
      return sendToPage((returnTo) => signInAddress({ lang, returnTo }), open, services)
    case 'prove':
      return sendToPage((returnTo) => proofAddress(step.level, returnTo, lang), open, services)
    case 'ask':
      return open.flow === undefined
        ? sendToPage((returnTo) => returnTo, open, services)
        : askForConsent(step, open, open.flow, services)
  }
}

function wayOf({ kept, client, lang }: OpenRequest, { issuer }: AuthorizeServices): WayBack {
  const { redirectUri, responseMode, state } = kept.request
  return { redirectUri, responseMode, state, issuer, lang, app: appPlace(client, redirectUri) }
}

/** The page on which a user proves once more who it is. */
function proofAddress(level: 'any' | 'two', returnTo: string, lang: Language): string {
  const query = new URLSearchParams({
    return_to: returnTo,
    lang,
    ...(level === 'two' && { acr: '2' }),
  })
  return `/confirm?${query.toString()}`
}

/** Keeps the request, bound to its browser, and sends the browser to a page that comes back to it. */
async function sendToPage(
  addressOf: (returnTo: string) => string,
  { kept, client, visitor, flow }: OpenRequest,
  services: AuthorizeServices,
): Promise<HttpReply> {
  const browser = servicesOf(services)
  const { store, randomCode } = openidOf(services)
  if (flow !== undefined) return redirectTo(addressOf(continueAddress(flow)))
  const secret = visitor.browser ?? browser.values.newBrowser()
  const id = randomCode()
  await store.authorizations.hold({
    hash: hashCode(id),
    browserHash: browser.values.browserHash(secret),
    clientId: client.id,
    request: JSON.stringify(kept),
    ttlSeconds: pendingTtlSeconds,
  })
  const reply = redirectTo(addressOf(continueAddress(id)))
  return visitor.browser === undefined
    ? withCookies(reply, [browser.cookies.set('browser', secret)])
    : reply
}

async function askForConsent(
  { plan, newScopes }: { readonly plan: CodePlan; readonly newScopes: readonly string[] },
  { kept, client, visitor, lang }: OpenRequest,
  flow: string,
  services: AuthorizeServices,
): Promise<HttpReply> {
  const { values, loadPages } = servicesOf(services)
  const { userinfo } = openidOf(services)
  const { redirectUri } = kept.request
  const { found } = visitor
  if (found === undefined) throw new Error('nobody is signed in who could be asked')
  const { sid, username } = found.record.family
  const known = scopesOf(plan).filter((scope) => !newScopes.includes(scope))
  const pages = await loadPages()
  return pages.consent(
    {
      formValue: values.formValue('consent', consentBinding(sid, flow)),
      flow,
      returnTo: continueAddress(flow),
      switchValue: values.formValue('sign-out', sid),
      who: username,
      app: appPlace(client, redirectUri),
      isOnThisComputer: isOnThisComputer(redirectUri),
      resource: plan.audience === userinfo ? undefined : hostOf(plan.audience),
      newScopes,
      knownScopes: known,
      staysSignedIn: plan.isOffline,
      target: formTargetOf(redirectUri),
    },
    lang,
  )
}

/** The form of a consent is bound to the session and to the request. */
export function consentBinding(sid: string, flow: string): string {
  return `${sid} ${flow}`
}

function hostOf(audience: string): string {
  return URL.canParse(audience) ? new URL(audience).host || audience : audience
}
