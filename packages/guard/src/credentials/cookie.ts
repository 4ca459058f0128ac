import { Buffer } from 'node:buffer'

/** The session cookie as a source of the token. */
export interface CookieSource {
  /** `__Host-…`; a plain name is taken on loopback only. */
  readonly cookie: string
  /** Other origins whose pages may act with this cookie, exactly as browsers send them. */
  readonly allowedOrigins?: readonly string[]
  /** This service's own origin as browsers see it, when a proxy rewrites `Host`. */
  readonly publicOrigin?: string
}

/**
 * Finds one cookie by its exact name; `'twice'` when the name occurs again, because then somebody else set one of them.
 * Not checked: the value, which is judged as a token.
 * Source: RFC 6265 §5.4 (the order of equal names is not to be relied upon).
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
 * The same text in memory of its own.
 * Why: a text that was cut out of a header keeps all of it alive, the other cookies of the user included.
 */
function copyOf(text: string): string {
  const copy = Buffer.from(text, 'latin1').toString('latin1')
  // A text with other letters is no token, and is refused as it is.
  return copy === text ? copy : text
}

/**
 * Without the spaces and tabs around it, and nothing else.
 * Why: a browser takes a name behind another kind of space for a name without the `__Host-` prefix, so any
 * neighbour may set it; a reader that strips that space would see ours.
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
