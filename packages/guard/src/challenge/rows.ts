import type { GuardOwnReason, GuardReason } from '../refusal.ts'
import { jwtRefusalReasons } from '@countersign/jwt'

/** How one reason is told on the wire. */
export interface ChallengeRow {
  readonly status: 400 | 401 | 403 | 503
  /** The error code; absent when the request carried no credential at all. */
  readonly error: string | undefined
  /** The scheme whose challenge carries the error, where only one can. */
  readonly scheme?: 'Bearer' | 'DPoP'
  /** The reason says nothing about the token, so it is named even when nothing was proven. */
  readonly alwaysNamed?: true
}

const invalidToken: ChallengeRow = { status: 401, error: 'invalid_token' }
const invalidProof: ChallengeRow = {
  status: 401,
  error: 'invalid_dpop_proof',
  scheme: 'DPoP',
}
const unavailable: ChallengeRow = {
  status: 503,
  error: 'temporarily_unavailable',
  alwaysNamed: true,
}
const forbidden: ChallengeRow = { status: 403, error: 'insufficient_scope' }
const weakLogin: ChallengeRow = { status: 401, error: 'insufficient_user_authentication' }

const ownRows: Readonly<Record<GuardOwnReason, ChallengeRow>> = {
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
  claims_invalid: invalidToken,
  binding_missing: invalidToken,
  binding_unsupported: invalidToken,
  binding_mismatch: invalidToken,
  binding_absent: invalidToken,
  proof_missing: invalidProof,
  proof_invalid: invalidProof,
  proof_replayed: invalidProof,
  proof_nonce_required: { ...invalidProof, error: 'use_dpop_nonce', alwaysNamed: true },
  proof_memory_full: unavailable,
  revoked: invalidToken,
  claims_stale: invalidToken,
  revocations_stale: unavailable,
  insufficient_scope: forbidden,
  insufficient_role: forbidden,
  insufficient_permission: forbidden,
  denied_by_rule: forbidden,
  authentication_too_old: weakLogin,
  authentication_too_weak: weakLogin,
  check_failed: unavailable,
}

/** One row for every reason; a new reason does not compile until it has one. */
export const challengeRows: Readonly<Record<GuardReason, ChallengeRow>> = {
  ...Object.fromEntries(jwtRefusalReasons.map((reason) => [reason, invalidToken])),
  ...ownRows,
} as Readonly<Record<GuardReason, ChallengeRow>>
