/** Decodes base64 with or without its padding; `undefined` for other text, and for bits after the last byte. */
export function decodeBase64(text: string): Buffer | undefined {
  const end = text.indexOf('=')
  const letters = end === -1 ? text : text.slice(0, end)
  const padding = end === -1 ? '' : text.slice(end)
  if (padding !== '' && padding !== '='.repeat((4 - (letters.length % 4)) % 4)) return undefined
  const bytes = Buffer.from(letters, 'base64')
  return encodeBase64(bytes) === letters ? bytes : undefined
}

/** Encodes bytes as base64 without padding, as PHC strings have it. */
export function encodeBase64(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('base64')
  const end = text.indexOf('=')
  return end === -1 ? text : text.slice(0, end)
}

/** Decodes the base64 of passlib: a point in the place of the plus sign, and no padding. */
export function decodeAdaptedBase64(text: string): Buffer | undefined {
  return text.includes('+') ? undefined : decodeBase64(text.replaceAll('.', '+'))
}

const bcryptLetters = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const usualLetters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/**
 * Decodes the base64 of bcrypt, which has another order of letters.
 * Not checked: bits after the last byte; many programs set them in a salt.
 */
export function decodeBcryptBase64(text: string): Buffer | undefined {
  const usual = Array.from(text, (sign) => usualLetters[bcryptLetters.indexOf(sign)])
  return usual.includes(undefined) ? undefined : Buffer.from(usual.join(''), 'base64')
}

export function encodeBcryptBase64(bytes: Uint8Array): string {
  return Array.from(encodeBase64(bytes), (sign) => bcryptLetters[usualLetters.indexOf(sign)]).join(
    '',
  )
}

/** Reads a whole number without a sign or leading zeros, 10 digits at most; `undefined` for other text. */
export function readCount(text: string | undefined): number | undefined {
  if (text === undefined || text.length > 10) return undefined
  const value = Number(text)
  return Number.isSafeInteger(value) && String(value) === text ? value : undefined
}
