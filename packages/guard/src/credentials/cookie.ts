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
    if (equals !== -1 && equals < end && header.slice(start, equals).trim() === name) {
      if (found !== undefined) return 'twice'
      found = { text: header.slice(equals + 1, end).trim() }
    }
    start = end + 1
  }
  return found
}
