/**
 * The reason why a key or a set of keys was refused. No arm carries key material. `looksLike` describes
 * the given value: "a 42-character text", "a public RSA key of 2048 bits".
 */
export type KeyRefusal =
  | { readonly reason: 'key_wrong_kind'; readonly needs: string; readonly looksLike: string }
  | { readonly reason: 'key_unreadable'; readonly needs: string; readonly looksLike: string }
  | { readonly reason: 'public_key_as_secret'; readonly looksLike: string }
  | { readonly reason: 'private_key_exposed'; readonly looksLike: string }
  | { readonly reason: 'key_too_short'; readonly bits: number; readonly bitsMin: number }
  | { readonly reason: 'key_too_long'; readonly bits: number; readonly bitsMax: number }
  | { readonly reason: 'rsa_exponent_weak' }
  | { readonly reason: 'rsa_modulus_weak' }
  | { readonly reason: 'point_invalid'; readonly curve: string }
  | { readonly reason: 'point_weak'; readonly curve: string }
  | { readonly reason: 'key_inconsistent' }
  | { readonly reason: 'jwk_malformed'; readonly member: string }
  | { readonly reason: 'algorithm_mismatch'; readonly alg: string }
  | { readonly reason: 'algorithm_missing' }
  /** `alg` is cut, and legible. It is absent where the member has no text there. */
  | { readonly reason: 'algorithm_unsupported'; readonly alg?: string }
  | { readonly reason: 'algorithm_not_allowed'; readonly alg: string }
  | { readonly reason: 'use_mismatch'; readonly use: 'sig' | 'enc' }
  | { readonly reason: 'runtime_lacks'; readonly alg: string }
  | { readonly reason: 'set_malformed' }
  | { readonly reason: 'set_too_large'; readonly keysMax: number }
  | { readonly reason: 'key_duplicate' }
  | { readonly reason: 'key_reused' }
  | { readonly reason: 'set_mixed' }

/** Every reason there is, for tables and tests. */
export const keyRefusalReasons = [
  'key_wrong_kind',
  'key_unreadable',
  'public_key_as_secret',
  'private_key_exposed',
  'key_too_short',
  'key_too_long',
  'rsa_exponent_weak',
  'rsa_modulus_weak',
  'point_invalid',
  'point_weak',
  'key_inconsistent',
  'jwk_malformed',
  'algorithm_mismatch',
  'algorithm_missing',
  'algorithm_unsupported',
  'algorithm_not_allowed',
  'use_mismatch',
  'runtime_lacks',
  'set_malformed',
  'set_too_large',
  'key_duplicate',
  'key_reused',
  'set_mixed',
] as const satisfies readonly KeyRefusal['reason'][]
