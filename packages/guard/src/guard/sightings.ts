/** Units: tokens. Sightings that are remembered at once, each in four bytes. */
const marksKept = 8192
/** Units: letters. The end of a token is its signature, which no two tokens share. */
const lettersRead = 16

/**
 * Tells whether a verified token was probably seen a moment ago; the first time it was not.
 * Why: a token that comes once should not push its way into a memory that lives longer than it does; of those that
 * come again only the second check costs a signature. A mark that lies only keeps one token too early.
 */
export function createSightings(): (token: string) => boolean {
  const marks = new Int32Array(marksKept)
  return (token) => {
    let mark = 1
    for (let at = Math.max(0, token.length - lettersRead); at < token.length; at += 1) {
      mark = Math.imul(mark, 31) + token.charCodeAt(at)
    }
    mark |= 1
    const slot = (mark >>> 1) & (marksKept - 1)
    if (marks[slot] === mark) return true
    marks[slot] = mark
    return false
  }
}
