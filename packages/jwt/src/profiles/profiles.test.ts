import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'

import { exportJwk, publicKeyOf } from '../jwk/export-jwk.ts'
import { generateKey } from '../jwk/generate-key.ts'
import type { Jwk } from '../jwk/jwk.ts'
import { thumbprint } from '../jwk/thumbprint.ts'
import { signJws } from '../jws/sign-jws.ts'
import { signJwt } from '../jwt/sign-jwt.ts'
import type { Result } from '../result.ts'
import type { EpochSeconds } from '../time.ts'
import { createAccessTokenVerifier } from './access-token.ts'
import { createClientAssertionVerifier } from './client-assertion.ts'
import { createDpopProofVerifier, type DpopRequest } from './dpop-proof.ts'
import { createIdTokenVerifier, type IdTokenRequest } from './id-token.ts'
import { createLogoutTokenVerifier } from './logout-token.ts'
import { normaliseRequestTarget, normaliseTarget } from './target-uri.ts'
import { profileRefusalReasons, type ProfileRefusal } from './verified.ts'

const now = 1_790_000_000 as EpochSeconds
const key = generateKey('ES256', { kid: 'a' })
const keys = publicKeyOf(key)
const issuer = 'https://issuer.example'
const audience = 'client-1'
const algorithms = ['ES256'] as const
const common = { keys, issuer, audience, algorithms }
const base = { iss: issuer, aud: audience, sub: 's', iat: now, exp: now + 60, jti: 'j' }
const seen = new Set<string>()

function reasonOf(result: Result<unknown, ProfileRefusal>): string | undefined {
  if (result.ok) return undefined
  seen.add(result.refusal.reason)
  return 'claim' in result.refusal
    ? `${result.refusal.reason} ${result.refusal.claim}`
    : result.refusal.reason
}

type Row = readonly [name: string, change: object, reason: string | undefined]

describe('access tokens', () => {
  const verify = createAccessTokenVerifier(common)
  const rows: readonly Row[] = [
    ['all is there', {}, undefined],
    ['no sub', { sub: undefined }, 'claim_missing sub'],
    ['no client_id', { client_id: undefined }, 'claim_missing client_id'],
    ['no iat', { iat: undefined }, 'claim_missing iat'],
    ['no jti', { jti: undefined }, 'claim_missing jti'],
    ['no iss', { iss: undefined }, 'claim_missing iss'],
    ['no exp', { exp: undefined }, 'claim_missing exp'],
    ['no aud', { aud: undefined }, 'claim_missing aud'],
    ['client_id is a list', { client_id: ['x'] }, 'claim_invalid client_id'],
    ['expired', { exp: now - 10, iat: now - 90 }, 'expired'],
  ]
  it.each(rows)('%s', (_, change, reason) => {
    const token = signJwt({ ...base, client_id: 'c', ...change }, key, { typ: 'at+jwt' })
    expect(reasonOf(verify(token, now))).toBe(reason)
  })

  it('are no other type of token', () => {
    for (const typ of ['JWT', '', 'logout+jwt', 'dpop+jwt']) {
      expect(reasonOf(verify(signJwt({ ...base, client_id: 'c' }, key, { typ }), now))).toBe(
        'typ_mismatch',
      )
    }
  })

  it('may need more claims, and may have the type of another issuer', () => {
    const token = signJwt({ ...base, client_id: 'c' }, key)
    expect(
      reasonOf(createAccessTokenVerifier({ ...common, typ: 'JWT' })(token, now)),
    ).toBeUndefined()
    expect(
      reasonOf(
        createAccessTokenVerifier({ ...common, typ: 'JWT', require: ['scope'] })(token, now),
      ),
    ).toBe('claim_missing scope')
  })
})

