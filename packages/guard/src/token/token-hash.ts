/** Units: letters. A signed token ends with its signature, which is different for each token. */
const lettersRead = 8

/**
 * Hashes a token to a number above zero. Two tokens rarely have the same number.
 * Not checked: collisions. Compare the complete text of an entry with this hash.
 * Why: a map keyed by text reads a new token completely, which costs 2 µs.
 */
export function tokenHash(token: string): number {
  let hash = 1
  for (let at = Math.max(0, token.length - lettersRead); at < token.length; at += 1) {
    hash = Math.imul(hash, 31) + token.charCodeAt(at)
  }
  return (hash >>> 3) + 1
}
