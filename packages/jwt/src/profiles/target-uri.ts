/**
 * Converts an http(s) URL to the form in which `htu` is compared; `undefined` for anything else.
 * Why: two spellings of one resource are equal, two resources never are. The form has scheme and host in
 * lower case, no default port, no query, no fragment, and percent signs only where they are needed.
 * Source: RFC 9449 §4.3; RFC 3986 §6.2.2, §6.2.3.
 */
export function normaliseTarget(text: string): string | undefined {
  if (text.length > lengthMax || !URL.canParse(text)) return undefined
  const { protocol, username, password, host, pathname } = new URL(text)
  if (protocol !== 'https:' && protocol !== 'http:') return undefined
  if (username !== '' || password !== '') return undefined
  return `${protocol}//${host}${normalisePercent(pathname)}`
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
