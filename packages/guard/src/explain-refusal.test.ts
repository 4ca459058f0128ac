import { describe, expect, it, test } from 'vitest'
import { explainRefusal } from './explain-refusal.ts'
import { sampleOf } from './refusal.samples.ts'
import { guardReasons, type GuardReason, type GuardRefusal } from './refusal.ts'

const asks = 'the route requires x y, the caller has z'

/** The line of each reason, for the facts of its sample. */
const lines: Readonly<Record<GuardReason, string>> = {
  credential_missing: 'credential_missing: the request has no token',
  credential_malformed: 'credential_malformed: in the header',
  credentials_ambiguous: 'credentials_ambiguous: in the cookie',
  scheme_unsupported: 'scheme_unsupported: the scheme is basic',
  cross_site: 'cross_site: origin, found https://evil.test, expected api.test',
  issuer_unknown:
    'issuer_unknown: the token is of https://a.test, this guard trusts https://b.test',
  keys_unavailable: 'keys_unavailable: no keys of https://a.test: metadata: status_not_ok 301',
  plain_token: 'plain_token: the token is not encrypted',
  decryption_failed: 'decryption_failed: decryption_failed: kid none, alg unknown',
  token_inactive: 'token_inactive: 5 s ago',
  introspection_unavailable: 'introspection_unavailable: status_not_ok 502',
  claims_invalid: 'claims_invalid: tenant',
  binding_missing: 'binding_missing: the token is bound to a key, and was sent as Bearer',
  binding_unsupported: 'binding_unsupported: cnf has x5t#S256',
  binding_mismatch: 'binding_mismatch: the token is bound to thumb2, the proof is of thumb1',
  binding_absent: 'binding_absent: the token is bound to no key',
  proof_missing: 'proof_missing: the request has no header DPoP',
  proof_invalid: 'proof_invalid: claim_mismatch: htm, found POST, expected GET',
  proof_replayed: 'proof_replayed: an earlier request had the same proof',
  proof_nonce_required: 'proof_nonce_required: the proof has no nonce',
  proof_memory_full: 'proof_memory_full: too many proofs are remembered',
  revoked: 'revoked: by token j1',
  claims_stale: 'claims_stale: by claims_stale u1, versions below 3',
  revocations_stale: 'revocations_stale: the revocations are 90 s old',
  insufficient_scope: `insufficient_scope: ${asks}`,
  insufficient_role: `insufficient_role: ${asks}`,
  insufficient_permission: `insufficient_permission: ${asks}`,
  denied_by_rule: 'denied_by_rule: allow of the route did not return true',
  authentication_too_old: 'authentication_too_old: the login was 100 s ago, 60 s at most',
  authentication_too_weak: 'authentication_too_weak: the route requires mfa, the login reached pwd',
  check_failed: 'check_failed: TypeError',
  too_large: 'too_large: 20000 of 16384 bytes',
  malformed: 'malformed: payload',
  header_unsupported: 'header_unsupported: crit',
  algorithm_not_allowed: 'algorithm_not_allowed: alg none, allowed are ES256',
  key_unknown: 'key_unknown: kid k1, alg ES256',
  signature_invalid: 'signature_invalid: kid k1',
  typ_mismatch: 'typ_mismatch: typ "JWT", expected "at+jwt"',
  claims_malformed: 'claims_malformed: not_an_object',
  issuer_mismatch:
    'issuer_mismatch: the token is of https://a.test, this guard trusts https://b.test',
  audience_mismatch:
    'audience_mismatch: the token is for https://a.test, this API is https://b.test',
  expired: 'expired: 7 s ago',
  not_yet_valid: 'not_yet_valid: 30 s ahead, by nbf',
  issued_in_future: 'issued_in_future: 30 s ahead, by iat: compare the clocks',
  claim_missing: 'claim_missing: sub',
  claim_invalid: 'claim_invalid: exp',
}

describe('one line says why', () => {
  it.each(guardReasons)('%s', (reason) => {
    expect(explainRefusal(sampleOf(reason))).toBe(lines[reason])
  })
})

