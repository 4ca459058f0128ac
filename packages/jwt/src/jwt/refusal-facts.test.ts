import { describe, expect, it } from 'vitest'
import {
  createClientAssertionVerifier,
  createDpopProofVerifier,
  createIdTokenVerifier,
  decryptJwt,
  encryptJwt,
  exportJwk,
  generateKey,
  publicKeyOf,
  signJws,
  signJwt,
  thumbprint,
  verifyJwt,
  type EpochSeconds,
} from '../index.ts'

const now = 1_800_000_000 as EpochSeconds
const own = generateKey('ES256', { kid: 'k1' })
const other = generateKey('ES256', { kid: 'k2' })
const claims = { iss: 'https://a.test', aud: 'https://api.test', iat: now, exp: now + 60 }
const policy = {
  keys: publicKeyOf(own),
  issuer: 'https://a.test',
  audience: 'https://api.test',
  algorithms: ['ES256'] as const,
  typ: ['JWT', ''],
}
const sign = (change: object = {}, typ = 'JWT', key = own) =>
  signJwt({ ...claims, ...change }, key, { typ })

describe('a refusal says what was found and expected', () => {
  it.each<[string, string, object]>([
    [
      'another issuer',
      sign({ iss: 'https://a.test/' }),
      { reason: 'issuer_mismatch', found: 'https://a.test/', expected: ['https://a.test'] },
    ],
    [
      'another audience',
      sign({ aud: 'http://localhost' }),
      {
        reason: 'audience_mismatch',
        found: ['http://localhost'],
        expected: ['https://api.test'],
      },
    ],
    [
      'several audiences',
      sign({ aud: ['https://api.test', 'x'] }),
      {
        reason: 'audience_mismatch',
        found: ['https://api.test', 'x'],
        expected: ['https://api.test'],
      },
    ],
    [
      'more audiences than a line may hold, with a line break',
      sign({ aud: Array.from({ length: 20 }, (_, at) => `${at}\n${'a'.repeat(300)}`) }),
      {
        reason: 'audience_mismatch',
        found: Array.from({ length: 8 }, (_, at) => `${at}?${'a'.repeat(198)}`),
        expected: ['https://api.test'],
      },
    ],
    [
      'another type, with a line break',
      sign({}, 'at+\njwt'),
      { reason: 'typ_mismatch', found: 'at+?jwt', expected: ['jwt', ''] },
    ],
    ['another key', sign({}, 'JWT', other), { reason: 'key_unknown' }],
    [
      'another algorithm',
      sign({}, 'JWT', generateKey('ES384')),
      { reason: 'algorithm_not_allowed', allowed: ['ES256'] },
    ],
    ['another signature', `${sign().slice(0, -8)}AAAAAAAA`, { reason: 'signature_invalid' }],
    [
      'too many bytes',
      'a'.repeat(20_000),
      { reason: 'too_large', bytes: 20_000, bytesMax: 16_384 },
    ],
  ])('%s', (_, token, refusal) => {
    expect(verifyJwt(token, { ...policy, now })).toEqual({ ok: false, refusal })
  })

  it('no type', () => {
    const strict = verifyJwt(sign({}, ''), { ...policy, typ: 'at+jwt', now })
    expect(strict).toEqual({ ok: false, refusal: { reason: 'typ_mismatch', expected: ['at+jwt'] } })
  })
})

describe('a refusal of an encrypted token says what was found and expected', () => {
  const key = generateKey('RSA-OAEP-256', { kid: 'e' })
  const open = { keys: key, algorithms: ['RSA-OAEP-256'], encryptions: ['A256GCM'] } as const
  const seal = (to = key, options: object = {}) => encryptJwt(sign(), publicKeyOf(to), options)
  it.each<[string, string, object]>([
    [
      'another content encryption',
      seal(key, { enc: 'A128GCM' }),
      { reason: 'encryption_not_allowed', allowed: ['A256GCM'] },
    ],
    [
      'another algorithm',
      seal(generateKey('ECDH-ES')),
      { reason: 'algorithm_not_allowed', allowed: ['RSA-OAEP-256'] },
    ],
    ['another key', seal(generateKey('RSA-OAEP-256', { kid: 'f' })), { reason: 'key_unknown' }],
    [
      'too many bytes',
      'a'.repeat(17_000),
      { reason: 'too_large', bytes: 17_000, bytesMax: 16_384 },
    ],
  ])('%s', (_, token, refusal) => {
    expect(decryptJwt(token, open)).toEqual({ ok: false, refusal })
  })
})

