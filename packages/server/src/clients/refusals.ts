/** The reason why a client was not authenticated. It is exact for the audit log and never holds a secret. */
export type ClientRefusal =
  | { readonly reason: 'credentials_missing' }
  | { readonly reason: 'credentials_malformed' }
  | { readonly reason: 'methods_mixed' }
  | { readonly reason: 'client_unknown' }
  | { readonly reason: 'method_not_allowed' }
  | { readonly reason: 'secret_wrong' }
  | { readonly reason: 'client_disabled' }
  | { readonly reason: 'assertion_invalid'; readonly detail: string }
  | { readonly reason: 'too_many_guesses'; readonly retryAfterSeconds: number }
  | { readonly reason: 'hashing_busy'; readonly retryAfterSeconds: number }

/** The public text of a refusal. */
export interface WireClientRefusal {
  readonly status: 400 | 401 | 429 | 503
  readonly error:
    | 'invalid_request'
    | 'invalid_client'
    | 'too_many_requests'
    | 'temporarily_unavailable'
  readonly description: string
  readonly retryAfterSeconds?: number
}

/**
 * Says a refusal for the wire; whatever would tell which half of a credential is right shares one answer.
 * Source: RFC 6749 §5.2; RFC 6585 §4 (429).
 */
export function renderClientRefusal(refusal: ClientRefusal): WireClientRefusal {
  switch (refusal.reason) {
    case 'methods_mixed':
      return {
        status: 400,
        error: 'invalid_request',
        description: 'The client authenticated in more than one way.',
      }
    case 'credentials_missing':
    case 'credentials_malformed':
    case 'client_unknown':
    case 'method_not_allowed':
    case 'secret_wrong':
    case 'client_disabled':
    case 'assertion_invalid':
      return {
        status: 401,
        error: 'invalid_client',
        description: 'The client could not be authenticated.',
      }
    case 'too_many_guesses':
      return {
        status: 429,
        error: 'too_many_requests',
        description: 'Too many failed attempts.',
        retryAfterSeconds: refusal.retryAfterSeconds,
      }
    case 'hashing_busy':
      return {
        status: 503,
        error: 'temporarily_unavailable',
        description: 'The service is busy.',
        retryAfterSeconds: refusal.retryAfterSeconds,
      }
  }
}
