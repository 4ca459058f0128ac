import { ok, refuse, type Result } from '@countersign/jwt'

/** A redirect URI that cannot be registered. */
export type RedirectUriRefusal =
  | { readonly reason: 'redirect_uri_malformed'; readonly detail: string }
  | { readonly reason: 'redirect_uri_scheme'; readonly scheme: string }

/** Units: letters. */
const uriLengthMax = 2_048

/** The hosts on which `http` is allowed and the port is ignored. Source: RFC 8252 §7.3 and §8.3. */
const loopbackHosts: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Reads a redirect URI at registration. Its text is kept as it is, because requests are compared with that text.
 * Refuses: `redirect_uri_malformed` (user part, fragment, odd letters, or another spelling than its own parser gives);
 * `redirect_uri_scheme` (all but https, http on this computer, and a reverse domain name such as `com.example.app`).
 * Why: a scheme such as `javascript` or `data` would run in the browser.
 * Source: OAuth 2.1 §2.3.1; RFC 8252 §7.1 and §8.4.
 */
export function parseRedirectUri(text: string): Result<string, RedirectUriRefusal> {
  const malformed = (detail: string) =>
    refuse({ reason: 'redirect_uri_malformed' as const, detail })
  if (text.length > uriLengthMax) return malformed(`it has more than ${uriLengthMax} letters`)
  for (const sign of text)
    if (sign <= ' ' || sign > '~' || sign === '\\')
      return malformed('it has a space, a backslash, or a letter outside of ASCII')
  if (!URL.canParse(text)) return malformed('it is no absolute URI')
  const url = new URL(text)
  if (text.includes('#')) return malformed('it has a fragment')
  if (url.username !== '' || url.password !== '' || authorityOf(text).includes('@'))
    return malformed('it has a user part')
  const scheme = url.protocol.slice(0, -1)
  if (scheme !== 'https' && scheme !== 'http')
    return isPrivateScheme(scheme) ? ok(text) : refuse({ reason: 'redirect_uri_scheme', scheme })
  if (scheme === 'http' && !loopbackHosts.has(url.host.replace(`:${url.port}`, '')))
    return refuse({ reason: 'redirect_uri_scheme', scheme })
  if (hasDots(url, text)) return malformed('its path has dot segments')
  return url.href === text || url.href === `${text}/`
    ? ok(text)
    : malformed(`write it as ${url.href}`)
}

/** Whether the parser removed segments, so that two texts would name one address. */
function hasDots(url: URL, text: string): boolean {
  const path = text.slice(text.indexOf('//') + 2)
  const start = path.indexOf('/')
  const own = start === -1 ? '/' : (path.slice(start).split('?')[0] ?? '')
  return own.length !== url.pathname.length
}

/** A reverse domain name of the app's owner. Source: RFC 8252 §7.1. */
function isPrivateScheme(scheme: string): boolean {
  return scheme.includes('.') && !scheme.startsWith('.') && !scheme.endsWith('.')
}

/** The part between `//` and the path, the query or the end. */
function authorityOf(text: string): string {
  const start = text.indexOf('//')
  if (start === -1) return ''
  const rest = text.slice(start + 2)
  let end = 0
  while (end < rest.length && rest[end] !== '/' && rest[end] !== '?') end += 1
  return rest.slice(0, end)
}

/**
 * Gives the registered URI that a request names: the same text, or an http address of this computer with another port.
 * Why the port is free there: a native app listens on a port that it gets at run time.
 * Source: RFC 9700 §4.1.3 (exact comparison); RFC 8252 §7.3 (port).
 */
export function matchRedirectUri(registered: readonly string[], asked: string): string | undefined {
  const exact = registered.find((uri) => uri === asked)
  if (exact !== undefined) return exact
  const parsed = parseRedirectUri(asked)
  const wanted = parsed.ok ? withoutPort(asked) : undefined
  if (wanted === undefined) return undefined
  return registered.find((uri) => withoutPort(uri) === wanted)
}

/** The text of an http address of this computer without its port; `undefined` for all others. */
function withoutPort(text: string): string | undefined {
  if (!text.startsWith('http://')) return undefined
  const authority = authorityOf(text)
  const host = authority.startsWith('[')
    ? authority.slice(0, authority.indexOf(']') + 1)
    : (authority.split(':')[0] ?? '')
  if (!loopbackHosts.has(host)) return undefined
  const port = authority.slice(host.length)
  if (port !== '' && !isPort(port)) return undefined
  return `http://${host}${text.slice('http://'.length + authority.length)}`
}

function isPort(text: string): boolean {
  const digits = text.slice(1)
  if (text[0] !== ':' || digits === '' || digits.length > 5 || digits.startsWith('0')) return false
  for (const digit of digits) if (digit < '0' || digit > '9') return false
  return Number(digits) <= 65_535
}

/** The host that a page shows as the place to which a code goes; the scheme of an app without one. */
export function redirectHost(uri: string): string {
  const { host, protocol } = new URL(uri)
  return host === '' ? protocol.slice(0, -1) : host
}

/** Whether a redirect URI leads to a program on the computer of the user. */
export function isOnThisComputer(uri: string): boolean {
  return withoutPort(uri) !== undefined
}
