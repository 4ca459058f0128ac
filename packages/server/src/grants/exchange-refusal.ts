/** About a token exchange (RFC 8693); `detail` is the reason of the subject token's own check. */
export type ExchangeRefusal =
  | { readonly reason: 'subject_token_type_unsupported' }
  | { readonly reason: 'requested_token_type_unsupported' }
  | { readonly reason: 'actor_token_unsupported' }
  | { readonly reason: 'subject_token_invalid'; readonly detail: string }
  | { readonly reason: 'subject_token_revoked' }
  | { readonly reason: 'subject_token_of_other_resource' }
  | { readonly reason: 'subject_token_bound' }
  | { readonly reason: 'actor_chain_too_long' }