test.each<[string, GuardRefusal, string]>([
  [
    'a header of one word',
    { ...sampleOf('scheme_unsupported'), found: 'none' },
    'the header has one word, without a scheme',
  ],
  [
    'a key that another issuer may have',
    { ...sampleOf('key_unknown'), claimedIssuer: 'http://127.0.0.1:8080' },
    'kid k1, alg ES256 (the token names the issuer http://127.0.0.1:8080)',
  ],
  [
    'an issuer that is looked up',
    { ...sampleOf('issuer_unknown'), expected: [] },
    'https://a.test',
  ],
  [
    'too many issuers at a time',
    { ...sampleOf('keys_unavailable'), purpose: 'busy' },
    'too many look-ups of issuers are pending',
  ],
  [
    'a key source without keys',
    {
      reason: 'keys_unavailable',
      proven: false,
      purpose: 'decrypt',
      skipped: [],
      retryAfterSeconds: 5,
    },
    'no keys that decrypt yet',
  ],
  [
    'a guard that opens no envelopes',
    { ...sampleOf('decryption_failed'), cause: { reason: 'key_missing' } },
    'no decryptionKeys',
  ],
  [
    'another content encryption',
    {
      ...sampleOf('decryption_failed'),
      cause: { reason: 'encryption_not_allowed', allowed: ['A256GCM'] },
    },
    'encryption_not_allowed: allowed are A256GCM',
  ],
  ['padding', { ...sampleOf('malformed'), isPadded: true }, 'base64 padding in the token'],
  [
    'too many introspections at a time',
    { ...sampleOf('introspection_unavailable'), cause: { reason: 'busy' } },
    'too many calls at a time',
  ],
  [
    'a key of a proof',
    {
      ...sampleOf('proof_invalid'),
      cause: { reason: 'key_unknown', key: { reason: 'jwk_malformed', member: 'x' } },
    },
    'key_unknown: jwk_malformed x',
  ],
  [
    'an old proof',
    {
      ...sampleOf('proof_invalid'),
      cause: { reason: 'too_old', claim: 'iat', at: 100, oldest: 160 } as never,
    },
    'too_old: iat is 60 s too early',
  ],
  ['a nonce', { ...sampleOf('proof_nonce_required'), found: 'stale' }, 'the nonce is stale'],
  [
    'an issuer that revoked all',
    { ...sampleOf('revoked'), by: { kind: 'issuer', id: '', belowVersion: 5 } },
    'by issuer, issued at 5 or before',
  ],
  [
    'nothing known',
    { ...sampleOf('revocations_stale'), ageSeconds: Infinity },
    'no revocations are loaded yet',
  ],
  ['no scope', { ...sampleOf('insufficient_scope'), held: [] }, 'the caller has none'],
  [
    'a comma between scopes',
    { ...sampleOf('insufficient_scope'), required: ['read,write'], held: ['read', 'write'] },
    'the route requires read,write, the caller has read write (put spaces between scopes)',
  ],
  [
    'a cut signature',
    { reason: 'signature_invalid', proven: false },
    'signature_invalid: the signature is cut, or another key made it',
  ],
  [
    'a token of a machine',
    { reason: 'authentication_too_old', proven: true, maxAgeSeconds: 60, now: 1 },
    'the token names no login',
  ],
  [
    'no type',
    { reason: 'typ_mismatch', proven: true, expected: ['jwt', ''] },
    'typ none, expected "jwt" or none',
  ],
  [
    'an issuer at the other name of this machine',
    {
      ...sampleOf('issuer_mismatch'),
      found: 'http://127.0.0.1:8000',
      expected: ['http://localhost:8000'],
    },
    'this guard trusts http://localhost:8000 (the only difference: 127.0.0.1 for localhost)',
  ],
  [
    'one of several issuers, with a slash',
    {
      ...sampleOf('issuer_unknown'),
      found: 'https://b.test/',
      expected: ['https://a.test', 'https://b.test'],
    },
    '(the only difference: a "/" at the end)',
  ],
  [
    'an API over plain http',
    {
      ...sampleOf('audience_mismatch'),
      found: ['http://api.test/'],
      expected: ['https://api.test/'],
    },
    '(the only difference: http for https)',
  ],
  [
    'a proof for the other name of this machine',
    {
      ...sampleOf('proof_invalid'),
      cause: {
        reason: 'claim_mismatch',
        claim: 'htu',
        found: 'http://127.0.0.1/x',
        expected: 'http://localhost/x',
      },
    },
    'expected http://localhost/x (the only difference: 127.0.0.1 for localhost)',
  ],
  ['no audience', { ...sampleOf('audience_mismatch'), found: [] }, 'the token is for none'],
])('one line says why: %s', (_, refusal, line) => {
  expect(explainRefusal(refusal)).toContain(line)
})

test.each<[string, GuardRefusal]>([
  ['a view of the owner', { reason: 'revoked', proven: true }],
  ['an inactive token', { reason: 'token_inactive', proven: false, now: 1 }],
])('the reason has no facts: %s', (_, refusal) => {
  expect(explainRefusal(refusal)).toBe(refusal.reason)
})
