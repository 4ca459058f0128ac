import type { MintRefusal, TokenSizeRefusal } from '../tokens/plan.ts'
import type { ExchangeRefusal } from './exchange-refusal.ts'
import type { FormRefusal } from './form.ts'
import type { AccessRefusal } from './select-access.ts'

/** Every refusal of the token endpoint. Its facts are exact and never hold a token or a secret. */
export type TokenRefusal =
  | FormRefusal
  | AccessRefusal
  | { readonly reason: 'media_type_unsupported' }
  | { readonly reason: 'parameter_missing'; readonly name: string }
  | { readonly reason: 'grant_type_unknown' }
  | { readonly reason: 'grant_not_allowed' }
  | { readonly reason: 'client_assertion_replayed' }
  | { readonly reason: 'client_changed' }
  | { readonly reason: 'user_changed' }
  | MintRefusal
  | ProofRefusal
  | RefreshRefusal
  | CodeRefusal
  | AssertionRefusal
  | ExchangeRefusal

/** The reasons of all refusals. The compiler refuses a union with another. */
export const tokenRefusalReasons = Object.keys({
  proof_invalid: 0,
  assertion_invalid: 0,
  subject_token_invalid: 0,
  encryption_key_unavailable: 0,
  parameter_missing: 0,
  resource_not_allowed: 0,
  clock_behind: 0,
  scope_not_allowed: 0,
  token_too_large: 0,
  media_type_unsupported: 0,
  form_malformed: 0,
  parameter_too_long: 0,
  too_many_parameters: 0,
  parameter_repeated: 0,
  grant_type_unknown: 0,
  grant_not_allowed: 0,
  resource_repeated: 0,
  scope_malformed: 0,
  proof_missing: 0,
  proof_nonce_missing: 0,
  proof_nonce_stale: 0,
  proof_repeated_header: 0,
  proof_replayed: 0,
  too_many_proofs: 0,
  client_assertion_replayed: 0,
  refresh_token_unknown: 0,
  refresh_token_replayed: 0,
  refresh_client_mismatch: 0,
  refresh_binding_mismatch: 0,
  family_expired: 0,
  family_ended: 0,
  code_unknown: 0,
  code_replayed: 0,
  code_redirect_mismatch: 0,
  code_verifier_mismatch: 0,
  code_key_mismatch: 0,
  code_resource_mismatch: 0,
  code_user_gone: 0,
  code_session_ended: 0,
  client_changed: 0,
  user_changed: 0,
  assertion_issuer_unknown: 0,
  assertion_too_long_lived: 0,
  assertion_subject_not_allowed: 0,
  assertion_client_not_allowed: 0,
  assertion_replayed: 0,
  subject_token_type_unsupported: 0,
  requested_token_type_unsupported: 0,
  actor_token_unsupported: 0,
  subject_token_revoked: 0,
  subject_token_of_other_resource: 0,
  subject_token_bound: 0,
  actor_chain_too_long: 0,
} satisfies Record<TokenRefusal['reason'], 0>)

/** About a DPoP proof (RFC 9449); `detail` is the reason of the proof's own check. */
export type ProofRefusal =
  | { readonly reason: 'proof_invalid'; readonly detail: string }
  | { readonly reason: 'proof_repeated_header' }
  | { readonly reason: 'proof_missing' }
  | { readonly reason: 'proof_replayed' }
  | { readonly reason: 'proof_nonce_missing' }
  | { readonly reason: 'proof_nonce_stale' }
  | { readonly reason: 'too_many_proofs'; readonly retryAfterSeconds: number }

/** About a refresh token (RFC 6749 §6). */
export type RefreshRefusal =
  | { readonly reason: 'refresh_token_unknown' }
  | { readonly reason: 'refresh_token_replayed' }
  | { readonly reason: 'refresh_client_mismatch' }
  | { readonly reason: 'refresh_binding_mismatch' }
  | { readonly reason: 'family_expired' }
  | { readonly reason: 'family_ended' }

