import { Buffer } from 'node:buffer'

import type { JsonObject, JsonValue } from './json-value.ts'

/**
 * Tells before parsing that a text is plain ASCII within its limits. It has no backslash and no DEL,
 * opens at most `depthMax` objects and lists, and has at most `membersMax` members. `letters` is the
 * text with one letter for each of its bytes.
 * Why: most claims are like this, and the runtime's own searches are faster than a loop.
 */
export function isModestAscii(letters: string, depthMax: number, membersMax: number): boolean {
  return (
    // The shortest member, `"":0` and its comma or brace, has five letters.
    letters.length <= membersMax * 5 &&
    !letters.includes('\\') &&
    !letters.includes('\u007f') &&
    opensAtMost(letters, depthMax) &&
    Buffer.byteLength(letters, 'utf8') === letters.length
  )
}

/** The first letter counts as an opening one. */
function opensAtMost(letters: string, most: number): boolean {
  let left = most - 1
  for (const bracket of '{[') {
    let at = letters.indexOf(bracket, 1)
    while (at !== -1 && left >= 0) {
      left -= 1
      at = letters.indexOf(bracket, at + 1)
    }
  }
  return left >= 0
}

/**
 * The length of the shortest ASCII text that means this value; NaN where that is not known.
 * Why: a text of exactly this length has no duplicate member, escape, white space or longer spelling of
 * a number. Each of them would make it longer.
 * Not known: the member `__proto__`, fractions, and numbers that may have a shorter spelling.
 */
export function shortestLength(value: JsonValue | undefined): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value === 'number') return shortestNumber(value)
  if (typeof value !== 'object') return value === false ? 5 : 4
  if (value === null) return 4
  return isList(value) ? shortestList(value) : shortestObject(value)
}

/** The opening brace; then each member is counted with the comma or the brace behind it. */
function shortestObject(object: JsonObject): number {
  let length = 1
  for (const name in object) {
    if (name === '__proto__') return Number.NaN
    const value = object[name]
    length +=
      name.length + 4 + (typeof value === 'string' ? value.length + 2 : shortestLength(value))
  }
  return length === 1 ? 2 : length
}

function shortestList(list: readonly JsonValue[]): number {
  let length = 1
  for (const element of list) length += shortestLength(element) + 1
  return length === 1 ? 2 : length
}

/**
 * The digits of a whole number that ends in no three zeros.
 * Why only these: an exponent takes at least two letters and replaces at most two zeros of such a
 * number, or needs a point too. Nothing is shorter than the digits.
 */
function shortestNumber(value: number): number {
  if (value >= 1e9 && value < 1e10 && value % 1000 !== 0) return 10
  if (!Number.isInteger(value) || value < 0 || value >= 1e15) return Number.NaN
  if (value % 1000 === 0 && value !== 0) return Number.NaN
  let digits = 1
  for (let power = 10; value >= power; power *= 10) digits += 1
  return digits
}

function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value)
}
