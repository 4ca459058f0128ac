import { createHash } from 'node:crypto'
import type { HttpReply } from '../http/exchange.ts'

/** The headers of each page. */
export type PagePolicy = Readonly<Record<string, string>>

/**
 * Makes the headers that keep a page to its own style and script, out of frames and out of caches.
 * Why a referrer for the own origin: with none a browser sends `Origin: null` with forms. Browsers without
 * `Sec-Fetch-Site` could not sign in then.
 * Source: Fetch §3.2 (Origin); CSP 3 §6; Fetch §3 (CORP); HTML §7 (COOP).
 */
export function createPagePolicy(
  style: string,
  script: string,
  fetches: 'nothing' | 'own origin',
): PagePolicy {
  const contentPolicy = [
    "default-src 'none'",
    `style-src ${hashSource(style)}`,
    `script-src ${hashSource(script)}`,
    ...(fetches === 'nothing' ? [] : ["connect-src 'self'"]),
    ownForms,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': contentPolicy.join('; '),
    'cache-control': 'no-store',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    vary: 'accept-language',
  }
}

const ownForms = "form-action 'self'"

/**
 * Lets a form of a page lead to another origin as well.
 * Why: browsers apply `form-action` to the redirects after a form too, and the answer of an app leaves by one.
 */
export function allowFormTarget<Headers extends HttpReply['headers']>(
  headers: Headers,
  target: string | undefined,
): Headers {
  const policy = headers['content-security-policy']
  if (target === undefined || typeof policy !== 'string') return headers
  const wider = policy.replace(ownForms, `${ownForms} ${target}`)
  return { ...headers, 'content-security-policy': wider }
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