/** About the code of a sign-in (RFC 6749 §4.1). */
export type CodeRefusal =
  | { readonly reason: 'code_unknown' }
  | { readonly reason: 'code_replayed' }
  | { readonly reason: 'code_redirect_mismatch' }
  | { readonly reason: 'code_verifier_mismatch' }
  | { readonly reason: 'code_key_mismatch' }
  | { readonly reason: 'code_resource_mismatch' }
  | { readonly reason: 'code_user_gone' }
  | { readonly reason: 'code_session_ended' }

/** About the assertion of a trusted issuer (RFC 7523); `detail` is the reason of the token's own check. */
export type AssertionRefusal =
  | { readonly reason: 'assertion_issuer_unknown' }
  | { readonly reason: 'assertion_invalid'; readonly detail: string }
  | { readonly reason: 'assertion_too_long_lived' }
  | { readonly reason: 'assertion_subject_not_allowed' }
  | { readonly reason: 'assertion_client_not_allowed' }
  | { readonly reason: 'assertion_replayed' }

/** The answer to a refused request: one error code and one sentence. */
export interface WireRefusal {
  readonly status: 400 | 401 | 415 | 429 | 503
  readonly error:
    | 'invalid_request'
    | 'invalid_client'
    | 'invalid_grant'
    | 'invalid_scope'
    | 'invalid_target'
    | 'invalid_dpop_proof'
    | 'use_dpop_nonce'
    | 'unauthorized_client'
    | 'unsupported_grant_type'
    | 'too_many_requests'
    | 'temporarily_unavailable'
  readonly description: string
}

const bad = (error: WireRefusal['error'], description: string): WireRefusal => ({
  status: 400,
  error,
  description,
})
const badForm = bad(
  'invalid_request',
  'Send an application/x-www-form-urlencoded body, well formed and within the limits.',
)

function unavailable(description: string): WireRefusal {
  return { ...bad('temporarily_unavailable', description), status: 503 }
}

/** The answer to one reason. `say` gives a sentence with the facts, in place of the description. */
interface Wire<R extends TokenRefusal['reason']> extends WireRefusal {
  readonly say?: (refusal: Extract<TokenRefusal, { readonly reason: R }>) => string
}

const badScope = bad('invalid_scope', 'A requested scope is unknown, malformed or not granted.')
const badNonce = bad('use_dpop_nonce', 'The DPoP proof must carry the nonce given in this answer.')
const badRefresh = bad('invalid_grant', 'The refresh token is not accepted.')
const badCode = bad('invalid_grant', 'The code is not accepted.')
const badAssertion = bad('invalid_grant', 'The assertion is not accepted.')
const badSubject = bad('invalid_request', 'The subject token is not accepted.')
const badTokenType = bad(
  'invalid_request',
  'Only access tokens are exchanged for access tokens here.',
)

