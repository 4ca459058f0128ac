/** All values of a header joined with ', ', so that two never look like one; the name in lower case. */
export function joinValues(rawHeaders: readonly string[], name: string): string | undefined {
  let found: string | undefined
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const sent = rawHeaders[at] ?? ''
    if (sent.length !== name.length || sent.toLowerCase() !== name) continue
    const value = rawHeaders[at + 1] ?? ''
    found = found === undefined ? value : `${found}, ${value}`
  }
  return found
}

/**
 * Whether a header that takes one value came with more than one.
 * Why: a server that joins repeated headers leaves only the comma to tell them by (RFC 9110 §5.3), and Node's own record
 * keeps the first of some.
 */
export function isRepeated(rawHeaders: readonly string[], name: string): boolean {
  return joinValues(rawHeaders, name)?.includes(',') === true
}
