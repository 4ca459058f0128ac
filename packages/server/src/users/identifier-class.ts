import { wouldJoin } from './joining-letters.ts'

/** Code points with a rule of their own that identifiers may hold. Source: RFC 5892 §2.6. */
const allowedExceptions: ReadonlySet<string> = new Set('\u00DF\u03C2\u06FD\u06FE\u0F0B\u3007')
const refusedExceptions: ReadonlySet<string> = new Set(
  '\u0640\u07FA\u302E\u302F\u3031\u3032\u3033\u3034\u3035\u303B',
)

/** Marks that suppress a vowel (Canonical_Combining_Class 9), after which an invisible joiner has a meaning. */
const viramas: ReadonlySet<number> = new Set(
  (
    '94D 9CD A4D ACD B4D BCD C4D CCD D3B D3C D4D DCA E3A EBA F84 1039 103A 1714 1715 1734 17D2 1A60 1B44 1BAA ' +
    '1BAB 1BF2 1BF3 2D7F A806 A82C A8C4 A953 A9C0 AAF6 ABED 10A3F 11046 11070 1107F 110B9 11133 11134 111C0 ' +
    '11235 112EA 1134D 11442 114C2 115BF 1163F 116B6 1172B 11839 1193D 1193E 119E0 11A34 11A47 11A99 11C3F ' +
    '11D44 11D45 11D97'
  )
    .split(' ')
    .map((digits) => Number.parseInt(digits, 16)),
)

const letterOrDigit = /^[\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}]$/u
const ignorable = /^\p{Default_Ignorable_Code_Point}$/u
const greek = /^\p{Script=Greek}$/u
const hebrew = /^\p{Script=Hebrew}$/u
const japanese = /^[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]$/u

/**
 * Finds the first code point that an identifier may not hold at its place; `undefined` where all may.
 * Not checked: letters of other scripts than Arabic that join; a joiner between them is refused, which is stricter.
 * Why patterns: the runtime knows the properties of Unicode by patterns alone. Each is tried on one code point.
 * Source: RFC 8264 §8 (IdentifierClass); RFC 5892 appendix A (rules of context).
 */
export function findRefusedSign(signs: readonly string[]): number | undefined {
  const at = signs.findIndex((sign, index) => !mayStand(sign, index, signs))
  return at === -1 ? undefined : at
}

function mayStand(sign: string, at: number, signs: readonly string[]): boolean {
  const before = signs[at - 1] ?? ''
  const after = signs[at + 1] ?? ''
  switch (sign) {
    case '\u200C':
      return isVirama(before) || wouldJoin(signs, at)
    case '\u200D':
      return isVirama(before)
    case '\u00B7':
      return before === 'l' && after === 'l'
    case '\u0375':
      return greek.test(after)
    case '\u05F3':
    case '\u05F4':
      return hebrew.test(before)
    case '\u30FB':
      return signs.some((other) => other !== sign && japanese.test(other))
    default:
      return isIdentifierSign(sign) && !isOfOtherDigits(sign, signs)
  }
}

function isVirama(sign: string): boolean {
  return viramas.has(sign.codePointAt(0) ?? 0)
}

/** Whether a code point is valid at any place. */
function isIdentifierSign(sign: string): boolean {
  const point = sign.codePointAt(0) ?? 0
  if (allowedExceptions.has(sign)) return true
  if (refusedExceptions.has(sign)) return false
  if (point <= 0x7f) return point > 0x20 && point < 0x7f
  if (isOldJamo(point) || ignorable.test(sign)) return false
  return sign.normalize('NFKC') === sign && letterOrDigit.test(sign)
}

function isOldJamo(point: number): boolean {
  return (
    (point >= 0x1100 && point <= 0x11ff) ||
    (point >= 0xa960 && point <= 0xa97f) ||
    (point >= 0xd7b0 && point <= 0xd7ff)
  )
}

/** Whether a digit of one Arabic set stands in a name with digits of the other. */
function isOfOtherDigits(sign: string, signs: readonly string[]): boolean {
  if (isDigitOf(0x660, sign)) return signs.some((other) => isDigitOf(0x6f0, other))
  return isDigitOf(0x6f0, sign) && signs.some((other) => isDigitOf(0x660, other))
}

function isDigitOf(zero: number, sign: string): boolean {
  const point = sign.codePointAt(0) ?? 0
  return point >= zero && point <= zero + 9
}
