import { ok, refuse, type Result } from '@countersign/jwt'

declare const readable: unique symbol

/** A password in the form that is hashed and judged. */
export type Password = string & { readonly [readable]: true }

/** Units: bytes of UTF-8. More than 1,000 letters of any script fit. */
export const passwordBytesMax = 4_096

/** Why a text is no password. It says nothing about how good a password is. */
export type UnreadablePassword =
  | { readonly reason: 'password_empty' }
  | { readonly reason: 'password_malformed' }
  | { readonly reason: 'password_too_long'; readonly bytesMax: number }

/**
 * Reads a password as a person typed it: it is composed (NFC) and otherwise kept, spaces at the ends too.
 * Refuses: `password_empty`, `password_malformed` (NUL or half a surrogate pair), `password_too_long`.
 * Why: keyboards send one letter in two forms, and a person must be able to sign in from both.
 * Source: NIST SP 800-63B-4 §3.1.1.2; RFC 8265 §4.2.
 */
export function readPassword(typed: string): Result<Password, UnreadablePassword> {
  if (typed === '') return refuse({ reason: 'password_empty' })
  if (typed.length > passwordBytesMax)
    return refuse({ reason: 'password_too_long', bytesMax: passwordBytesMax })
  if (!typed.isWellFormed() || typed.includes('\u0000'))
    return refuse({ reason: 'password_malformed' })
  const composed = typed.normalize('NFC')
  if (Buffer.byteLength(composed) > passwordBytesMax)
    return refuse({ reason: 'password_too_long', bytesMax: passwordBytesMax })
  return ok(composed as Password)
}
