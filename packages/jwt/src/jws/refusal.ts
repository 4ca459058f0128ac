/**
 * Why a signed token was not believed. All but `typ_mismatch` is found before the signature is proven,
 * and one outward answer must cover it. No arm carries anything of the token.
 */
export type JwsRefusal =
  | { readonly reason: 'too_large'; readonly bytesMax: number }
  | { readonly reason: 'malformed'; readonly part: JwsPart }
  | { readonly reason: 'header_unsupported'; readonly member: string }
  | { readonly reason: 'algorithm_not_allowed' }
  | { readonly reason: 'key_unknown' }
  | { readonly reason: 'signature_invalid' }
  | { readonly reason: 'typ_mismatch' }

/** The piece of a token whose spelling is at fault. */
export type JwsPart = 'token' | 'header' | 'payload' | 'signature'
