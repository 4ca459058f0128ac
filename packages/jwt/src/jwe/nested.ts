/**
 * Classifies the content of an opened token by its bytes alone. `signed`: three parts of base64url, none
 * empty. `encrypted`: five parts. `other`: everything else, such as JSON, an unsigned token or text.
 * Not checked: the signature.
 * Source: RFC 7515 §7.1; RFC 7516 §9 (telling JWS from JWE by the number of parts).
 */
export function layersOf(payload: Uint8Array): 'signed' | 'encrypted' | 'other' {
  let dots = 0
  let empty = false
  let length = 0
  for (const byte of payload) {
    if (byte === dot) {
      dots += 1
      if (length === 0) empty = true
      length = 0
    } else if (letters[byte] === 1) {
      length += 1
    } else {
      return 'other'
    }
  }
  if (dots === 4) return 'encrypted'
  return dots === 2 && !empty && length > 0 ? 'signed' : 'other'
}

const dot = 0x2e

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const letters = new Uint8Array(256)
for (const letter of alphabet) letters[letter.charCodeAt(0)] = 1
