import { exportJwk, generateKey, publicKeyOf, signJwt, type EpochSeconds } from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import { createTrustedIssuers } from './trusted-issuers.ts'

const now = 1_800_000_000 as EpochSeconds
const us = 'https://as.test'
const key = generateKey('ES256')
const other = generateKey('ES256')
const row = {
  issuer: 'https://idp.test',
  jwks: { keys: [exportJwk(publicKeyOf(key))] },
  algorithms: ['ES256'] as const,
  subjects: ['bob'],
  clients: ['shop'],
  access: [],
}
const good = { iss: row.issuer, sub: 'bob', aud: us, jti: 'a1', iat: now, exp: now + 60 }

function said(claims: object, signer = key, typ = 'JWT'): string {
  const assertion = signJwt(claims, signer, { typ })
  const issuer = createTrustedIssuers([row], us)(assertion)
  if (issuer === undefined) return 'unknown issuer'
  const verified = issuer.verify(assertion, now)
  return verified.ok ? verified.value.subject : verified.refusal.reason
}

describe('the assertions of trusted issuers', () => {
  it('are taken when they are for us and whole', () => {
    expect(said(good)).toBe('bob')
    expect(said(good, key, '')).toBe('bob')
  })

  it.each([
    [
      'of an issuer not listed',
      { ...good, iss: 'https://evil.test' },
      key,
      'JWT',
      'unknown issuer',
    ],
    ['of a list of issuers (B17)', { ...good, iss: [row.issuer] }, key, 'JWT', 'unknown issuer'],
    ['signed by somebody else', good, other, 'JWT', 'key_unknown'],
    [
      'for the token endpoint (E05)',
      { ...good, aud: `${us}/oauth2/token` },
      key,
      'JWT',
      'audience_mismatch',
    ],
    ['for us in a list (E05)', { ...good, aud: [us] }, key, 'JWT', 'audience_mismatch'],
    [
      'for us and another (E05)',
      { ...good, aud: [us, 'https://b'] },
      key,
      'JWT',
      'audience_mismatch',
    ],
    ['for us with a slash (E05)', { ...good, aud: `${us}/` }, key, 'JWT', 'audience_mismatch'],
    ['that has ended', { ...good, exp: now - 11 }, key, 'JWT', 'expired'],
    ['without exp', { ...good, exp: undefined }, key, 'JWT', 'claim_missing'],
    ['without jti', { ...good, jti: undefined }, key, 'JWT', 'claim_missing'],
    ['without sub', { ...good, sub: undefined }, key, 'JWT', 'claim_missing'],
    ['that are access tokens (B24)', good, key, 'at+jwt', 'typ_mismatch'],
    ['that are proofs (B24)', good, key, 'dpop+jwt', 'typ_mismatch'],
  ])('are refused %s', (_, claims, signer, typ, reason) => {
    expect(said(claims, signer, typ)).toBe(reason)
  })

  it('need a table with usable keys, or there are none', () => {
    expect(createTrustedIssuers([], us)(signJwt(good, key))).toBeUndefined()
    expect(() => createTrustedIssuers([{ ...row, jwks: { keys: [] } }], us)).toThrow('no usable')
    expect(createTrustedIssuers([row], us)('garbage')).toBeUndefined()
  })
})
