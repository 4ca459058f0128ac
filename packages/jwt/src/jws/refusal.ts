/**
 * The reason why a signed token was refused. All but `typ_mismatch` are found before the signature is
 * proven, so one public answer must cover them. No arm carries a part of the token.
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
