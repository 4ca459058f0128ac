/**
 * A refusal that is shown on a page of ours and never sent to a redirect URI, because the client or the URI is not
 * proven.
 * Source: RFC 6749 §4.1.2.1; RFC 9700 §4.11.2.
 */
export type PageRefusal =
  | { readonly reason: 'client_missing' }
  | { readonly reason: 'client_unknown' }
  | { readonly reason: 'redirect_uri_missing' }
  | { readonly reason: 'redirect_uri_not_registered' }

/** A refusal that the client gets at its redirect URI, with `state` and `iss`. */
export type RedirectRefusal =
  | { readonly reason: 'parameter_malformed'; readonly name: string }
  | { readonly reason: 'response_type_missing' }
  | { readonly reason: 'response_type_unsupported' }
  | { readonly reason: 'response_mode_unsupported' }
  | { readonly reason: 'challenge_missing' }
  | { readonly reason: 'challenge_method_unsupported' }
  | { readonly reason: 'nonce_missing' }
  | { readonly reason: 'request_object_unsupported' }
  | { readonly reason: 'request_uri_unsupported' }
  | { readonly reason: 'registration_unsupported' }
  | { readonly reason: 'prompt_contradicts' }
  | { readonly reason: 'grant_not_allowed' }
  | { readonly reason: 'resource_repeated' }
  | { readonly reason: 'resource_not_allowed' }
  | { readonly reason: 'scope_malformed' }
  | { readonly reason: 'scope_nothing_granted' }
  | { readonly reason: 'sign_in_needed' }
  | { readonly reason: 'other_user_needed' }
  | { readonly reason: 'level_needed' }
  | { readonly reason: 'consent_needed' }
  | { readonly reason: 'user_denied' }
  | { readonly reason: 'service_busy' }

/** The `error` and `error_description` of an authorization response. */
export interface AuthorizationError {
  readonly error: string
  readonly description: string
}

/** Gives what the client gets for a refusal. */
export function renderRedirectRefusal(refusal: RedirectRefusal): AuthorizationError {
  const [error, description] = errorRows[refusal.reason]
  return {
    error,
    description:
      refusal.reason === 'parameter_malformed' ? `${description} ${refusal.name}` : description,
  }
}

const invalid = 'invalid_request'

const errorRows: Readonly<Record<RedirectRefusal['reason'], readonly [string, string]>> = {
  parameter_malformed: [invalid, 'This parameter is not well formed:'],
  response_type_missing: [invalid, 'response_type is missing'],
  response_type_unsupported: ['unsupported_response_type', 'response_type must be code'],
  response_mode_unsupported: [invalid, 'response_mode must be query or form_post'],
  challenge_missing: [invalid, 'code_challenge is missing (PKCE)'],
  challenge_method_unsupported: [invalid, 'code_challenge_method must be S256'],
  nonce_missing: [invalid, 'nonce or code_challenge is missing'],
  request_object_unsupported: ['request_not_supported', 'request objects are not supported'],
  request_uri_unsupported: ['request_uri_not_supported', 'request_uri is not supported'],
  registration_unsupported: ['registration_not_supported', 'registration is not supported'],
  prompt_contradicts: [invalid, 'prompt=none must stand alone'],
  grant_not_allowed: ['unauthorized_client', 'this client may not use the code flow'],
  resource_repeated: ['invalid_target', 'one resource at a time'],
  resource_not_allowed: ['invalid_target', 'this client may not ask for that resource'],
  scope_malformed: ['invalid_scope', 'scope is not well formed'],
  scope_nothing_granted: ['invalid_scope', 'none of the scopes can be given'],
  sign_in_needed: ['login_required', 'the user must sign in'],
  other_user_needed: ['login_required', 'another user is signed in'],
  level_needed: ['login_required', 'the user must prove who it is once more'],
  consent_needed: ['consent_required', 'the user must agree'],
  user_denied: ['access_denied', 'the user did not agree'],
  service_busy: ['temporarily_unavailable', 'please try again in a moment'],
}
