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
  /**
   * Gives the `Cookie` value that an application may see: the access token and the cookies of others. Empty for none.
   * `renewed` is the `Set-Cookie` value of a new access token.
   */
  readonly forApps: (request: Pick<HttpRequest, 'headers'>, renewed?: string) => string
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
    forApps: (request, renewed) => {
      const own = new Set(Object.values(names))
      const { access } = readCookies(request.headers.cookie, names)
      const sent = access === undefined ? [] : [`${names.access}=${access}`]
      const [pair] = renewed?.split(';') ?? []
      const others = pairsOf(request.headers.cookie).filter(({ name }) => !own.has(name))
      return [...(pair === undefined ? sent : [pair]), ...others.map(({ text }) => text)].join('; ')
    },
    clear: (cookie) => `${names[cookie]}=${attributes}; Max-Age=0`,
  }
}

function readCookies(header: string | undefined, names: CookieNames): BrowserCookies {
  const found = new Map<string, string | undefined>()
  for (const { name, value } of pairsOf(header))
    found.set(name, found.has(name) ? undefined : value)
  const valueOf = (name: string) => found.get(name) || undefined
  return {
    access: valueOf(names.access),
    secret: valueOf(names.secret),
    browser: valueOf(names.browser),
    device: valueOf(names.device),
  }
}

interface CookiePair {
  readonly name: string
  readonly value: string
  readonly text: string
}

/** Splits a header into its pairs. A part without an equals sign is none. */
function pairsOf(header: string | undefined): readonly CookiePair[] {
  return (header?.split(';') ?? []).flatMap((part) => {
    const equals = part.indexOf('=')
    if (equals === -1) return []
    const name = trimSpaces(part.slice(0, equals))
    return [{ name, value: trimSpaces(part.slice(equals + 1)), text: trimSpaces(part) }]
  })
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
