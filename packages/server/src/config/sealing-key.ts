import { isPublishedSecret } from './published-secrets.ts'

const remedy = 'make one with "countersign keys new-kek <file>".'

/**
 * Reads a key-encryption key: 32 bytes in hex, base64 or base64url. Gives a remedy as text where it is none.
 * Refuses: another length; a key of a public list, whatever it is written in; bytes that were not drawn at random.
 * Not checked: words in capitals and small letters that happen to be base64 of 32 bytes.
 * Why: a random key is taken for one of these less than once in a billion.
 */
export function readSealingKey(text: string): Uint8Array | string {
  const trimmed = text.trim()
  const asHex = isHexKey(trimmed)
  const bytes = asHex ? Buffer.from(trimmed, 'hex') : parseBase64(trimmed)
  const spellings = spell(bytes)
  if ([trimmed, bytes, ...spellings].some((spelling) => isPublishedSecret(spelling)))
    return `is in a public list of secrets, so others have it: ${remedy}`
  if (bytes.length !== 32 || !(asHex || spellings.includes(trimmed)))
    return `must be 32 bytes in base64, base64url or hex: ${remedy}`
  const isOneCased = trimmed === trimmed.toLowerCase() || trimmed === trimmed.toUpperCase()
  if (!isDrawn(bytes) || (isOneCased && !asHex)) return `is not random: ${remedy}`
  return new Uint8Array(bytes)
}

function isHexKey(text: string): boolean {
  return text.length === 64 && Buffer.from(text, 'hex').length === 32
}

function parseBase64(text: string): Buffer {
  return Buffer.from(text, text.includes('-') || text.includes('_') ? 'base64url' : 'base64')
}

/** How the same bytes may be written; with `=` at the end or without. */
function spell(bytes: Buffer): readonly string[] {
  const [base64, url, hex] = (['base64', 'base64url', 'hex'] as const).map((encoding) =>
    bytes.toString(encoding).replaceAll('=', ''),
  )
  return [`${base64}`, `${base64}=`, `${url}`, `${url}=`, `${hex}`, `${hex}`.toUpperCase()]
}

/** Too few different bytes, or nothing but letters and signs, do not come out of 32 draws. */
function isDrawn(bytes: Buffer): boolean {
  return new Set(bytes).size >= 20 && !bytes.every((byte) => byte >= 0x20 && byte < 0x7f)
}
