/** Units: sightings; four bytes each. */
const slots = 16_384
/** Units: letters at the end of a text, where a token has its signature. */
const letters = 16

/**
 * Makes the memory of what came before, without keeping any of it: it answers whether a mark is seen again, and notes it.
 * Why: what comes once need not be kept to find out whether it comes again.
 * Not checked: that nothing was forgotten; a mark gives its slot to the next one that has the same.
 */
export function createSightings(): (mark: number) => boolean {
  const marks = new Uint32Array(slots)
  return (mark) => {
    const slot = mark % slots
    const seen = marks[slot] === mark
    marks[slot] = mark
    return seen
  }
}

/**
 * A number for a token, cheaper than the hash of all its letters; never 0.
 * Not checked: that no other has the same, so what is found by it must be compared.
 * Source: FNV-1a, cut to 30 bits.
 */
export function markOf(token: string): number {
  let mark = 0x811c9dc5
  for (let at = Math.max(0, token.length - letters); at < token.length; at += 1) {
    mark = Math.imul(mark ^ token.charCodeAt(at), 0x01000193)
  }
  return mark & 0x3fff_ffff || 1
}
