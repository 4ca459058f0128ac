import type { AuthorizationRequest } from '../authorization/authorization-request.ts'
import {
  renderRedirectRefusal,
  type RedirectRefusal,
} from '../authorization/authorization-refusals.ts'
import { redirectHost } from '../authorization/redirect-uri.ts'
import type { HttpReply } from '../http/exchange.ts'
import type { Language } from '../pages/language.ts'
import type { Place } from '../pages/page.ts'
import type { ClientRecord } from '../store/port/records.ts'
import type { BrowserServices } from './browser-services.ts'

/** The way back to an app: its redirect URI, and how the answer goes there. */
export interface WayBack extends Pick<
  AuthorizationRequest,
  'redirectUri' | 'responseMode' | 'state'
> {
  readonly app: Place
  readonly issuer: string
  readonly lang: Language
}

type AnswerFields = readonly (readonly [name: string, value: string])[]

/** Sends a code to its app. Source: RFC 6749 §4.1.2; RFC 9207 §2 (`iss`). */
export function answerWithCode(
  way: WayBack,
  code: string,
  browser: Pick<BrowserServices, 'loadPages'>,
): Promise<HttpReply> {
  return sendBack(way, [['code', code]], browser)
}

/** Sends a refusal to its app. Source: RFC 6749 §4.1.2.1; RFC 9207 §2 (`iss`, with errors too). */
export function answerWithRefusal(
  way: WayBack,
  refusal: RedirectRefusal,
  browser: Pick<BrowserServices, 'loadPages'>,
): Promise<HttpReply> {
  const { error, description } = renderRedirectRefusal(refusal)
  const fields = [
    ['error', error],
    ['error_description', description],
  ] as const
  return sendBack(way, fields, browser)
}

async function sendBack(
  { app, redirectUri, responseMode, state, issuer, lang }: WayBack,
  answer: AnswerFields,
  browser: Pick<BrowserServices, 'loadPages'>,
): Promise<HttpReply> {
  const fields: AnswerFields = [
    ...answer,
    ...(state === undefined ? [] : [['state', state] as const]),
    ['iss', issuer],
  ]
  if (responseMode === 'form_post') {
    const target = formTargetOf(redirectUri)
    const pages = await browser.loadPages()
    return pages.appAnswer({ app, action: redirectUri, target, fields }, lang)
  }
  const query = new URLSearchParams(fields.map(([name, value]) => [name, value])).toString()
  const location = `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${query}`
  return {
    status: 303,
    headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
    body: '',
  }
}

/** The source that lets a form lead to a redirect URI: its origin, or the scheme of an app. */
export function formTargetOf(redirectUri: string): string {
  const { origin, protocol } = new URL(redirectUri)
  return origin === 'null' ? protocol : origin
}

/** An app as a page shows it. */
export function appPlace({ id, signIn }: ClientRecord, redirectUri: string): Place {
  return { name: signIn?.name ?? id, host: redirectHost(redirectUri) }
}
