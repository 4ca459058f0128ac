import type { EpochSeconds } from '@countersign/jwt'
import type { GuardReason, GuardRefusal } from './refusal.ts'

const now = 1_800_000_000 as EpochSeconds
const busy = { retryAfterSeconds: 5 }
const names = { found: ['https://a.test'], expected: ['https://b.test'] }
const held = { required: ['x', 'y'], held: ['z'] }
const entry = { kind: 'token', id: 'j1', until: now } as const

type Samples = { readonly [R in GuardReason]: Omit<FactsOf<R>, 'reason' | 'proven'> }
type FactsOf<R extends GuardReason> = Extract<GuardRefusal, { readonly reason: R }>

/** The facts of one refusal for each reason. */
const samples: Samples = {
  credential_missing: {},
  credential_malformed: { place: 'header' },
  credentials_ambiguous: { place: 'cookie' },
  scheme_unsupported: { found: 'basic' },
  cross_site: { check: 'origin', found: 'https://evil.test', expected: 'api.test' },
  issuer_unknown: { found: 'https://a.test', expected: ['https://b.test'] },
  keys_unavailable: {
    purpose: 'verify',
    issuer: 'https://a.test',
    failure: 'metadata: status_not_ok 301',
    skipped: [],
    ...busy,
  },
  plain_token: {},
  decryption_failed: { cause: { reason: 'decryption_failed' } },
  token_inactive: { expiredAt: now - 5, now },
  introspection_unavailable: { cause: { reason: 'status_not_ok', status: 502 }, ...busy },
  claims_invalid: { path: 'tenant' },
  binding_missing: { scheme: 'Bearer' },
  binding_unsupported: { found: ['x5t#S256'] },
  binding_mismatch: { found: 'thumb1', expected: 'thumb2' },
  binding_absent: { scheme: 'Bearer' },
  proof_missing: {},
  proof_invalid: {
    cause: { reason: 'claim_mismatch', claim: 'htm', found: 'POST', expected: 'GET' },
  },
  proof_replayed: {},
  proof_nonce_required: { found: 'none', nonce: 'n1' },
  proof_memory_full: busy,
  revoked: { by: entry },
  claims_stale: { by: { kind: 'claims_stale', id: 'u1', until: now, belowVersion: 3 } },
  revocations_stale: { ageSeconds: 90, ...busy },
  insufficient_scope: held,
  insufficient_role: held,
  insufficient_permission: held,
  denied_by_rule: {},
  authentication_too_old: { maxAgeSeconds: 60, authenticatedAt: now - 100, now },
  authentication_too_weak: { required: ['mfa'], held: 'pwd' },
  check_failed: { fault: 'TypeError', ...busy },
  too_large: { bytes: 20_000, bytesMax: 16_384 },
  malformed: { part: 'payload' },
  header_unsupported: { member: 'crit' },
  algorithm_not_allowed: { allowed: ['ES256'], alg: 'none' },
  key_unknown: { kid: 'k1', alg: 'ES256' },
  signature_invalid: { kid: 'k1' },
  typ_mismatch: { found: 'JWT', expected: ['at+jwt'] },
  claims_malformed: { cause: 'not_an_object' },
  issuer_mismatch: { found: 'https://a.test', expected: ['https://b.test'] },
  audience_mismatch: names,
  expired: { expiredAt: (now - 7) as EpochSeconds, now },
  not_yet_valid: { validFrom: (now + 30) as EpochSeconds, now },
  issued_in_future: { issuedAt: (now + 30) as EpochSeconds, now },
  claim_missing: { claim: 'sub' },
  claim_invalid: { claim: 'exp' },
}

/** Makes a refusal with facts for a reason. */
export function sampleOf<R extends GuardReason>(reason: R): FactsOf<R> {
  return { proven: true, ...samples[reason], reason } as unknown as FactsOf<R>
}
