/** Units: letters. A signed token ends with its signature, which no two tokens share. */
const lettersRead = 8

/**
 * Hashes a token to a number above zero that two tokens rarely share.
 * Not checked: compare the full text of an entry that is found by this hash.
 * Why: a map keyed by text reads all of a new token first, which costs 2 µs.
 */
export function tokenHash(token: string): number {
  let hash = 1
  for (let at = Math.max(0, token.length - lettersRead); at < token.length; at += 1) {
    hash = Math.imul(hash, 31) + token.charCodeAt(at)
  }
  return (hash >>> 3) + 1
}
