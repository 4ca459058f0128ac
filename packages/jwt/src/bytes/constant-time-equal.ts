/**
 * Compares two byte strings or two texts in a time that depends on their lengths only.
 * Why: no early end, so an attacker cannot learn a secret value letter by letter.
 * Not checked: a text is compared by its code units; nothing is normalised.
 */
export function constantTimeEqual<T extends string | Uint8Array>(a: T, b: T): boolean {
  if (typeof a === 'string' && typeof b === 'string') return endsWithText(a, 0, b)
  if (typeof a === 'string' || typeof b === 'string') return false
  if (a.length !== b.length) return false
  let difference = 0
  for (let at = 0; at < a.length; at += 1) difference |= Number(a[at]) ^ Number(b[at])
  return difference === 0
}

/**
 * Compares the rest of a text from `start` on with a given text, in the same way.
 * Why: reading in place saves the hot path of MAC algorithms a copy.
 */
export function endsWithText(text: string, start: number, end: string): boolean {
  if (text.length - start !== end.length) return false
  let difference = 0
  for (let at = 0; at < end.length; at += 1) {
    difference |= text.charCodeAt(start + at) ^ end.charCodeAt(at)
  }
  return difference === 0
}
