import type { GuardReason, GuardRefusal, ProofCause } from '../refusal.ts'

/** The facts of one reason. */
export type FactsOf<R extends GuardReason> = Extract<GuardRefusal, { readonly reason: R }>

/** The part of a row that needs no facts. */
interface BaseRow {
  readonly status: 400 | 401 | 403 | 503
  /** The error code. Undefined for a request without a credential. */
  readonly error: string | undefined
  /** The scheme whose challenge has the error, if only one can have it. */
  readonly scheme?: 'Bearer' | 'DPoP'
  /** The reason does not concern the token, so the answer names it even before the proof. */
  readonly alwaysNamed?: true
}

/** The answer to one reason. Only the owner sees facts that the row does not name. */
export interface ChallengeRow<R extends GuardReason = GuardReason> extends BaseRow {
  /** The only fact that a client may learn, after the signature was proven. */
  readonly says?: (facts: FactsOf<R>) => string
  /** The conditions of the route, as parameters of the challenge. */
  readonly asks?: (facts: FactsOf<R>) => ChallengeDemands
}

/** Source: RFC 6750 §3 (`scope`); RFC 9470 §3. */
interface ChallengeDemands {
  readonly scope?: string
  readonly acr_values?: string
  readonly max_age?: string
}

const invalidToken: BaseRow = { status: 401, error: 'invalid_token' }
const invalidProof: BaseRow = { status: 401, error: 'invalid_dpop_proof', scheme: 'DPoP' }
const unavailable: BaseRow = {
  status: 503,
  error: 'temporarily_unavailable',
  alwaysNamed: true,
}
const forbidden: BaseRow = { status: 403, error: 'insufficient_scope' }
const weakLogin: BaseRow = { status: 401, error: 'insufficient_user_authentication' }
const claimNamed = { ...invalidToken, says: ({ claim }: { readonly claim: string }) => claim }

/** One row for every reason. A new reason does not compile until it has a row. */
export const challengeRows: { readonly [R in GuardReason]: ChallengeRow<R> } = {
  credential_missing: { status: 401, error: undefined },
  credential_malformed: invalidToken,
  credentials_ambiguous: { status: 400, error: 'invalid_request', alwaysNamed: true },
  scheme_unsupported: invalidToken,
  cross_site: { status: 403, error: 'cross_site', alwaysNamed: true },
  issuer_unknown: invalidToken,
  keys_unavailable: unavailable,
  plain_token: invalidToken,
  decryption_failed: invalidToken,
  token_inactive: invalidToken,
  introspection_unavailable: unavailable,
  claims_invalid: { ...invalidToken, says: ({ path }) => path },
  binding_missing: invalidToken,
  binding_unsupported: invalidToken,
  binding_mismatch: invalidToken,
  binding_absent: invalidToken,
  proof_missing: invalidProof,
  proof_invalid: { ...invalidProof, says: ({ cause }) => sayCause(cause) },
  proof_replayed: invalidProof,
  proof_nonce_required: { ...invalidProof, error: 'use_dpop_nonce', alwaysNamed: true },
  proof_memory_full: unavailable,
  revoked: invalidToken,
  claims_stale: invalidToken,
  revocations_stale: unavailable,
  insufficient_scope: { ...forbidden, asks: ({ required }) => ({ scope: required.join(' ') }) },
  insufficient_role: forbidden,
  insufficient_permission: forbidden,
  denied_by_rule: forbidden,
  authentication_too_old: {
    ...weakLogin,
    asks: ({ maxAgeSeconds }) => ({ max_age: String(maxAgeSeconds) }),
  },
  authentication_too_weak: {
    ...weakLogin,
    asks: ({ required }) => ({ acr_values: required.join(' ') }),
  },
  check_failed: unavailable,
  too_large: invalidToken,
  malformed: invalidToken,
  header_unsupported: invalidToken,
  algorithm_not_allowed: invalidToken,
  key_unknown: invalidToken,
  signature_invalid: invalidToken,
  typ_mismatch: { ...invalidToken, says: ({ found }) => sayTyp(found) },
  claims_malformed: invalidToken,
  issuer_mismatch: invalidToken,
  audience_mismatch: invalidToken,
  expired: invalidToken,
  not_yet_valid: invalidToken,
  issued_in_future: invalidToken,
  claim_missing: claimNamed,
  claim_invalid: claimNamed,
}

/** Finds the row of a refusal. */
export function rowOf({ reason }: GuardRefusal): ChallengeRow {
  return challengeRows[reason] as ChallengeRow
}

/** Names the type of a token that has the wrong type. */
function sayTyp(found: string | undefined): string {
  return found === undefined ? 'no typ' : `typ ${JSON.stringify(found)}`
}

/** Names the wrong claim of a proof for its sender. */
function sayCause(cause: ProofCause): string {
  return 'claim' in cause ? `${cause.reason} ${cause.claim}` : cause.reason
}