describe('ID tokens', () => {
  const verify = createIdTokenVerifier(common)
  const half = createHash('sha256').update('access').digest().subarray(0, 16).toString('base64url')
  const rows: readonly [string, object, IdTokenRequest, string | undefined][] = [
    ['plain', {}, {}, undefined],
    ['the nonce that was sent', { nonce: 'n' }, { nonce: 'n' }, undefined],
    ['another nonce', { nonce: 'm' }, { nonce: 'n' }, 'claim_mismatch nonce'],
    ['no nonce', {}, { nonce: 'n' }, 'claim_missing nonce'],
    ['a nonce that nobody sent', { nonce: 'n' }, {}, 'claim_mismatch nonce'],
    ['a nonce that is no text', { nonce: 1 }, { nonce: 'n' }, 'claim_invalid nonce'],
    ['azp is the client', { azp: audience }, {}, undefined],
    ['azp is another', { azp: 'other' }, {}, 'claim_mismatch azp'],
    ['other audiences with the client', { aud: [audience, 'other'] }, {}, 'audience_mismatch'],
    ['the hash of the access token', { at_hash: half }, { accessToken: 'access' }, undefined],
    ['another hash', { at_hash: half }, { accessToken: 'other' }, 'claim_mismatch at_hash'],
    ['a login in time', { auth_time: now - 300 }, { maxAgeSeconds: 300 }, undefined],
    ['a login too long ago', { auth_time: now - 311 }, { maxAgeSeconds: 300 }, 'too_old auth_time'],
    ['no login time', {}, { maxAgeSeconds: 300 }, 'claim_missing auth_time'],
    ['a login time as text', { auth_time: 'x' }, {}, 'claim_invalid auth_time'],
    ['a login time that nobody asked for', { auth_time: 1 }, {}, undefined],
  ]
  it.each(rows)('%s', (_, change, request, reason) => {
    expect(reasonOf(verify(signJwt({ ...base, ...change }, key), { ...request, now }))).toBe(reason)
  })

  it('are no access tokens, and are checked by the system’s clock', () => {
    expect(reasonOf(verify(signJwt(base, key, { typ: 'at+jwt' }), { now }))).toBe('typ_mismatch')
    const present = Math.floor(Date.now() / 1000)
    expect(
      reasonOf(verify(signJwt({ ...base, iat: present, exp: present + 60 }, key))),
    ).toBeUndefined()
  })

  it.each([
    ['Ed25519', 'sha512'],
    ['ES384', 'sha384'],
    ['ES512', 'sha512'],
  ] as const)('at_hash under %s', (alg, hash) => {
    const own = generateKey(alg)
    const digest = createHash(hash).update('access').digest()
    const at_hash = digest.subarray(0, digest.length / 2).toString('base64url')
    const check = createIdTokenVerifier({ ...common, keys: publicKeyOf(own), algorithms: [alg] })
    expect(
      reasonOf(check(signJwt({ ...base, at_hash }, own), { now, accessToken: 'access' })),
    ).toBeUndefined()
  })

  it('with an algorithm for which no hash is agreed, at_hash proves nothing', () => {
    const own = generateKey('EdDSA')
    const check = createIdTokenVerifier({
      ...common,
      keys: publicKeyOf(own),
      algorithms: ['EdDSA'],
    })
    expect(
      reasonOf(check(signJwt({ ...base, at_hash: half }, own), { now, accessToken: 'access' })),
    ).toBe('claim_mismatch at_hash')
  })
})

