/**
 * Reads a key-encryption key: 32 bytes in hex, base64 or base64url. Gives a remedy as text where it is none.
 * Refuses: another length, and bytes of which too few differ to have been drawn at random.
 */
export function readSealingKey(text: string): Uint8Array | string {
  const trimmed = text.trim()
  const bytes =
    trimmed.length === 64 && isHex(trimmed)
      ? Buffer.from(trimmed, 'hex')
      : Buffer.from(
          trimmed,
          trimmed.includes('-') || trimmed.includes('_') ? 'base64url' : 'base64',
        )
  const again = new Set([
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ])
  const isWhole = again.has(trimmed) || again.has(trimmed.toLowerCase()) || again.has(`${trimmed}=`)
  if (bytes.length !== 32 || !isWhole)
    return 'must be 32 bytes in base64, base64url or hex: make one with "openssl rand -base64 32".'
  // 32 random bytes with fewer than 20 different ones do not happen.
  if (new Set(bytes).size < 20) return 'is not random: make one with "openssl rand -base64 32".'
  return new Uint8Array(bytes)
}

function isHex(text: string): boolean {
  return Buffer.from(text, 'hex').length * 2 === text.length
}
