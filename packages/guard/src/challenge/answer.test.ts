import { jwtRefusalReasons, isProvenReason } from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import { guardReasons, type GuardReason } from '../refusal.ts'
import { sampleOf } from '../refusal.samples.ts'
import { renderAnswer, unprovenDescription } from './answer.ts'
import { challengeRows } from './rows.ts'

const settings = { schemes: ['Bearer'], dpopAlgorithms: [] } as const
const both = { schemes: ['Bearer', 'DPoP'], dpopAlgorithms: ['ES256', 'Ed25519'] } as const

describe('every reason', () => {
  it.each(guardReasons)('%s has a row and an answer that cannot be cached', (reason) => {
    expect(challengeRows[reason]).toBeDefined()
    const answer = renderAnswer({ ...sampleOf(reason), proven: false }, settings)
    expect([400, 401, 403, 503]).toContain(answer.status)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect('www-authenticate' in answer.headers).toBe(
      answer.status === 401 ||
        answer.status === 400 ||
        reason.startsWith('insufficient') ||
        reason === 'denied_by_rule',
    )
  })
})

describe('before the proof', () => {
  it('all reasons about a token share one answer, byte for byte (B32)', () => {
    const unproven = jwtRefusalReasons.filter((reason) => !isProvenReason(reason))
    const own: readonly GuardReason[] = [
      'credential_malformed',
      'issuer_unknown',
      'decryption_failed',
      'plain_token',
      'scheme_unsupported',
    ]
    const answers = [...unproven, ...own].map((reason) =>
      JSON.stringify(renderAnswer({ ...sampleOf(reason), proven: false, kid: 'k' }, settings)),
    )
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toContain(unprovenDescription)
  })
})

describe('the challenge (RFC 6750 §3)', () => {
  it('names only the scheme for a request without a credential', () => {
    const answer = renderAnswer({ reason: 'credential_missing', proven: false }, settings)
    expect([answer.status, answer.headers['www-authenticate'], answer.body]).toEqual([
      401,
      'Bearer',
      '{"error":"unauthorized"}',
    ])
  })

  it('names the reason after the signature was proven', () => {
    const answer = renderAnswer(
      { reason: 'claims_invalid', proven: true, path: 'tenant' },
      settings,
    )
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer error="invalid_token", error_description="claims_invalid: tenant"',
    )
  })

  it('names the missing scope', () => {
    const facts = { required: ['a', 'b'], held: ['c'] }
    const refusal = { reason: 'insufficient_scope', proven: true, ...facts } as const
    const answer = renderAnswer(refusal, { ...settings, realm: 'x' })
    expect(answer.status).toBe(403)
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer realm="x", error="insufficient_scope", error_description="insufficient_scope", scope="a b"',
    )
  })

  it('requires a better sign-in (RFC 9470 §3)', () => {
    const old = renderAnswer(
      { reason: 'authentication_too_old', proven: true, maxAgeSeconds: 60, now: 1 },
      settings,
    )
    const weak = renderAnswer(
      { reason: 'authentication_too_weak', proven: true, required: ['mfa'] },
      settings,
    )
    expect([old.status, weak.status]).toEqual([401, 401])
    expect(old.headers['www-authenticate']).toContain(
      'error="insufficient_user_authentication", error_description="authentication_too_old", max_age="60"',
    )
    expect(weak.headers['www-authenticate']).toContain('acr_values="mfa"')
  })

  it('names the metadata of the resource (RFC 9728 §5.1)', () => {
    const resourceMetadata = 'https://api.example/.well-known/oauth-protected-resource'
    const answer = renderAnswer(
      { reason: 'credential_missing', proven: false },
      { ...settings, resourceMetadata },
    )
    expect(answer.headers['www-authenticate']).toBe(
      `Bearer resource_metadata="${resourceMetadata}"`,
    )
  })

  it('puts the error of a proof into the challenge of DPoP (RFC 9449 §7.1)', () => {
    const refusal = { reason: 'proof_nonce_required', proven: true, nonce: 'n1' } as const
    const answer = renderAnswer({ ...refusal, found: 'none' }, both)
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer, DPoP error="use_dpop_nonce", error_description="proof_nonce_required", algs="ES256 Ed25519"',
    )
    expect(answer.headers['dpop-nonce']).toBe('n1')
  })

  it('quotes text of a token safely', () => {
    const answer = renderAnswer(
      { reason: 'claims_invalid', proven: true, path: 'a"b\\c\r\nx: 1\u00e9' },
      settings,
    )
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer error="invalid_token", error_description="claims_invalid: a\\"b\\\\c??x: 1?"',
    )
  })
})

it('the answer has no facts of an unproven refusal, even if it names the reason', () => {
  const facts = { purpose: 'verify', failure: 'unreachable', skipped: [] } as const
  const refusal = {
    reason: 'keys_unavailable',
    proven: false,
    retryAfterSeconds: 5,
    ...facts,
  } as const
  expect(renderAnswer(refusal, settings).body).toBe(
    '{"error":"temporarily_unavailable","error_description":"keys_unavailable"}',
  )
})

it('503 has Retry-After and no challenge, and is never 401', () => {
  for (const reason of ['revocations_stale', 'keys_unavailable', 'check_failed'] as const) {
    const refusal = { ...sampleOf(reason), proven: false, retryAfterSeconds: 4.2 }
    const answer = renderAnswer(refusal, settings)
    expect(answer.status).toBe(503)
    expect(answer.headers).toMatchObject({ 'retry-after': '5' })
    expect(answer.headers).not.toHaveProperty('www-authenticate')
  }
})
