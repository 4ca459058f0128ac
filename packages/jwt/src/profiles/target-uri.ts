/**
 * Converts an http(s) URL to the form in which `htu` is compared; `undefined` for anything else.
 * Why: two spellings of one resource are equal. The form has scheme and host in lower case, no default port, no
 * query, no fragment, and percent signs only where they are needed.
 * Source: RFC 9449 §4.3; RFC 3986 §6.2.2, §6.2.3.
 */
export function normaliseTarget(text: string): string | undefined {
  if (text.length > lengthMax || !isPlainUrl(text) || !URL.canParse(text)) return undefined
  const { protocol, username, password, host, pathname } = new URL(text)
  if (username !== '' || password !== '') return undefined
  return `${protocol}//${host}${normalisePercent(pathname)}`
}

/**
 * The same for the URL of a request; `undefined` also for one with a fragment or with dot segments in its path.
 * Why: routers read the path as it was sent, so `/a/../b` can reach another resource than `/b`.
 * Source: RFC 9112 §3.2 (a request target has no fragment).
 */
export function normaliseRequestTarget(url: string): string | undefined {
  if (url.includes('#')) return undefined
  const [path = ''] = url.split('?')
  return path.split('/').some(isDotSegment) ? undefined : normaliseTarget(url)
}

/** Whether a parser of URLs has nothing to repair: visible ASCII without backslashes, two slashes behind the scheme. */
function isPlainUrl(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit <= space || unit > tilde || unit === backslash) return false
  }
  const start = text.slice(0, 9).toLowerCase()
  const authority = start.startsWith('https://') ? text[8] : text[7]
  return (start.startsWith('https://') || start.startsWith('http://')) && authority !== '/'
}

const space = 0x20
const tilde = 0x7e
const backslash = 0x5c

function isDotSegment(segment: string): boolean {
  const text = segment.toLowerCase().replaceAll('%2e', '.')
  return text === '.' || text === '..'
}

/** Units: characters. */
const lengthMax = 4_096

/** Escapes of letters that need none are undone, the others written in upper case (RFC 3986 §6.2.2.2). */
function normalisePercent(path: string): string {
  const [first = '', ...pieces] = path.split('%')
  return pieces.reduce((written, piece) => {
    const code = hexOf(piece)
    if (code === undefined) return `${written}%${piece}`
    const letter = String.fromCodePoint(code)
    const rest = piece.slice(2)
    return unreserved.includes(letter)
      ? `${written}${letter}${rest}`
      : `${written}%${piece.slice(0, 2).toUpperCase()}${rest}`
  }, first)
}

const unreserved = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~'
const hexDigits = '0123456789abcdef'

function hexOf(piece: string): number | undefined {
  const high = hexDigits.indexOf(piece.slice(0, 1).toLowerCase() || '-')
  const low = hexDigits.indexOf(piece.slice(1, 2).toLowerCase() || '-')
  return high < 0 || low < 0 ? undefined : high * 16 + low
}