describe('client assertions', () => {
  const server = 'https://as.example'
  const verify = createClientAssertionVerifier({
    keys,
    algorithms,
    clientId: 'c',
    audience: server,
  })
  const own = { ...base, iss: 'c', sub: 'c', aud: server }
  const rows: readonly Row[] = [
    ['all is right', {}, undefined],
    ['no iat', { iat: undefined }, undefined],
    ['iss is another', { iss: 'd' }, 'issuer_mismatch'],
    ['sub is another', { sub: 'd' }, 'claim_mismatch sub'],
    ['no sub', { sub: undefined }, 'claim_missing sub'],
    ['no jti', { jti: undefined }, 'claim_missing jti'],
    ['aud is the token endpoint', { aud: `${server}/token` }, 'audience_mismatch'],
    ['aud with a slash', { aud: `${server}/` }, 'audience_mismatch'],
    ['aud as the only member of a list', { aud: [server] }, undefined],
    ['aud twice in a list', { aud: [server, server] }, 'claim_mismatch aud'],
    ['aud with another', { aud: [server, 'x'] }, 'audience_mismatch'],
    ['exp in five minutes of a clock 10 s ahead', { exp: now + 310 }, undefined],
    ['exp a second later', { exp: now + 311 }, 'lifetime_too_long exp'],
    ['exp in a year', { exp: now + 31_536_000 }, 'lifetime_too_long exp'],
    ['no exp', { exp: undefined }, 'claim_missing exp'],
  ]
  it.each(rows)('%s', (_, change, reason) => {
    expect(reasonOf(verify(signJwt({ ...own, ...change }, key), now))).toBe(reason)
  })

  it('are checked by the system’s clock by default', () => {
    const present = Math.floor(Date.now() / 1000)
    expect(
      reasonOf(verify(signJwt({ ...own, iat: present, exp: present + 60 }, key))),
    ).toBeUndefined()
  })
})

describe('logout tokens', () => {
  const verify = createLogoutTokenVerifier(common)
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
  const rows: readonly Row[] = [
    ['all is right', {}, undefined],
    ['sid instead of sub', { sub: undefined, sid: 'x' }, undefined],
    ['neither sub nor sid', { sub: undefined }, 'claim_missing sub'],
    ['sid is empty', { sid: '' }, 'claim_invalid sid'],
    ['sid is a number', { sid: 5 }, 'claim_invalid sid'],
    ['a nonce', { nonce: 'n' }, 'claim_forbidden nonce'],
    ['no events', { events: undefined }, 'claim_missing events'],
    ['events is a text', { events: 'x' }, 'claim_invalid events'],
    ['another event', { events: { x: {} } }, 'claim_mismatch events'],
    ['no jti', { jti: undefined }, 'claim_missing jti'],
  ]
  it.each(rows)('%s', (_, change, reason) => {
    const token = signJwt({ ...base, events, ...change }, key, { typ: 'logout+jwt' })
    expect(reasonOf(verify(token, now))).toBe(reason)
  })

  it('are no other type of token', () => {
    expect(reasonOf(verify(signJwt({ ...base, events }, key), now))).toBe('typ_mismatch')
  })
})

