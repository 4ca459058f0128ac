/** Units: tokens. Sightings that are remembered at once, each in four bytes. */
const marksKept = 8192

/**
 * Tells by its mark whether a verified token was probably seen a moment ago; the first time it was not.
 * Why: a token that comes once should not push its way into a memory that lives longer than it does; of those that
 * come again only the second check costs a signature. A mark that lies only keeps one token too early.
 */
export function createSightings(): (mark: number) => boolean {
  const marks = new Int32Array(marksKept)
  return (mark) => {
    const slot = mark & (marksKept - 1)
    if (marks[slot] === mark) return true
    marks[slot] = mark
    return false
  }
}
