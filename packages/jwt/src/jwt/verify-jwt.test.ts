import { createHmac } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { generateKey } from '../jwk/generate-key.ts'
import { publicKeyOf } from '../jwk/export-jwk.ts'
import { importKey } from '../jwk/import-key.ts'
import { keySetOf } from '../jwk/key-set.ts'
import { signJws } from '../jws/sign-jws.ts'
import { verifyJws } from '../jws/verify-jws.ts'
import type { EpochSeconds } from '../time.ts'
import { decodeUnverified } from './decode-unverified.ts'
import { JwtRefused, unwrap } from './jwt-refused.ts'
import type { VerifyPolicy } from './policy.ts'
import { isProvenReason, jwtRefusalReasons, type JwtRefusal } from './refusal.ts'
import { signJwt } from './sign-jwt.ts'
import { createJwtVerifier, verifyJwt } from './verify-jwt.ts'

const now = 1_790_000_000 as EpochSeconds
const key = unwrap(importKey(Buffer.alloc(32, 1), { alg: 'HS256', kid: 'a' }))
const issuer = 'https://issuer.example'
const audience = 'https://api.example'
const claims = { iss: issuer, aud: audience, sub: 's', iat: now, exp: now + 600 }
const policy: VerifyPolicy = { keys: key, issuer, audience, algorithms: ['HS256'], typ: 'JWT' }
const verify = createJwtVerifier(policy)
const sign = (changes: object = {}, typ = 'JWT'): string =>
  signJwt({ ...claims, ...changes }, key, { typ })
const encode = (text: string): string => Buffer.from(text).toString('base64url')
const headed = (header: string): string =>
  `${encode(header)}.${encode('{}')}.${encode('x'.repeat(32))}`

/** A right MAC over a header and any text after it. */
function withRightMac(behind: string): string {
  const input = `${encode('{"alg":"HS256","kid":"a","typ":"JWT"}')}${behind}`
  const mac = createHmac('sha256', Buffer.alloc(32, 1)).update(input).digest('base64url')
  return `${input}.${mac}`
}

/** For every reason, tokens that provoke it. */
const census: Readonly<Record<JwtRefusal['reason'], readonly string[]>> = {
  too_large: [sign({ note: 'x'.repeat(20_000) })],
  malformed: [
    '',
    '.',
    '..',
    'a',
    'a.b',
    'a.b.c',
    'a.b.c.d',
    `${sign()}.`,
    '.e30.',
    '.'.repeat(1000),
    headed('[]'),
    headed('"x"'),
    headed('1'),
    headed('null'),
    headed('{"alg":7}'),
    headed('{}'),
    headed('{"alg":"HS256","kid":5}'),
    headed('{"alg":"HS256","typ":5}'),
    headed('{"alg":"HS256","cty":5}'),
    withRightMac(''),
    ...['.e30=', '.e3 0', '.e31', '.e', '.e3+0', '.é30'].map(withRightMac),
    `${encode('{"alg":"HS256"}')}.a!.${'A'.repeat(43)}`,
    `${'A'.repeat(6000)}.e30.`,
  ],
  header_unsupported: [
    headed('{"alg":"HS256","crit":["exp"]}'),
    headed('{"alg":"HS256","b64":true}'),
    signJwt(claims, key, { header: { cty: 'application/JWT' } }),
  ],
  algorithm_not_allowed: [
    'none',
    'None',
    'NONE',
    'nOnE',
    'none ',
    ' none',
    'none\\u0000',
    'n\u043ene',
    '',
    'HS512',
    'hs256',
    'RS256',
    '__proto__',
    'toString',
  ].map((alg) => headed(`{"alg":"${alg}"}`)),
  key_unknown: [headed('{"alg":"HS256","kid":"b"}'), headed('{"alg":"HS256","kid":"toString"}')],
  signature_invalid: [
    `${sign().slice(0, -43)}${'A'.repeat(43)}`,
    sign().slice(0, -1),
    sign().slice(0, -43),
    `${sign()}A`,
  ],
  typ_mismatch: [sign({}, 'at+jwt'), sign({}, '')],
  claims_malformed: [
    signJws('[]', key, { typ: 'JWT' }),
    signJws('{"a":1,"a":2}', key, { typ: 'JWT' }),
    signJws('', key, { typ: 'JWT' }),
  ],
  issuer_mismatch: [sign({ iss: 'https://evil.example' })],
  audience_mismatch: [sign({ aud: 'https://evil.example' })],
  expired: [sign({ iat: now - 600, exp: now - 10 })],
  not_yet_valid: [sign({ nbf: now + 11 })],
  issued_in_future: [sign({ iat: now + 11 })],
  claim_missing: [sign({ exp: undefined }), sign({ iss: undefined }), sign({ aud: undefined })],
  claim_invalid: [
    sign({ sub: 5 }),
    sign({ sub: 'a\u0085' }),
    sign({ sub: 'a\u2066' }),
    sign({ sub: 'a\u200f' }),
    sign({ jti: '' }),
    sign({ iss: 5 }),
    sign({ nbf: now + 700 }),
    sign({ nbf: -1 }),
    sign({ iat: now + 700 }),
    sign({ exp: -1 }),
    sign({ aud: '' }),
    sign({ aud: [] }),
    sign({ aud: [5] }),
    sign({ sub: 'é\u0001' }),
  ],
}

