import { ok, refuse, type Result } from '@countersign/jwt'
import { isPublishedSecret } from '../config/published-secrets.ts'
import { splitIntoPieces, type ContextWord, type PieceKind } from './common-pieces.ts'
import type { Password } from './read-password.ts'

/** The least length of a password that is the only factor. Units: code points. Source: NIST SP 800-63B-4 §3.1.1.2. */
export const passwordLengthMin = 15

/** The rules that a new password is judged by. */
export interface PasswordRules {
  /** Units: code points. */
  readonly lengthMin: number
  /** Folded passwords of the operator's file. */
  readonly listed: ReadonlySet<string>
}

/** Why a password is too easy to guess. */
export type WeakPassword =
  | { readonly reason: 'password_too_short'; readonly length: number; readonly lengthMin: number }
  | { readonly reason: 'password_repeats'; readonly unitLength: number }
  | { readonly reason: 'password_common'; readonly pieces: readonly PieceKind[] }
  | { readonly reason: 'password_of_context'; readonly pieces: readonly PieceKind[] }
  | { readonly reason: 'password_listed'; readonly by: 'operator' | 'publication' }

/** Units: known pieces of which a password may not consist alone. */
const piecesMax = 3
/** Units: letters. A longer password is not searched for pieces. */
const searchedLengthMax = 64

/**
 * Judges a new password: its length, repetition, known pieces, and lists. Pure but for a file of published secrets.
 * Refuses: every reason of `WeakPassword`.
 * Why no rule of letters and signs: such rules make people choose what guessers expect.
 * Source: NIST SP 800-63B-4 §3.1.1.2; OWASP ASVS 5.0 6.2.4.
 */
export function judgePassword(
  password: Password,
  rules: PasswordRules,
  context: readonly ContextWord[],
): Result<Password, WeakPassword> {
  const { lengthMin, listed } = rules
  const { length } = Array.from(password)
  if (length < lengthMin) return refuse({ reason: 'password_too_short', length, lengthMin })
  const folded = foldPassword(password)
  // One letter may fold to many.
  const typedUnit = repeatedUnitLength(password)
  if (typedUnit < lengthMin && typedUnit < password.length)
    return refuse({ reason: 'password_repeats', unitLength: typedUnit })
  const unitLength = repeatedUnitLength(folded)
  if (unitLength < lengthMin && unitLength < folded.length)
    return refuse({ reason: 'password_repeats', unitLength })
  if (listed.has(folded)) return refuse({ reason: 'password_listed', by: 'operator' })
  const pieces = fewPieces(withoutSeparators(folded.slice(0, unitLength)), context)
  if (pieces !== undefined) {
    const isOfContext = pieces.some(isContextKind)
    return refuse({ reason: isOfContext ? 'password_of_context' : 'password_common', pieces })
  }
  if (isPublishedSecret(password)) return refuse({ reason: 'password_listed', by: 'publication' })
  return ok(password)
}

/** The pieces of a text that consists of few known ones. Signs without a known piece are none. */
function fewPieces(
  text: string,
  context: readonly ContextWord[],
): readonly PieceKind[] | undefined {
  if (text.length > searchedLengthMax) return undefined
  const pieces = splitIntoPieces(text, context)
  if (pieces === undefined || pieces.length > piecesMax) return undefined
  return pieces.length === 0 ? undefined : pieces
}

/** The form in which passwords are compared with lists. */
export function foldPassword(password: string): string {
  return password.normalize('NFKC').toLowerCase()
}

/** The length of the shortest text that makes the whole by repetition, a cut last one included. */
function repeatedUnitLength(text: string): number {
  const borders: number[] = [0]
  for (let at = 1, border = 0; at < text.length; at += 1) {
    while (border > 0 && text[at] !== text[border]) border = borders[border - 1] ?? 0
    if (text[at] === text[border]) border += 1
    borders.push(border)
  }
  const unit = text.length - (borders.at(-1) ?? 0)
  return unit * 2 <= text.length ? unit : text.length
}

/** Letters and digits, and the signs that stand for some of them. Everything else only separates. */
function withoutSeparators(text: string): string {
  return Array.from(text)
    .filter((sign) => (sign > '\u007F' ? !otherSeparator.test(sign) : !separators.includes(sign)))
    .join('')
}

/** Why a pattern: the runtime knows the properties of Unicode by patterns alone. It is tried on one code point. */
const otherSeparator = /^[\p{P}\p{Z}\p{Cf}]$/u

const separators = ' -_.,;:/\\|+*=~#\'"`^&%?()[]{}<>'

function isContextKind(kind: PieceKind): boolean {
  return kind === 'service' || kind === 'user' || kind === 'domain'
}
