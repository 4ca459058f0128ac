import { ok, refuse, type Result } from '@countersign/jwt'
import type { NameKey } from '../store/port/user-records.ts'
import { readsInOneOrder } from './bidi-rule.ts'
import { foldAddress } from './fold-address.ts'
import type { FoldedName, NameRefusal } from './folded-name.ts'
import { findRefusedSign } from './identifier-class.ts'

/** Units: bytes of UTF-8. */
const usernameBytesMax = 128

/** Units: UTF-16 code units of the text as it was typed; longer text is not looked at. */
const typedLengthMax = 1_024

/**
 * Folds a user name or a mail address into its key. Two spellings of one name have one key. Pure.
 * Refuses: every reason of `NameRefusal`. A text with an at sign is an address or nothing.
 * Not checked: letters of different scripts that look alike.
 * Source: RFC 8265 §3.3 (UsernameCaseMapped); for addresses see `foldAddress`.
 */
export function foldName(typed: string): Result<FoldedName, NameRefusal> {
  if (typed === '') return refuse({ reason: 'name_empty' })
  if (typed.length > typedLengthMax)
    return refuse({ reason: 'name_too_long', max: typedLengthMax, unit: 'letters' })
  const wide = narrow(typed)
  return wide.includes('@') ? foldAddress(typed) : foldUsername(wide)
}

function foldUsername(text: string): Result<FoldedName, NameRefusal> {
  // Each letter alone, so that a sigma does not depend on its place.
  const lower = Array.from(text, (sign) => sign.toLowerCase()).join('')
  const key = lower.normalize('NFC')
  const signs = Array.from(key)
  const at = findRefusedSign(signs)
  if (at !== undefined)
    return refuse({ reason: 'name_sign', codePoint: signs[at]?.codePointAt(0) ?? 0, at })
  if (!readsInOneOrder(signs)) return refuse({ reason: 'name_direction' })
  if (Buffer.byteLength(key) > usernameBytesMax)
    return refuse({ reason: 'name_too_long', max: usernameBytesMax, unit: 'bytes' })
  return ok({ key: key as NameKey, kind: 'username', shown: text.normalize('NFC') })
}

/** Maps wide and narrow forms of letters to the usual ones. Source: RFC 8265 §3.3.2, rule 1. */
function narrow(text: string): string {
  return Array.from(text, (sign) =>
    sign >= '\uFF01' && sign <= '\uFFEF' ? sign.normalize('NFKC') : sign,
  ).join('')
}
