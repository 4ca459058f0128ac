import { Buffer } from 'node:buffer'

/** The session cookie as a source of the token. */
export interface CookieSource {
  /** The name, `__Host-…`. A name without the prefix is accepted on loopback only. */
  readonly cookie: string
  /** Other origins whose pages may act with this cookie, exactly as browsers send them. */
  readonly allowedOrigins?: readonly string[]
  /** This service's origin as browsers see it. Needed if a proxy rewrites `Host`. */
  readonly publicOrigin?: string
}

/**
 * Finds one cookie by its exact name. Returns `'twice'` if the name occurs again.
 * Not checked: the value, which is verified as a token later.
 * Why: if a name occurs twice, another site may have set one of the cookies.
 * Source: RFC 6265 §5.4 (the order of equal names is not reliable).
 */
export function readCookie(
  header: string,
  name: string,
): { readonly text: string } | 'twice' | undefined {
  let found: { readonly text: string } | undefined
  let start = 0
  while (start < header.length) {
    const semicolon = header.indexOf(';', start)
    const end = semicolon === -1 ? header.length : semicolon
    const equals = header.indexOf('=', start)
    if (equals !== -1 && equals < end && trimSpaces(header.slice(start, equals)) === name) {
      if (found !== undefined) return 'twice'
      found = { text: trimSpaces(header.slice(equals + 1, end)) }
    }
    start = end + 1
  }
  if (found === undefined || header.length <= 2 * found.text.length) return found
  return { text: copyOf(found.text) }
}

/**
 * Copies a text into memory of its own.
 * Why: a part of a header keeps the whole header in memory, with the user's other cookies.
 */
function copyOf(text: string): string {
  const copy = Buffer.from(text, 'latin1').toString('latin1')
  // A text with letters outside of latin1 is no token and is refused later.
  return copy === text ? copy : text
}

/**
 * Removes spaces and tabs around a text, and no other letters.
 * Why: a browser sees another kind of space as part of the name, so the `__Host-` rules do not hold and any subdomain
 * may set the cookie. A reader that strips that space would accept it as ours.
 */
function trimSpaces(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && isSpace(text, start)) start += 1
  while (end > start && isSpace(text, end - 1)) end -= 1
  return text.slice(start, end)
}

function isSpace(text: string, at: number): boolean {
  return text[at] === ' ' || text[at] === '\t'
}
