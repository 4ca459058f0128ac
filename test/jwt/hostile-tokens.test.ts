import {
  createJwtVerifier,
  importKey,
  unwrap,
  verifyJwt,
  type EpochSeconds,
} from '@countersign/jwt'
import { describe, expect, it } from 'vitest'

import { hostileTokens } from './hostile-tokens.ts'

const secret = Buffer.alloc(32, 7)
const issuer = 'https://issuer.example'
const audience = 'https://api.example'
const now = 1_790_000_000 as EpochSeconds
const { good, rows } = hostileTokens({ secret, issuer, audience, now })
const policy = {
  keys: unwrap(importKey(secret, { alg: 'HS256' })),
  issuer,
  audience,
  algorithms: ['HS256'],
  typ: 'JWT',
} as const
const verify = createJwtVerifier(policy)

describe('tokens with a correct MAC', () => {
  it('are accepted without a fault', () => {
    expect(verify(good, now)).toMatchObject({ ok: true, value: { claims: { sub: 'user-17' } } })
  })

  it.each(rows)('are refused: $name', ({ token, reason }) => {
    expect(verify(token, now)).toMatchObject({ ok: false, refusal: { reason } })
    // The answer is the same with and without a cached header.
    expect(verify(good, now).ok).toBe(true)
    expect(verify(token, now)).toMatchObject({ ok: false, refusal: { reason } })
    expect(verifyJwt(token, { ...policy, now })).toMatchObject({ ok: false, refusal: { reason } })
  })

  it('have one name each', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
  })
})
