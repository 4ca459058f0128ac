import type { HttpRequest } from '../http/exchange.ts'

/** The cookies of a browser, as it sent them. One that came twice is absent, because another site may have set it. */
export interface BrowserCookies {
  /** The access token for applications on this host, signed and encrypted. */
  readonly access: string | undefined
  /** The secret of the session. */
  readonly secret: string | undefined
  /** The secret of the browser, to which sessions, tickets and forms are bound. */
  readonly browser: string | undefined
  /** The mark of a browser in which a user signed in before. */
  readonly device: string | undefined
}

export type CookieNames = Readonly<Record<keyof BrowserCookies, string>>

/** Reads and writes the cookies of one issuer. */
export interface CookieJar {
  readonly names: CookieNames
  readonly read: (request: Pick<HttpRequest, 'headers'>) => BrowserCookies
  /** Makes a `Set-Cookie` value. Without `maxAgeSeconds` the cookie ends with the browser's own session. */
  readonly set: (cookie: keyof BrowserCookies, value: string, maxAgeSeconds?: number) => string
  /** Makes a `Set-Cookie` value that deletes the cookie. */
  readonly clear: (cookie: keyof BrowserCookies) => string
}

/** Browsers keep no cookie that is longer. Units: bytes of name and value. Source: RFC 6265bis §5.6. */
export const cookieBytesMax = 4_096

/**
 * Makes the reader and writer of cookies.
 * Why the names begin so: a browser accepts such a cookie only from this host, over TLS and not from a script. Over
 * plain http, which only loopback has, no such cookie can be set, so the names are plain.
 * Source: RFC 6265bis §4.1.3 (prefixes).
 */
export function createCookieJar(issuer: string): CookieJar {
  const isPlain = new URL(issuer).protocol === 'http:'
  const prefix = isPlain ? 'cs' : '__Host-Http-cs'
  const names = {
    access: prefix,
    secret: `${prefix}-r`,
    browser: `${prefix}-b`,
    device: `${prefix}-d`,
  }
  const attributes = `; Path=/; HttpOnly; SameSite=Lax${isPlain ? '' : '; Secure'}`
  return {
    names,
    read: ({ headers }) => readCookies(headers.cookie, names),
    set: (cookie, value, maxAgeSeconds) => {
      const age = maxAgeSeconds === undefined ? '' : `; Max-Age=${Math.floor(maxAgeSeconds)}`
      return `${names[cookie]}=${value}${attributes}${age}`
    },
    clear: (cookie) => `${names[cookie]}=${attributes}; Max-Age=0`,
  }
}

function readCookies(header: string | undefined, names: CookieNames): BrowserCookies {
  const found = new Map<string, string | undefined>()
  for (const pair of header?.split(';') ?? []) {
    const equals = pair.indexOf('=')
    if (equals === -1) continue
    const name = trimSpaces(pair.slice(0, equals))
    found.set(name, found.has(name) ? undefined : trimSpaces(pair.slice(equals + 1)))
  }
  const valueOf = (name: string) => found.get(name) || undefined
  return {
    access: valueOf(names.access),
    secret: valueOf(names.secret),
    browser: valueOf(names.browser),
    device: valueOf(names.device),
  }
}

/**
 * Removes spaces and tabs around a text, and no other letters.
 * Why: a browser sees another kind of space as part of the name, and then the prefix does not protect the cookie.
 */
function trimSpaces(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && isSpace(text[start])) start += 1
  while (end > start && isSpace(text[end - 1])) end -= 1
  return text.slice(start, end)
}

function isSpace(sign: string | undefined): boolean {
  return sign === ' ' || sign === '\t'
}
