import type { JwsAlgorithm } from '../crypto/signature-algorithms.ts'
import type { KeyRefusal } from '../jwk/refusal.ts'

/**
 * The reason why a signed token was refused, with the facts that are known of it. All but `typ_mismatch` are found
 * before the signature is proven: one public answer must cover them, and none carries text of the token.
 */
export type JwsRefusal =
  | { readonly reason: 'too_large'; readonly bytes: number; readonly bytesMax: number }
  | { readonly reason: 'malformed'; readonly part: JwsPart }
  | { readonly reason: 'header_unsupported'; readonly member: string }
  | { readonly reason: 'algorithm_not_allowed'; readonly allowed: readonly JwsAlgorithm[] }
  /** `key`: why the key that a DPoP proof brings cannot be used. */
  | { readonly reason: 'key_unknown'; readonly key?: KeyRefusal }
  | { readonly reason: 'signature_invalid' }
  /** `found` is cut, and legible. It is absent where the header has no `typ`, which '' in `expected` allows. */
  | {
      readonly reason: 'typ_mismatch'
      readonly found?: string
      readonly expected: readonly string[]
    }

/** The piece of a token whose spelling is at fault. */
export type JwsPart = 'token' | 'header' | 'payload' | 'signature'