describe('every reason to refuse a token is provoked', () => {
  it('claims that are no strict JSON object are refused with their cause', () => {
    expect(census['claims_malformed']?.map((token) => verify(token, now))).toMatchObject(
      ['not_an_object', 'json_duplicate_member', 'json_syntax'].map((cause) => ({
        refusal: { reason: 'claims_malformed', cause },
      })),
    )
  })

  it('no reason lacks a token', () => {
    expect(Object.keys(census).toSorted()).toEqual([...jwtRefusalReasons].toSorted())
    expect(Object.values(census).every((tokens) => tokens.length > 0)).toBe(true)
  })

  it.each(
    Object.entries(census).flatMap(([reason, tokens]) =>
      tokens.map((token, at) => ({ reason, at, token })),
    ),
  )('$reason $at', ({ reason, token }) => {
    const refused = verify(token, now)
    expect(refused).toMatchObject({ ok: false, refusal: { reason } })
    expect(JSON.stringify(refused).length).toBeLessThan(160)
  })

  it('each reason says whether the signature was proven', () => {
    const proven = [...jwtRefusalReasons].filter((reason) => isProvenReason(reason))
    expect(proven).toEqual([
      'typ_mismatch',
      'claims_malformed',
      'issuer_mismatch',
      'audience_mismatch',
      'expired',
      'not_yet_valid',
      'issued_in_future',
      'claim_missing',
      'claim_invalid',
    ])
    expect(isProvenReason('anything')).toBe(false)
  })

  it('a value that is no text is refused too', () => {
    for (const value of [undefined, null, 5, {}, [sign()]]) {
      expect(verify(value as string, now)).toMatchObject({
        refusal: { reason: 'malformed' },
      })
    }
  })
})

describe('moments', () => {
  const rows: readonly [string, object, string | undefined][] = [
    ['valid while now < exp + leeway', { iat: now - 60, exp: now - 9.5 }, undefined],
    ['over at exp + leeway', { iat: now - 60, exp: now - 10 }, 'expired'],
    ['exp with a fraction', { exp: now + 0.5 }, undefined],
    ['exp zero', { iat: undefined, exp: 0 }, 'expired'],
    ['nbf at the edge', { nbf: now + 10 }, undefined],
    ['iat at the edge', { iat: now + 10 }, undefined],
    ['iat and exp alike', { iat: now, exp: now }, undefined],
    ['no iat', { iat: undefined }, undefined],
  ]
  it.each(rows)('%s', (_, changes, reason) => {
    const result = verify(sign(changes), now)
    expect(result.ok ? undefined : result.refusal.reason).toBe(reason)
  })

  it('are checked by the system’s clock by default, and without leeway where it is 0', () => {
    const strict = createJwtVerifier({ ...policy, leewaySeconds: 0 })
    expect(strict(sign({ exp: now }), now)).toMatchObject({ refusal: { reason: 'expired' } })
    const patient = createJwtVerifier({ ...policy, leewaySeconds: 60 })
    expect(patient(sign({ iat: now - 90, exp: now - 59 }), now).ok).toBe(true)
    const present = Math.floor(Date.now() / 1000)
    expect(verify(sign({ iat: present, exp: present + 60 })).ok).toBe(true)
    expect(() => verify(sign(), Number.NaN as EpochSeconds)).toThrow('finite')
  })
})

