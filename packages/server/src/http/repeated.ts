/**
 * Whether a header that takes one value came with more than one.
 * Why: Node keeps the first of some silently; a server that joins repeated ones leaves only the comma to tell them by
 * (RFC 9110 §5.3).
 */
export function isRepeated(rawHeaders: readonly string[], name: string): boolean {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const header = rawHeaders[at] ?? ''
    if (header.length !== name.length || header.toLowerCase() !== name) continue
    count += rawHeaders[at + 1]?.includes(',') === true ? 2 : 1
  }
  return count > 1
}
