import type { AuditContext } from '../audit/events.ts'
import { parseForm, type Form } from '../grants/form.ts'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import { chooseLanguage, type Language } from '../pages/language.ts'
import type { FoundSession, Renewal, SessionTokens } from '../sessions/session-types.ts'
import { cookieBytesMax, type BrowserCookies } from '../sessions/cookies.ts'
import type { SessionRecord } from '../store/port/session-verbs.ts'
import type { EpochSeconds } from '@countersign/jwt'
import type { BrowserServices } from './browser-services.ts'
import { isForm } from './oauth-reply.ts'

/** The browser that sends a request, and its session. */
export interface Visitor {
  readonly cookies: BrowserCookies
  /** The secret of the browser; absent where it has none yet. */
  readonly browser: string | undefined
  readonly found: FoundSession | undefined
  /** Whether the browser has a session cookie of no session. */
  readonly wasSignedOut: boolean
  readonly audit: AuditContext
}

/** Reads the cookies of a request and finds the session by its secret, never by the access token. */
export async function readVisitor(
  request: HttpRequest,
  { cookies: jar, values, sessions }: BrowserServices,
): Promise<Visitor> {
  const cookies = jar.read(request)
  const browser = values.isBrowser(cookies.browser) ? cookies.browser : undefined
  const { requestId, address } = request
  const nobody = { requestId, address, actor: null }
  const found =
    browser === undefined
      ? undefined
      : await sessions.find(cookies.secret, values.browserHash(browser), nobody)
  const audit = found === undefined ? nobody : { ...nobody, actor: `user:${found.record.userId}` }
  const wasSignedOut = found === undefined && cookies.secret !== undefined
  return { cookies, browser, found, wasSignedOut, audit }
}

/** Gives the language of a page: the one of the form or the query, else one of the browser. */
export function languageOf(request: HttpRequest, chosen: string | null | undefined): Language {
  const acceptLanguage = request.headers['accept-language']
  return chooseLanguage({ lang: chosen ?? undefined, acceptLanguage })
}

/** Reads the form of a page; `undefined` for a body that is none. */
export function readPageForm(request: HttpRequest): Form | undefined {
  if (!isForm(request)) return undefined
  const form = parseForm(request.body)
  return form.ok ? form.value : undefined
}

/** The lives of the cookies of a session. */
export interface CookieLives extends Pick<SessionRecord, 'isPersistent'> {
  readonly expiresAt: EpochSeconds
  readonly now: EpochSeconds
}

/**
 * Makes the cookies of new tokens.
 * Throws: when the access token is longer than a cookie can be, because a browser would drop it in silence.
 */
export function tokenCookies(
  { access, secret }: SessionTokens,
  { isPersistent, expiresAt, now }: CookieLives,
  { cookies }: Pick<BrowserServices, 'cookies'>,
): readonly string[] {
  const { token } = access
  if (token.length + cookies.names.access.length > cookieBytesMax)
    throw new Error(
      `an access token of ${token.length} bytes fits no cookie: give its user fewer roles, or its resource fewer claims`,
    )
  const ageOf = (until: number) => (isPersistent ? Math.max(1, until - now) : undefined)
  const set = [cookies.set('access', token, ageOf(access.expiresAt))]
  if (secret !== undefined) set.push(cookies.set('secret', secret, ageOf(expiresAt)))
  return set
}

/** Makes the cookies of a renewal; those of an ended session are deleted. */
export function renewalCookies(
  renewal: Renewal,
  { record }: FoundSession,
  now: EpochSeconds,
  browser: Pick<BrowserServices, 'cookies'>,
): readonly string[] {
  if (renewal.outcome === 'ended') return signedOutCookies(browser)
  if (renewal.outcome !== 'renewed') return []
  const { isPersistent, family } = record
  return tokenCookies(renewal.tokens, { isPersistent, expiresAt: family.expiresAt, now }, browser)
}

/** Deletes the cookies of a session. The browser stays the same one. */
export function signedOutCookies({ cookies }: Pick<BrowserServices, 'cookies'>): readonly string[] {
  return [cookies.clear('access'), cookies.clear('secret')]
}

/** Adds cookies to an answer. */
export function withCookies(reply: HttpReply, cookies: readonly string[]): HttpReply {
  if (cookies.length === 0) return reply
  return { ...reply, headers: { ...reply.headers, 'set-cookie': cookies } }
}

/** Sends the browser to a place of this site. */
export function redirectTo(place: string, cookies: readonly string[] = []): HttpReply {
  const headers = {
    location: place,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  }
  return withCookies({ status: 303, headers, body: '' }, cookies)
}
