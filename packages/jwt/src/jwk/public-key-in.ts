import { looksLike } from './looks-like.ts'
import { readText } from './read-text.ts'
import type { KeyRefusal } from './refusal.ts'

/**
 * Finds a key of a pair in the bytes of a secret.
 * Why: everybody has a public key, and so could sign with a secret that is its text.
 * Source: RFC 8725 §2.1, §3.2.
 */
export function publicKeyIn(secret: Uint8Array): KeyRefusal | undefined {
  const found = readText(secret)
  if (found === undefined || ('jwk' in found && found.jwk.kty === 'oct')) return undefined
  return { reason: 'public_key_as_secret', looksLike: looksLike(secret) }
}