describe('policies', () => {
  it('name several issuers, audiences, types and algorithms', () => {
    const wide = createJwtVerifier({
      ...policy,
      issuer: ['x', issuer],
      audience: ['y', audience],
      typ: ['at+jwt', ''],
    })
    for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt', ''])
      expect(wide(sign({}, typ), now).ok).toBe(true)
    for (const typ of ['JWT', 'at+jwt;v=1', 'application/x/at+jwt', 'application/']) {
      expect(wide(sign({}, typ), now)).toMatchObject({ refusal: { reason: 'typ_mismatch' } })
    }
    expect(wide(sign({ aud: ['y', audience] }, ''), now).ok).toBe(true)
  })

  it('accept a token for other audiences only with allowOtherAudiences', () => {
    const token = sign({ aud: [audience, 'other'] })
    expect(verify(token, now)).toMatchObject({ refusal: { reason: 'audience_mismatch' } })
    expect(createJwtVerifier({ ...policy, allowOtherAudiences: true })(token, now).ok).toBe(true)
  })

  it('require further claims', () => {
    const asking = createJwtVerifier({ ...policy, require: ['sub', 'scope'] })
    expect(asking(sign(), now)).toMatchObject({
      refusal: { reason: 'claim_missing', claim: 'scope' },
    })
    expect(asking(sign({ scope: null }), now)).toMatchObject({
      refusal: { reason: 'claim_missing' },
    })
    expect(asking(sign({ scope: 'a' }), now).ok).toBe(true)
  })

  const wrong: readonly [string, object][] = [
    ['no keys', { keys: undefined }],
    ['no issuer', { issuer: undefined }],
    ['an empty issuer', { issuer: '' }],
    ['no audience', { audience: [] }],
    ['an audience that is no text', { audience: [5] }],
    ['no algorithms', { algorithms: [] }],
    ['an algorithm as a text', { algorithms: 'HS256' }],
    ['alg none', { algorithms: ['none'] }],
    ['no typ', { typ: undefined }],
    ['a leeway over a minute', { leewaySeconds: 61 }],
    ['a leeway below zero', { leewaySeconds: -1 }],
    ['a leeway in letters', { leewaySeconds: '10' }],
    ['no size', { tokenBytesMax: 0 }],
    ['a key for another algorithm', { algorithms: ['HS512'] }],
    ['a private key', { keys: generateKey('ES256'), algorithms: ['ES256'] }],
    ['a key of JWE', { keys: [generateKey('A128KW')], algorithms: ['A128KW'] }],
  ]
  it.each(wrong)('throw at once: %s', (_, change) => {
    expect(() => createJwtVerifier({ ...policy, ...change })).toThrow('policy')
  })

  it('a private key in a set throws when a token asks for it', () => {
    const own = generateKey('ES256')
    const inSet = createJwtVerifier({ ...policy, keys: keySetOf([own]), algorithms: ['ES256'] })
    expect(() => inSet(signJwt(claims, own), now)).toThrow('publicKeyOf')
  })

  it('verifyJwt reads a changed policy at each call, and createJwtVerifier does not', () => {
    const changing: { -readonly [name in keyof VerifyPolicy]: VerifyPolicy[name] } = {
      ...policy,
      audience: [audience],
    }
    const prepared = createJwtVerifier(changing)
    const withNow = Object.assign(changing, { now })
    expect(verifyJwt(sign(), withNow).ok).toBe(true)
    // A change inside a list of the same identity counts too.
    Object.assign(changing.audience, ['https://other.example'])
    expect(verifyJwt(sign(), withNow)).toMatchObject({ refusal: { reason: 'audience_mismatch' } })
    Object.assign(changing.audience, [audience])
    expect(verifyJwt(sign(), withNow).ok).toBe(true)
    withNow.issuer = 'https://other.example'
    expect(verifyJwt(sign(), withNow)).toMatchObject({ refusal: { reason: 'issuer_mismatch' } })
    expect(prepared(sign(), now).ok).toBe(true)
  })
})

