/** Units: tokens. Hashes that are remembered at once, each in four bytes. */
const slots = 8192

/**
 * Makes the test whether a token with this hash was probably verified a moment ago. The first time it was not.
 * Why: only a token that comes again is cached. One that comes once would displace others for nothing.
 * Not checked: a hash collision only caches one token too early.
 */
export function createSeenBefore(): (hash: number) => boolean {
  const hashes = new Int32Array(slots)
  return (hash) => {
    const slot = hash & (slots - 1)
    if (hashes[slot] === hash) return true
    hashes[slot] = hash
    return false
  }
}
