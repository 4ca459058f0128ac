import { Buffer } from 'node:buffer'

import type { JsonObject, JsonValue } from './strict-json.ts'

/**
 * Tells before a text is parsed that it is ASCII, that it holds no object or list within another, and
 * that it has at most `membersMax` members.
 * `latin1` is the text with a letter for each of its `bytes`.
 * Why: most claims are like this, and the runtime's own searches see it sooner than a loop would.
 */
export function isFlatAscii(latin1: string, bytes: number, membersMax: number): boolean {
  return (
    // The shortest member, `"":0` and what follows it, takes five letters.
    bytes <= membersMax * 5 &&
    !latin1.includes('[') &&
    !latin1.includes('{', 1) &&
    Buffer.byteLength(latin1, 'utf8') === bytes
  )
}

/**
 * The length of the shortest ASCII text that means this flat object; NaN where that is not known.
 * Why: a text of exactly this length has nothing to spare. A member that stood there twice, an escape,
 * white space or a longer spelling of a number would each have made it longer, so there are none.
 * Not known: empty objects, the member `__proto__`, and values other than texts and ten-digit numbers.
 */
export function shortestLength(flat: JsonObject): number {
  // The opening brace; each member is counted with the comma or the brace behind it.
  let length = 1
  for (const name in flat) {
    if (name === '__proto__') return Number.NaN
    length += name.length + 4 + shortestValue(flat[name])
  }
  return length === 1 ? Number.NaN : length
}

/**
 * Why only these numbers: nothing shorter than ten letters can mean them. Without an exponent it would
 * be less than 10^9; with one it has seven digits at most and so means a multiple of 1000.
 */
function shortestValue(value: JsonValue | undefined): number {
  if (typeof value === 'string') return value.length + 2
  const known = typeof value === 'number' && value >= 1e9 && value < 1e10 && value % 1000 !== 0
  return known ? 10 : Number.NaN
}
