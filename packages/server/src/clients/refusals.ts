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

/** The reasons of all refusals. The compiler refuses a union with another. */
export const clientRefusalReasons = Object.keys({
  credentials_missing: 0,
  credentials_malformed: 0,
  methods_mixed: 0,
  client_unknown: 0,
  method_not_allowed: 0,
  secret_wrong: 0,
  client_disabled: 0,
  assertion_invalid: 0,
  too_many_guesses: 0,
  hashing_busy: 0,
} satisfies Record<ClientRefusal['reason'], 0>)

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

const notAuthenticated = {
  status: 401,
  error: 'invalid_client',
  description: 'The client could not be authenticated.',
} as const

/** One row for every reason. A new reason does not compile until it has one. */
const wireRows: Readonly<Record<ClientRefusal['reason'], WireClientRefusal>> = {
  methods_mixed: {
    status: 400,
    error: 'invalid_request',
    description: 'The client authenticated in more than one way.',
  },
  credentials_missing: notAuthenticated,
  credentials_malformed: notAuthenticated,
  client_unknown: notAuthenticated,
  method_not_allowed: notAuthenticated,
  secret_wrong: notAuthenticated,
  client_disabled: notAuthenticated,
  assertion_invalid: notAuthenticated,
  too_many_guesses: {
    status: 429,
    error: 'too_many_requests',
    description: 'Too many failed attempts.',
  },
  hashing_busy: {
    status: 503,
    error: 'temporarily_unavailable',
    description: 'The service is busy.',
  },
}

/**
 * Renders a refusal for the client. All reasons that would reveal which half of a credential is right share one answer.
 * Source: RFC 6749 §5.2; RFC 6585 §4 (429).
 */
export function renderClientRefusal(refusal: ClientRefusal): WireClientRefusal {
  const row = wireRows[refusal.reason]
  return 'retryAfterSeconds' in refusal
    ? { ...row, retryAfterSeconds: refusal.retryAfterSeconds }
    : row
}

/** Lists the answer to each reason, for the reference of the HTTP interface. */
export function listClientRefusals() {
  return Object.entries(wireRows).map(([reason, row]) => ({ reason, ...row }))
}
