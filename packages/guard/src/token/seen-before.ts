/** Units: hashes in memory, each in four bytes. */
const slotCount = 8192

/**
 * Makes the test whether a token with this hash was probably verified a moment ago. It returns false the first time.
 * Not checked: collisions. A collision only caches one token too early.
 * Why: only a token that is sent again is cached. A token that is sent once would displace others for nothing.
 */
export function createSeenBefore(): (hash: number) => boolean {
  const hashes = new Int32Array(slotCount)
  return (hash) => {
    const slot = hash & (slotCount - 1)
    if (hashes[slot] === hash) return true
    hashes[slot] = hash
    return false
  }
}
