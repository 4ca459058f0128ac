import { legible, ok, refuse, type Result } from '@countersign/jwt'
import { askerAt } from '../policy/asker.ts'
import type { RequestReader } from '../policy/request.ts'
import type { GuardRefusal } from '../refusal.ts'
import type { CookieSource } from './cookie.ts'

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Decides whether a request with the session cookie came from our own pages.
 * Refuses: `cross_site` for an unsafe method or an `Upgrade` from another or an unknown origin. It is also the refusal
 * of a cookie without the `__Host-` prefix on a request from another machine.
 * Why: `Sec-Fetch-Site` cannot be forged by a page; `Origin` serves browsers and plain http that do not send it.
 * Not checked: safe methods. A route that changes data on GET is not protected.
 * Source: our own rule, after the Fetch Metadata recommendation and RFC 6454 §7.
 */
export function checkSameSite<Q>(
  reader: RequestReader<Q>,
  request: Q,
  source: CookieSource,
): Result<undefined, GuardRefusal> {
  const host = reader.header(request, 'host') ?? hostOf(reader.url(request))
  if (!source.cookie.startsWith('__Host-') && !isLocal(reader, request, source, host))
    return crossSite('cookie_name', source.cookie, '__Host-')
  if (safeMethods.has(reader.method(request)) && reader.header(request, 'upgrade') === undefined)
    return ok(undefined)
  const origin = reader.header(request, 'origin')
  if (origin !== undefined && source.allowedOrigins?.includes(origin) === true) return ok(undefined)
  const site = reader.header(request, 'sec-fetch-site')
  if (site !== undefined)
    return site === 'same-origin' || site === 'none'
      ? ok(undefined)
      : crossSite('sec_fetch_site', site, 'same-origin')
  if (origin === undefined) return crossSite('origin_missing')
  const own =
    source.publicOrigin === undefined
      ? host !== undefined && isOwnOrigin(origin, host)
      : origin === source.publicOrigin
  return own ? ok(undefined) : crossSite('origin', origin, source.publicOrigin ?? host)
}

/**
 * Whether an origin is the origin of the requested host. `Host` may name the port of https or omit it.
 * Why: browsers keep a `__Host-` cookie for https. A page over plain http is foreign, except on loopback.
 */
function isOwnOrigin(origin: string, host: string): boolean {
  if (isLoopbackHost(host)) return hostOf(origin) === host.toLowerCase()
  return origin.startsWith('https://') && hostOf(origin) === hostOf(`https://${host}`)
}

/**
 * Whether a request began on this machine, as far as its headers and address show.
 * Why: `Host` alone does not show it, because a proxy may write its own address there.
 * Not checked: a proxy that names neither the client nor itself.
 */
function isLocal<Q>(
  reader: RequestReader<Q>,
  request: Q,
  { publicOrigin }: CookieSource,
  host: string | undefined,
): boolean {
  if (!isLoopbackHost(host)) return false
  if (publicOrigin !== undefined && !isLoopbackHost(hostOf(publicOrigin))) return false
  const asker = reader.asker?.(request)
  if (asker !== undefined && !isLoopbackAsker(asker)) return false
  if (reader.header(request, 'forwarded') !== undefined) return false
  const from = reader.header(request, 'x-forwarded-for')
  return from === undefined || from.split(',').every((hop) => isLoopbackAsker(askerAt(hop.trim())))
}

function isLoopbackAsker(asker: string): boolean {
  return asker === askerAt('::1') || asker.startsWith('127.')
}

function crossSite(
  check: Extract<GuardRefusal, { readonly reason: 'cross_site' }>['check'],
  found?: string,
  expected?: string,
): Result<undefined, GuardRefusal> {
  return refuse({
    reason: 'cross_site',
    proven: false,
    check,
    ...(found === undefined ? {} : { found: legible(found, lettersMax) }),
    ...(expected === undefined ? {} : { expected: legible(expected, lettersMax) }),
  })
}

/** Units: letters of a fact. */
const lettersMax = 200

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined
}

/** Whether a `Host` names only this machine. */
function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(`http://${host}`)) return false
  const { hostname } = new URL(`http://${host}`)
  return hostname === 'localhost' || hostname === '[::1]' || hostname === '127.0.0.1'
}
