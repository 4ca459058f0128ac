/** The direction of a code point that an identifier may hold. Source: UAX #9 (Bidi_Class). */
type Direction = 'left' | 'right' | 'digit' | 'arabic digit' | 'mark' | 'neutral'

/** Blocks whose letters are written from right to left: Hebrew to Arabic, their forms, and two parts of plane 1. */
const rightToLeft: readonly (readonly [number, number])[] = [
  [0x590, 0x8ff],
  [0xfb1d, 0xfdff],
  [0xfe70, 0xfeff],
  [0x10800, 0x10fff],
  [0x1e800, 0x1efff],
]

const arabicDigits: readonly (readonly [number, number])[] = [
  [0x660, 0x669],
  [0x10d30, 0x10d39],
]

const asciiLetter = /^[A-Za-z]$/u
const mark = /^\p{Mn}$/u
// European digits; those of Persian and Urdu count among them.
const digit = /^[0-9\u06F0-\u06F9]$/u

/**
 * Whether a name reads in the same order for each reader. A name without letters from right to left always does.
 * Not checked: modifier letters without a direction; a name from right to left may not hold them.
 * Source: RFC 5893 §2 (the Bidi Rule), which RFC 8265 §3.3.2 asks for.
 */
export function readsInOneOrder(signs: readonly string[]): boolean {
  const directions = signs.map(directionOf)
  if (!directions.some((one) => one === 'right' || one === 'arabic digit')) return true
  if (directions[0] !== 'right' || directions.includes('left')) return false
  if (directions.includes('digit') && directions.includes('arabic digit')) return false
  const last = directions.findLast((one) => one !== 'mark')
  return last !== 'neutral'
}

function directionOf(sign: string): Direction {
  const point = sign.codePointAt(0) ?? 0
  if (mark.test(sign)) return 'mark'
  if (isJoiner(point)) return 'neutral'
  if (isWithin(point, arabicDigits)) return 'arabic digit'
  if (digit.test(sign)) return 'digit'
  if (isWithin(point, rightToLeft)) return 'right'
  return point > 0x7f || asciiLetter.test(sign) ? 'left' : 'neutral'
}

/** Whether a code point is one of the two invisible joiners (Bidi_Class BN). */
function isJoiner(point: number): boolean {
  return point === 0x200c || point === 0x200d
}

function isWithin(point: number, ranges: readonly (readonly [number, number])[]): boolean {
  return ranges.some(([first, last]) => point >= first && point <= last)
}