describe('keys and headers', () => {
  it('are picked by kid, and many headers are distinguished', () => {
    const keys = Array.from({ length: 40 }, (_, at) =>
      unwrap(importKey(Buffer.alloc(32, at + 1), { alg: 'HS256', kid: `k${at}` })),
    )
    const many = createJwtVerifier({ ...policy, keys })
    for (const one of [...keys, ...keys]) {
      const result = many(signJwt(claims, one), now)
      expect(result).toMatchObject({ ok: true, value: { key: one, header: { kid: one.kid } } })
    }
  })

  it('never use a key that a header brings', () => {
    const mine = generateKey('ES256', { kid: 'a' })
    const forger = generateKey('ES256', { kid: 'a' })
    const check = createJwtVerifier({ ...policy, keys: publicKeyOf(mine), algorithms: ['ES256'] })
    for (const header of [
      { jwk: { kty: 'oct', k: 'AA' } },
      { jku: 'https://evil.example' },
      { x5c: ['AA'] },
      { x5u: 'https://evil.example' },
    ]) {
      expect(check(signJwt(claims, forger, { header }), now)).toMatchObject({
        refusal: { reason: 'signature_invalid' },
      })
      expect(check(signJwt(claims, mine, { header }), now).ok).toBe(true)
    }
  })

  it('a header in a result cannot be changed for the next one', () => {
    const { header } = unwrap(verify(signJwt(claims, key, { header: { x: { y: [1] } } }), now))
    expect(() => Object.assign(header, { kid: 'b' })).toThrow('read only')
    expect(() => Object.assign(header['x'] as object, { y: 2 })).toThrow('read only')
  })

  it('tokens longer than the buffers are verified too', () => {
    const large = createJwtVerifier({ ...policy, tokenBytesMax: 100_000 })
    expect(large(sign({ note: 'x'.repeat(40_000) }), now).ok).toBe(true)
    const pair = generateKey('ES256')
    const check = createJwtVerifier({
      ...policy,
      keys: publicKeyOf(pair),
      algorithms: ['ES256'],
      tokenBytesMax: 100_000,
    })
    expect(check(signJwt({ ...claims, note: 'é'.repeat(9000) }, pair), now).ok).toBe(true)
  })
})

describe('signing', () => {
  const circle = {}
  const deep = (levels: number): object =>
    Array.from({ length: levels - 1 }).reduce<object>((inner) => ({ inner }), {})

  const misuse: readonly [string, () => unknown][] = [
    ['a public key', () => signJwt(claims, publicKeyOf(generateKey('ES256')))],
    ['claims of 17 levels', () => signJwt(deep(17), key)],
    ['claims that contain themselves', () => signJwt(Object.assign(circle, { circle }), key)],
    ['a typ that is no text', () => signJwt(claims, key, { typ: 5 as never })],
    ['a key of JWE', () => signJwt(claims, generateKey('A128KW'))],
    ['a list', () => signJwt([], key)],
    ['null', () => signJwt(null as unknown as object, key)],
    ['an object with toJSON that returns a text', () => signJwt(new Date(0), key)],
    ['a time as text', () => signJwt({ exp: '5' }, key)],
    ['an infinite number', () => signJwt({ exp: Number.POSITIVE_INFINITY }, key)],
    ['an infinite number deep inside', () => signJwt({ a: { b: [Number.NaN] } }, key)],
    ['a lone surrogate', () => signJwt({ sub: '\ud800' }, key)],
    ['__proto__', () => signJwt(JSON.parse('{"__proto__":1}') as object, key)],
    ['a header alg', () => signJwt({}, key, { header: { alg: 'none' } })],
    ['a header crit', () => signJwt({}, key, { header: { crit: ['x'] } })],
    ['a header typ', () => signJwt({}, key, { header: { typ: 'x' } })],
    ['a header that is no strict JSON', () => signJwt({}, key, { header: { x: '\ud800' } })],
  ]
  it('writes claims as deep as a verifier accepts', () => {
    expect(verify(signJwt({ ...claims, note: deep(15) }, key), now).ok).toBe(true)
  })

  it.each(misuse)('throws for %s', (_, act) => {
    expect(act).toThrow(TypeError)
  })

  it('writes text so that no name breaks out of it', () => {
    const name = 'x","admin":true,"y":"'
    expect(unwrap(verify(sign({ name, emoji: '😀\\ud800' }), now)).claims).toMatchObject({
      name,
      emoji: '😀\\ud800',
    })
  })

  it('leaves typ out when it is empty', () => {
    const header = unwrap(
      decodeUnverified(signJwt(claims, key, { typ: '', header: { x: 1 } })),
    ).header
    expect(header).toEqual({ alg: 'HS256', kid: 'a', x: 1 })
  })
})

describe('decodeUnverified', () => {
  it('reads a token without verifying it', () => {
    expect(unwrap(decodeUnverified(`${sign().slice(0, -43)}AAAA`)).claims).toEqual(claims)
  })

  const rows: readonly [unknown, string][] = [
    [5, 'malformed'],
    ['a.b', 'malformed'],
    [`${sign()}.x`, 'malformed'],
    [headed('[]'), 'malformed'],
    [sign().replace('.', '.='), 'malformed'],
    [`${sign()}=`, 'malformed'],
    ['x'.repeat(70_000), 'too_large'],
    [signJws('[1]', key), 'claims_malformed'],
    [signJws('{', key), 'claims_malformed'],
  ]
  it.each(rows)('refuses a value that is no token (%#)', (token, reason) => {
    expect(decodeUnverified(token as string)).toMatchObject({ refusal: { reason } })
  })
})

