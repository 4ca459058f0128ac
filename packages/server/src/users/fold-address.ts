import { domainToASCII } from 'node:url'
import { ok, refuse, type Result } from '@countersign/jwt'
import type { NameKey } from '../store/port/user-records.ts'
import type { FoldedName, NameRefusal } from './folded-name.ts'

/** Units: letters. Source: RFC 5321 §4.5.3.1; RFC 1035 §2.3.4. */
const localLengthMax = 64
const addressLengthMax = 254
const labelLengthMax = 63

/** The letters of an atom, next to letters and digits. Source: RFC 5322 §3.2.3. */
const atomSigns = "!#$%&'*+-/=?^_`{|}~"

/**
 * Folds a mail address: one dot-atom of ASCII, one ASCII at sign, a domain of at least two labels as A-labels.
 * Refuses: `address_malformed`, with the part; `name_too_long`.
 * Not checked: whether the address receives mail.
 * Why: quoted local parts, groups, comments and lists are read differently by mail programs, so mail could go elsewhere.
 * Source: RFC 5322 §3.4.1 (dot-atom); UTS #46 (domains).
 */
export function foldAddress(typed: string): Result<FoldedName, NameRefusal> {
  const at = typed.indexOf('@')
  // A wide at sign is none: programs differ in whether they map it.
  if (at === -1 || typed.includes('@', at + 1) || hasOtherAtSign(typed))
    return malformedAt('at sign')
  const local = typed.slice(0, at)
  if (!isDotAtom(local)) return malformedAt('local part')
  const domain = foldDomain(typed.slice(at + 1))
  if (domain === undefined) return malformedAt('domain')
  const shown = `${local}@${domain}`
  if (shown.length > addressLengthMax)
    return refuse({ reason: 'name_too_long', max: addressLengthMax, unit: 'bytes' })
  return ok({ key: shown.toLowerCase() as NameKey, kind: 'address', shown })
}

function malformedAt(part: 'at sign' | 'local part' | 'domain') {
  return refuse<NameRefusal>({ reason: 'address_malformed', part })
}

function hasOtherAtSign(text: string): boolean {
  return text.includes('\uFF20') || text.includes('\uFE6B')
}

function isDotAtom(local: string): boolean {
  return (
    local.length <= localLengthMax &&
    local.split('.').every((atom) => atom !== '' && Array.from(atom).every(isAtomSign))
  )
}

function isAtomSign(sign: string): boolean {
  return isAsciiLetterOrDigit(sign) || (sign !== '' && atomSigns.includes(sign))
}

function isAsciiLetterOrDigit(sign: string): boolean {
  return (
    (sign >= 'a' && sign <= 'z') || (sign >= 'A' && sign <= 'Z') || (sign >= '0' && sign <= '9')
  )
}

/** A domain as A-labels in small letters; `undefined` for anything else, addresses of machines included. */
function foldDomain(typed: string): string | undefined {
  // The function below removes tabs and decodes percent signs, so such letters may not reach it.
  const isPlain = Array.from(typed).every(
    (sign) => sign > '\u007F' || isAsciiLetterOrDigit(sign) || sign === '-' || sign === '.',
  )
  if (!isPlain || !typed.isWellFormed()) return undefined
  const labels = domainToASCII(typed).split('.')
  const last = labels.at(-1) ?? ''
  return labels.length >= 2 && labels.every(isLabel) && !startsWithDigit(last)
    ? labels.join('.')
    : undefined
}

function isLabel(label: string): boolean {
  return (
    label !== '' &&
    label.length <= labelLengthMax &&
    !label.startsWith('-') &&
    !label.endsWith('-') &&
    Array.from(label).every((sign) => isAsciiLetterOrDigit(sign) || sign === '-')
  )
}

/** The last label of a machine's address begins with a digit; no top-level domain does. */
function startsWithDigit(label: string): boolean {
  return label >= '0' && label < ':'
}
