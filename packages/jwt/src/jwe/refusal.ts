import type { ContentEncryption } from '../crypto/content-encryption.ts'
import type { JweKeyAlgorithm } from '../crypto/key-management.ts'

/**
 * The reason why a token was not opened. No arm carries text from the token.
 * Why: a fault that the token shows without a key has its own reason. Everything that depends on key or
 * content is `decryption_failed` alone, so that nobody learns which step failed.
 */
export type JweRefusal =
  | { readonly reason: 'too_large'; readonly bytes: number; readonly bytesMax: number }
  | { readonly reason: 'malformed'; readonly part: JwePart }
  | { readonly reason: 'header_unsupported'; readonly member: 'crit' | 'zip' | 'b64' }
  | { readonly reason: 'algorithm_not_allowed'; readonly allowed: readonly JweKeyAlgorithm[] }
  | { readonly reason: 'encryption_not_allowed'; readonly allowed: readonly ContentEncryption[] }
  | { readonly reason: 'content_type_mismatch' }
  | { readonly reason: 'key_unknown' }
  | { readonly reason: 'decryption_failed' }
  | { readonly reason: 'payload_not_signed' }
  | { readonly reason: 'nesting_too_deep' }

/** The piece of a token whose spelling is at fault. */
export type JwePart = 'token' | 'header' | 'encrypted_key' | 'iv' | 'ciphertext' | 'tag'

/** Every reason there is, for tables and tests. */
export const jweRefusalReasons = [
  'too_large',
  'malformed',
  'header_unsupported',
  'algorithm_not_allowed',
  'encryption_not_allowed',
  'content_type_mismatch',
  'key_unknown',
  'decryption_failed',
  'payload_not_signed',
  'nesting_too_deep',
] as const satisfies readonly JweRefusal['reason'][]