describe('a policy object that is changed after it was used', () => {
  const other = unwrap(importKey(Buffer.alloc(32, 2), { alg: 'HS256', kid: 'a' }))
  const token = sign({ aud: [audience, 'other'], exp: now - 5, iat: now - 60 })
  const used = { ...policy, now, keys: keySetOf([key]), allowOtherAudiences: true }
  it.each<[string, Partial<VerifyPolicy>]>([
    ['signature_invalid', { keys: keySetOf([other]) }],
    ['issuer_mismatch', { issuer: 'https://other.example' }],
    ['audience_mismatch', { audience: 'https://other.example' }],
    ['audience_mismatch', { allowOtherAudiences: false }],
    ['algorithm_not_allowed', { algorithms: ['HS512'] }],
    ['typ_mismatch', { typ: 'at+jwt' }],
    ['expired', { leewaySeconds: 0 }],
    ['claim_missing', { require: ['nbf'] }],
    ['too_large', { tokenBytesMax: 10 }],
  ])('is read again: %s (%#)', (reason, change) => {
    const changing = { ...used }
    expect(verifyJwt(token, changing).ok).toBe(true)
    expect(verifyJwt(token, Object.assign(changing, change))).toMatchObject({ refusal: { reason } })
  })
})

describe('the edges of claims', () => {
  const invalid: readonly [string, object][] = [
    ['iss', { iss: 5 }],
    ['aud', { aud: '' }],
    ['aud', { aud: [] }],
    ['aud', { aud: [audience, ''] }],
    ['nbf', { nbf: now + 601 }],
    ['iat', { iat: now + 601 }],
    ['sub', { sub: 'x'.repeat(1025) }],
    ['jti', { jti: '' }],
    ['sub', { sub: 'a\u007fb' }],
    ['jti', { jti: 'a\u007f', name: '\u00e9' }],
  ]
  it.each(invalid)('%s is named when it is invalid (%#)', (claim, changes) => {
    expect(verify(sign(changes), now)).toEqual({
      ok: false,
      refusal: { reason: 'claim_invalid', claim },
    })
  })

  it.each([
    ['nbf at exp', { nbf: now + 5, exp: now + 5 }],
    ['the last moment of the year 9999', { exp: 253_402_300_799 }],
    ['the longest sub', { sub: 'x'.repeat(1024) }],
  ])('%s is taken', (_, changes) => {
    expect(verify(sign(changes), now).ok).toBe(true)
  })

  it('a list of audiences that fits does not end the checks', () => {
    expect(verify(sign({ aud: [audience], exp: now - 60, iat: now - 90 }), now)).toMatchObject({
      refusal: { reason: 'expired' },
    })
  })
})

describe('signed bytes', () => {
  it('may be as long as the limit, and not a letter longer', () => {
    const token = signJws('payload', key)
    const limited = (tokenBytesMax: number): boolean =>
      verifyJws(token, { keys: key, algorithms: ['HS256'], tokenBytesMax }).ok
    expect(limited(token.length)).toBe(true)
    expect(limited(token.length - 1)).toBe(false)
  })

  it('come back complete, and their type counts when a policy names one', () => {
    const payload = Uint8Array.from([0, 255, 10])
    const token = signJws(payload, key, { typ: 'x' })
    const read = unwrap(verifyJws(token, { keys: [key], algorithms: ['HS256'], typ: ['X'] }))
    expect([...read.payload]).toEqual([...payload])
    expect(verifyJws(token, { keys: key, algorithms: ['HS256'], typ: 'y' })).toMatchObject({
      refusal: { reason: 'typ_mismatch' },
    })
    expect(
      verifyJws(token, { keys: keySetOf([key]), algorithms: ['HS256'], tokenBytesMax: 20 }),
    ).toMatchObject({ refusal: { reason: 'too_large' } })
  })
})

describe('the thrown form', () => {
  it('carries the refusal, and its message is the reason alone', () => {
    expect(() => unwrap(verify('x', now))).toThrow(JwtRefused)
    expect(new JwtRefused({ reason: 'expired' })).toMatchObject({
      message: 'expired',
      name: 'JwtRefused',
      refusal: { reason: 'expired' },
    })
  })
})