describe('DPoP proofs', () => {
  const verify = createDpopProofVerifier({ algorithms: ['ES256', 'Ed25519'] })
  const jwk = bare(exportJwk(key))
  const url = 'https://api.example/orders'
  const request = { method: 'GET', url, now }
  const claims = { jti: 'j', htm: 'GET', htu: url, iat: now }
  const prove = (change: object = {}, header: object = {}, typ = 'dpop+jwt'): string =>
    signJwt({ ...claims, ...change }, key, { typ, header: { jwk, ...header } })
  const ath = createHash('sha256').update('access').digest('base64url')
  const jkt = thumbprint(jwk)

  function bare({ kty, crv = '', x = '', y = '' }: Jwk): Jwk {
    return { kty, crv, x, y }
  }

  const rows: readonly [string, object, Partial<DpopRequest>, string | undefined][] = [
    ['all is right', {}, {}, undefined],
    ['another method', { htm: 'POST' }, {}, 'claim_mismatch htm'],
    ['no method', { htm: undefined }, {}, 'claim_missing htm'],
    ['another path', { htu: `${url}/1` }, {}, 'claim_mismatch htu'],
    ['another host', { htu: 'https://evil.example/orders' }, {}, 'claim_mismatch htu'],
    ['htu is no text', { htu: 5 }, {}, 'claim_mismatch htu'],
    ['query and fragment do not count', { htu: `${url}?a=1#b` }, { url: `${url}?c=2` }, undefined],
    [
      'a default port, capitals and %7e',
      { htu: 'HTTPS://API.example:443/%7euser' },
      { url: 'https://api.example/~user' },
      undefined,
    ],
    [
      'a path that reaches htu through dots',
      {},
      { url: 'https://api.example/a/../orders' },
      'claim_mismatch htu',
    ],
    ['no jti', { jti: undefined }, {}, 'claim_missing jti'],
    ['a control character in jti', { jti: 'a\u0000' }, {}, 'claim_invalid jti'],
    ['no iat', { iat: undefined }, {}, 'claim_missing iat'],
    ['ten minutes old', { iat: now - 600 }, {}, 'too_old iat'],
    ['ten minutes ahead', { iat: now + 600 }, {}, 'issued_in_future'],
    ['the nonce', { nonce: 'n' }, { nonce: 'n' }, undefined],
    ['another nonce', { nonce: 'm' }, { nonce: 'n' }, 'claim_mismatch nonce'],
    ['no nonce', {}, { nonce: 'n' }, 'claim_missing nonce'],
    ['a nonce that is no text', { nonce: 1 }, { nonce: 'n' }, 'claim_mismatch nonce'],
    ['the hash of the access token', { ath }, { accessToken: 'access' }, undefined],
    ['the hash of another', { ath }, { accessToken: 'other' }, 'claim_mismatch ath'],
    ['no hash', {}, { accessToken: 'access' }, 'claim_missing ath'],
    ['the bound key', {}, { jkt }, undefined],
    ['another key', {}, { jkt: 'A'.repeat(43) }, 'key_mismatch'],
    ['expired, where it says so', { exp: now - 20, iat: now - 30 }, {}, 'expired'],
  ]
  it.each(rows)('%s', (_, change, given, reason) => {
    const result = verify(prove(change), { ...request, ...given })
    expect(reasonOf(result)).toBe(reason)
    expect(result.ok ? result.value.jkt : jkt).toBe(jkt)
  })

  const headers: readonly [string, string, string][] = [
    ['another typ', prove({}, {}, 'JWT'), 'typ_mismatch'],
    ['no typ', prove({}, {}, ''), 'typ_mismatch'],
    ['no jwk', prove({}, { jwk: undefined }), 'key_unknown'],
    ['a jwk that is a text', prove({}, { jwk: 'x' }), 'key_unknown'],
    ['a jwk without kty', prove({}, { jwk: {} }), 'key_unknown'],
    ['a private jwk', prove({}, { jwk: exportJwk(key, { private: true }) }), 'key_unknown'],
    ['a secret', prove({}, { jwk: { kty: 'oct', k: 'AA' } }), 'key_unknown'],
    ['another key', prove({}, { jwk: bare(exportJwk(generateKey('ES256'))) }), 'signature_invalid'],
    [
      'alg none',
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`,
      'algorithm_not_allowed',
    ],
    ['a header that is none', 'x.y.z', 'malformed'],
    ['no dot', 'x', 'malformed'],
    ['too long', 'x'.repeat(9000), 'too_large'],
    ['claims that are a list', signJws('[]', key, { typ: 'dpop+jwt', jwk }), 'claims_malformed'],
    [
      'claims with a duplicate',
      signJws('{"a":1,"a":1}', key, { typ: 'dpop+jwt', jwk }),
      'claims_malformed',
    ],
  ]
  it.each(headers)('%s', (_, proof, reason) => {
    expect(reasonOf(verify(proof, request))).toBe(reason)
  })

  const names = ['EdDSA', 'Ed25519'] as const
  it.each(names.flatMap((alg) => [undefined, ...names].map((own) => [alg, own] as const)))(
    'of an Ed25519 key: header %s, alg of the jwk %s',
    (alg, own) => {
      const pair = generateKey(alg)
      const { crv = '', x = '' } = exportJwk(publicKeyOf(pair))
      const named = { kty: 'OKP', crv, x, ...(own === undefined ? {} : { alg: own }) }
      const proof = signJwt(claims, pair, { typ: 'dpop+jwt', header: { jwk: named } })
      expect(
        reasonOf(createDpopProofVerifier({ algorithms: names })(proof, request)),
      ).toBeUndefined()
    },
  )

  it('are texts, and are checked by the system’s clock by default', () => {
    expect(reasonOf(verify(5 as unknown as string, request))).toBe('malformed')
    const present = prove({ iat: Math.floor(Date.now() / 1000) })
    expect(reasonOf(verify(present, { method: 'GET', url }))).toBeUndefined()
  })

  const rsa = (n: string, e = 'AQAB') => ({ kty: 'RSA', n, e })
  const rsaBits = (bits: number): string =>
    Buffer.concat([Buffer.from([0xb5]), Buffer.alloc(bits / 8 - 1, 0x6d)]).toString('base64url')
  const costly: readonly [string, object, string][] = [
    ['a modulus of 4,096 bits', rsa(rsaBits(4096)), 'signature_invalid'],
    ['a modulus of 4,104 bits', rsa(rsaBits(4104)), 'key_unknown'],
    ['a modulus of 16,384 bits', rsa(rsaBits(16_384)), 'key_unknown'],
    ['an exponent of 32 bits', rsa(rsaBits(2048), '_____w'), 'signature_invalid'],
    ['an exponent of 40 bits', rsa(rsaBits(2048), '______8'), 'key_unknown'],
    ['an exponent of 64 bits', rsa(rsaBits(2048), '__________8'), 'key_unknown'],
  ]
  it.each(costly)('by an RSA key with %s', (_, jwk, reason) => {
    const verifyRsa = createDpopProofVerifier({ algorithms: ['PS256', 'RS256'] })
    const header = Buffer.from(JSON.stringify({ alg: 'PS256', typ: 'dpop+jwt', jwk }))
    const proof = `${header.toString('base64url')}.e30.${'A'.repeat(342)}`
    expect(reasonOf(verifyRsa(proof, request))).toBe(reason)
  })

  it('by another key than the bound one are refused before that key is imported', () => {
    const unusable = { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }
    const forged = prove({}, { jwk: unusable })
    expect(reasonOf(verify(forged, request))).toBe('key_unknown')
    expect(reasonOf(verify(forged, { ...request, jkt }))).toBe('key_mismatch')
    expect(reasonOf(verify(forged, { ...request, jkt: thumbprint(unusable) }))).toBe('key_unknown')
  })

  it('by a key without the members that count are refused whatever the token is bound to', () => {
    for (const jwk of [{ kty: 'EC' }, { kty: 'XY' }, { kty: 'RSA', n: 5, e: 'AQAB' }])
      expect(reasonOf(verify(prove({}, { jwk }), { ...request, jkt }))).toBe('key_unknown')
  })

  it('of many senders are distinguished', () => {
    for (let at = 0; at < 300; at += 1) {
      const { jkt: own, ...rest } = sender(at)
      expect(verify(rest.proof, request)).toMatchObject({ ok: true, value: { jkt: own } })
    }
  })

  function sender(at: number): { jkt: string; proof: string } {
    const header = { jwk, n: at }
    return { jkt, proof: signJwt(claims, key, { typ: 'dpop+jwt', header }) }
  }

  it('need a key pair', () => {
    expect(() => createDpopProofVerifier({ algorithms: ['HS256'] })).toThrow('key pair')
  })
})

describe('a number that is not finite throws, because it would accept everything', () => {
  const assertions = { keys, algorithms, clientId: 'c', audience: issuer }
  const request = { method: 'GET', url: `${issuer}/` }
  const idToken = signJwt({ ...base, auth_time: now }, key)
  const fault: readonly [string, (value: number) => unknown][] = [
    ['maxAgeSeconds', (value) => createDpopProofVerifier({ algorithms, maxAgeSeconds: value })],
    ['leewaySeconds', (value) => createDpopProofVerifier({ algorithms, leewaySeconds: value })],
    [
      'now',
      (value) => createDpopProofVerifier({ algorithms })('x', { ...request, now: moment(value) }),
    ],
    [
      'lifetimeSecondsMax',
      (value) => createClientAssertionVerifier({ ...assertions, lifetimeSecondsMax: value }),
    ],
    [
      'leewaySeconds',
      (value) => createClientAssertionVerifier({ ...assertions, leewaySeconds: value }),
    ],
    [
      'maxAgeSeconds',
      (value) => createIdTokenVerifier(common)(idToken, { now, maxAgeSeconds: value }),
    ],
    ['now', (value) => createIdTokenVerifier(common)(idToken, { now: moment(value) })],
  ]
  const moment = (value: number): EpochSeconds => value as EpochSeconds
  it.each(fault)('%s', (name, use) => {
    for (const value of [Number.NaN, Infinity, '10' as unknown as number]) {
      expect(() => use(value), String(value)).toThrow(name)
    }
  })
})

describe('targets of proofs', () => {
  const rows: readonly [string, string | undefined][] = [
    ['https://a.example', 'https://a.example/'],
    ['http://A.example:80/x?y#z', 'http://a.example/x'],
    ['https://a.example:8443/x', 'https://a.example:8443/x'],
    ['https://a.example/%7e%41%2f%zz%4', 'https://a.example/~A%2F%zz%4'],
    ['https://a.example/a/../b', 'https://a.example/b'],
    ['https://a.example/%', 'https://a.example/%'],
    ['https://u@a.example/', undefined],
    ['https://:p@a.example/', undefined],
    ['ftp://a.example/', undefined],
    ['/x', undefined],
    [`https://a.example/${'x'.repeat(5000)}`, undefined],
    [' https://a.example/', undefined],
    ['https://a.example/ ', undefined],
    ['https://a.example/a\tb', undefined],
    ['https:a.example/', undefined],
    ['https:/a.example/', undefined],
    ['https:///a.example/', undefined],
    ['https:\\\\a.example\\b', undefined],
    ['https://a.example\\b', undefined],
    ['https://\uff41.example/', undefined],
    ['https://a.example/\u00e4', undefined],
    ['https://a.example/a%5Cb', 'https://a.example/a%5Cb'],
    ['https://a.example//b', 'https://a.example//b'],
  ]
  it.each(rows)('%s', (text, normal) => {
    expect(normaliseTarget(text)).toBe(normal)
  })
})

describe('targets of requests', () => {
  const rows: readonly [string, string | undefined][] = [
    ['https://a.example/b?c', 'https://a.example/b'],
    ['https://a.example/%62?c=/../d', 'https://a.example/b'],
    ['https://a.example/..b/.c/d..', 'https://a.example/..b/.c/d..'],
    ['https://a.example/a/../b', undefined],
    ['https://a.example/a/%2e%2E/b', undefined],
    ['https://a.example/a/.%2e/b', undefined],
    ['https://a.example/./b', undefined],
    ['https://a.example/b/.', undefined],
    ['https://a.example/b/..', undefined],
    ['https://a.example/b#x', undefined],
    ['https://a.example/b?c#x', undefined],
    ['https://a.example/a\\b', undefined],
  ]
  it.each(rows)('%s', (url, normal) => {
    expect(normaliseRequestTarget(url)).toBe(normal)
  })
})

describe('reasons that only profiles have', () => {
  it('are all provoked above', () => {
    expect([...profileRefusalReasons].filter((reason) => !seen.has(reason))).toEqual([])
  })
})
