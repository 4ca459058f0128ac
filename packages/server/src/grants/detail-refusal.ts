import { legible } from '@countersign/jwt'
import type { TokenRefusal } from './refusals.ts'
import type { AccessRefusal } from './select-access.ts'

/** Renders the exact refusal for the audit log; ids and reasons only. */
export function detailRefusal(refusal: TokenRefusal): string {
  switch (refusal.reason) {
    case 'proof_invalid':
    case 'assertion_invalid':
    case 'subject_token_invalid':
    case 'encryption_key_unavailable':
      return `${refusal.reason}: ${refusal.detail}`
    case 'parameter_missing':
      return `${refusal.reason}: ${refusal.name}`
    case 'resource_not_allowed':
      return sayResource(refusal)
    case 'clock_behind':
      return `${refusal.reason}: ${refusal.bySeconds} s`
    case 'scope_not_allowed':
      return `${refusal.reason}: ${refusal.scopes.slice(0, 4).join(' ').slice(0, 200)}`
    case 'token_too_large':
      return `${refusal.reason}: ${refusal.bytes} of ${refusal.bytesMax} bytes, ${refusal.fattest.join(', ')}`
    case 'media_type_unsupported':
    case 'form_malformed':
    case 'parameter_too_long':
    case 'too_many_parameters':
    case 'parameter_repeated':
    case 'grant_type_unknown':
    case 'grant_not_allowed':
    case 'resource_repeated':
    case 'scope_malformed':
    case 'proof_missing':
    case 'proof_nonce_missing':
    case 'proof_nonce_stale':
    case 'proof_repeated_header':
    case 'proof_replayed':
    case 'too_many_proofs':
    case 'client_assertion_replayed':
    case 'refresh_token_unknown':
    case 'refresh_token_replayed':
    case 'refresh_client_mismatch':
    case 'refresh_binding_mismatch':
    case 'family_expired':
    case 'family_ended':
    case 'code_unknown':
    case 'code_replayed':
    case 'code_redirect_mismatch':
    case 'code_verifier_mismatch':
    case 'code_key_mismatch':
    case 'code_resource_mismatch':
    case 'code_user_gone':
    case 'code_session_ended':
    case 'client_changed':
    case 'user_changed':
    case 'assertion_issuer_unknown':
    case 'assertion_too_long_lived':
    case 'assertion_subject_not_allowed':
    case 'assertion_client_not_allowed':
    case 'assertion_replayed':
    case 'subject_token_type_unsupported':
    case 'requested_token_type_unsupported':
    case 'actor_token_unsupported':
    case 'subject_token_revoked':
    case 'subject_token_of_other_resource':
    case 'subject_token_bound':
    case 'actor_chain_too_long':
      return refusal.reason
  }
}

/** Names the resource of a refusal. The text is cut and legible, because a client chose it. */
function sayResource({
  reason,
  asked,
  alike,
}: Extract<AccessRefusal, { readonly alike?: unknown }>) {
  if (asked === undefined) return reason
  const advice = alike === undefined ? '' : ` (the client may ask for ${alike}: the slash differs)`
  return `${reason}: ${legible(asked, 200)}${advice}`
}