/** One row for every reason; a new reason does not compile until it has one. */
const wireRows: { readonly [R in TokenRefusal['reason']]: Wire<R> } = {
  media_type_unsupported: { ...badForm, status: 415 },
  form_malformed: { ...badForm, say: ({ holds }) => sayMalformed(holds) },
  parameter_too_long: badForm,
  too_many_parameters: badForm,
  parameter_repeated: bad('invalid_request', 'A parameter was sent more than once.'),
  parameter_missing: {
    ...bad('invalid_request', 'A parameter is missing.'),
    say: ({ name }) => `The parameter ${name} is missing.`,
  },
  grant_type_unknown: bad('unsupported_grant_type', 'This grant type is not offered here.'),
  grant_not_allowed: bad('unauthorized_client', 'This client may not use this grant type.'),
  resource_repeated: bad(
    'invalid_target',
    'A token is made for one resource; ask for one at a time.',
  ),
  resource_not_allowed: bad(
    'invalid_target',
    'This resource is unknown or not allowed for this client.',
  ),
  scope_malformed: badScope,
  scope_not_allowed: badScope,
  token_too_large: {
    ...bad(
      'invalid_request',
      'The token would have more bytes of claims than its resource allows.',
    ),
    say: sayTooLarge,
  },
  encryption_key_unavailable: unavailable('The encryption key of this resource is not available.'),
  clock_behind: unavailable('No token can be made at this moment.'),
  proof_missing: bad('invalid_dpop_proof', 'A DPoP proof is required.'),
  proof_nonce_missing: badNonce,
  proof_nonce_stale: badNonce,
  proof_invalid: {
    ...bad('invalid_dpop_proof', 'The DPoP proof is not valid.'),
    say: ({ detail }) => sayInvalidProof(detail),
  },
  proof_repeated_header: bad('invalid_dpop_proof', 'The request has more than one DPoP header.'),
  proof_replayed: bad(
    'invalid_dpop_proof',
    'The DPoP proof was used before: make one for each request.',
  ),
  too_many_proofs: { ...bad('too_many_requests', 'Too many failed attempts.'), status: 429 },
  client_assertion_replayed: {
    ...bad('invalid_client', 'The client could not be authenticated.'),
    status: 401,
  },
  refresh_token_unknown: badRefresh,
  refresh_token_replayed: badRefresh,
  refresh_client_mismatch: badRefresh,
  refresh_binding_mismatch: badRefresh,
  family_expired: badRefresh,
  family_ended: badRefresh,
  code_unknown: badCode,
  code_replayed: badCode,
  code_redirect_mismatch: badCode,
  code_verifier_mismatch: badCode,
  code_key_mismatch: badCode,
  code_resource_mismatch: bad('invalid_target', 'The code was given for another resource.'),
  code_user_gone: badCode,
  code_session_ended: badCode,
  client_changed: badRefresh,
  user_changed: bad('invalid_grant', 'The user changed meanwhile: sign in again.'),
  assertion_issuer_unknown: badAssertion,
  assertion_invalid: badAssertion,
  assertion_too_long_lived: badAssertion,
  assertion_subject_not_allowed: badAssertion,
  assertion_client_not_allowed: badAssertion,
  assertion_replayed: badAssertion,
  subject_token_type_unsupported: badTokenType,
  requested_token_type_unsupported: badTokenType,
  actor_token_unsupported: bad(
    'invalid_request',
    'The actor is the client itself; send no actor token.',
  ),
  subject_token_invalid: badSubject,
  subject_token_revoked: badSubject,
  subject_token_of_other_resource: badSubject,
  subject_token_bound: badSubject,
  actor_chain_too_long: badSubject,
}

/**
 * Renders a refusal for the client.
 * Why: reasons that would help a thief share one sentence; the exact reason is in the audit log.
 * Source: RFC 6749 §5.2; RFC 8707 §2; RFC 8693 §2.2.2; RFC 9449 §5 and §8.
 */
export function renderRefusal(refusal: TokenRefusal): WireRefusal {
  const row = wireRows[refusal.reason] as Wire<TokenRefusal['reason']>
  return row.say === undefined ? row : { ...row, description: row.say(refusal) }
}

/** A reason and its answer, for the reference of the HTTP interface. */
export interface ListedRefusal {
  readonly reason: string
  readonly status: number
  readonly error: string
  readonly description: string
}

/** Every reason of the token endpoint. */
export const tokenReasons = Object.keys(wireRows) as readonly TokenRefusal['reason'][]

/** Lists the answers to these reasons. A sentence with facts is given without them. */
export function listRefusals(reasons: readonly TokenRefusal['reason'][]): readonly ListedRefusal[] {
  return reasons.map((reason) => {
    const { status, error, description } = wireRows[reason]
    return { reason, status, error, description }
  })
}

function sayMalformed(holds: 'space' | 'line break' | undefined): string {
  switch (holds) {
    case 'space':
      return 'The form holds a space: a space is sent as + or %20.'
    case 'line break':
      return 'The form holds a line break: end the body behind the last value.'
    case undefined:
      return badForm.description
  }
}

/** Describes an invalid proof. Why it names a wrong clock: that reveals nothing about this service. */
function sayInvalidProof(detail: string): string {
  const [reason] = detail.split(' ', 1)
  if (reason === 'issued_in_future')
    return 'The DPoP proof was issued in the future (issued_in_future): set the clock of the client.'
  if (reason === 'too_old')
    return 'The DPoP proof is too old (too_old): make one for each request, and set the clock of the client.'
  return 'The DPoP proof is not valid.'
}

function sayTooLarge({ bytes, bytesMax, fattest }: TokenSizeRefusal): string {
  return `The token would have ${bytes} bytes of claims where the resource allows ${bytesMax}; the largest are ${fattest.join(', ')}.`
}