describe('a refusal of a proof says what was found and expected', () => {
  const url = 'https://api.test/orders?secret=1'
  const verify = createDpopProofVerifier({ algorithms: ['ES256', 'PS256'] })
  const jwk = exportJwk(publicKeyOf(own))
  const proof = (change: object = {}, header: object = {}) => {
    const body = { jti: 'j', htm: 'GET', htu: 'https://api.test/orders', iat: now, ...change }
    const bytes = new TextEncoder().encode(JSON.stringify(body))
    return signJws(bytes, own, { typ: 'dpop+jwt', jwk, ...header })
  }
  const rsa = exportJwk(publicKeyOf(generateKey('PS256')))
  const inRsa = (change: object) => ({ jwk: { ...rsa, ...change } })
  it.each<[string, string, object]>([
    [
      'another method',
      proof({ htm: 'POST' }),
      { reason: 'claim_mismatch', claim: 'htm', found: 'POST', expected: 'GET' },
    ],
    ['no text as method', proof({ htm: 5 }), { claim: 'htm', expected: 'GET' }],
    [
      'another address, both without a query',
      proof({ htu: 'http://10.0.0.1:8080/orders?token=1' }),
      {
        reason: 'claim_mismatch',
        claim: 'htu',
        found: 'http://10.0.0.1:8080/orders',
        expected: 'https://api.test/orders',
      },
    ],
    [
      'an old proof',
      proof({ iat: now - 100 }),
      { reason: 'too_old', claim: 'iat', at: now - 100, oldest: now - 60 },
    ],
    [
      'no key',
      proof({}, { jwk: undefined }),
      { reason: 'key_unknown', key: { reason: 'jwk_malformed', member: 'jwk' } },
    ],
    [
      'a key without a coordinate',
      proof({}, { jwk: { kty: 'EC', crv: 'P-256', x: jwk['x'] } }),
      { reason: 'key_unknown', key: { reason: 'jwk_malformed', member: 'jwk' } },
    ],
    [
      'a coordinate of another length',
      proof({}, { jwk: { ...jwk, x: 'AAAA' } }),
      { reason: 'key_unknown', key: { reason: 'jwk_malformed', member: 'x' } },
    ],
    [
      'a private key',
      proof({}, { jwk: exportJwk(own, { private: true }) }),
      { key: { reason: 'private_key_exposed', looksLike: 'a JWK of type EC' } },
    ],
    [
      'a long modulus',
      proof({}, inRsa({ n: 'A'.repeat(2_000) })),
      { key: { reason: 'key_too_long', bits: 12_000, bitsMax: 4_096 } },
    ],
    ['no modulus', proof({}, inRsa({ n: 5 })), { key: { reason: 'jwk_malformed', member: 'n' } }],
    [
      'a long exponent',
      proof({}, inRsa({ e: 'AQABAQAB' })),
      { key: { reason: 'jwk_malformed', member: 'e' } },
    ],
    [
      'another algorithm',
      signJws(new Uint8Array(1), generateKey('ES384')),
      { reason: 'algorithm_not_allowed', allowed: ['ES256', 'PS256'] },
    ],
  ])('%s', (_, text, refusal) => {
    expect(verify(text, { method: 'GET', url, now })).toMatchObject({ ok: false, refusal })
    expect(JSON.stringify(verify(text, { method: 'GET', url, now }))).not.toContain('secret=1')
  })

  it('a key that the token is not bound to', () => {
    const bound = thumbprint(exportJwk(publicKeyOf(other)))
    expect(verify(proof(), { method: 'GET', url, jkt: bound, now })).toEqual({
      ok: false,
      refusal: { reason: 'key_mismatch', found: thumbprint(jwk), expected: bound },
    })
  })
})

describe('a refusal of another profile says what was found and expected', () => {
  const { typ: _typ, ...base } = policy
  const server = 'https://as.test'
  const assertion = createClientAssertionVerifier({ ...base, clientId: 'c', audience: server })
  const about = { iss: 'c', sub: 'c', aud: server, jti: 'j' }
  const id = createIdTokenVerifier({ ...base, audience: 'https://api.test' })
  it.each<[string, object, object]>([
    ['an assertion of another subject', { sub: 'd' }, { claim: 'sub', found: 'd', expected: 'c' }],
    [
      'an assertion for one audience twice',
      { aud: [server, server] },
      { claim: 'aud', found: `${server} ${server}`, expected: server },
    ],
    [
      'an assertion for an hour',
      { exp: now + 3600 },
      { reason: 'lifetime_too_long', claim: 'exp', expiresAt: now + 3600, latest: now + 310 },
    ],
  ])('%s', (_, change, refusal) => {
    expect(assertion(sign({ ...about, ...change }), now)).toMatchObject({ refusal })
  })

  it.each<[string, object, object]>([
    ['an ID token for another party', { azp: 'd' }, { claim: 'azp', found: 'd' }],
    [
      'an ID token for no text as party',
      { azp: 5 },
      { claim: 'azp', expected: 'https://api.test' },
    ],
    [
      'a login too long ago',
      { auth_time: now - 100 },
      { reason: 'too_old', claim: 'auth_time', at: now - 100, oldest: now - 70 },
    ],
  ])('%s', (_, change, refusal) => {
    const outcome = id(sign({ sub: 'u', ...change }), { maxAgeSeconds: 60, now })
    expect(outcome).toMatchObject({ refusal })
  })
})
