import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto'
import {
  createKeySet,
  createJwtVerifier,
  exportJwk,
  generateKey,
  importKey,
  keySetOf,
  publicKeyOf,
  signJwt,
  unwrap,
  createAccessTokenVerifier,
  createClientAssertionVerifier,
  createDpopProofVerifier,
  createIdTokenVerifier,
  createLogoutTokenVerifier,
  type EpochSeconds,
  type Jwk,
  type JwsAlgorithm,
  type JwtRefusal,
  type Key,
} from '@countersign/jwt'
import { describe, expect, it } from 'vitest'

const now = 1_790_000_000 as EpochSeconds
const issuer = 'https://issuer.example'
const audience = 'https://api.example'
const claims = { iss: issuer, aud: audience, sub: 'user-1', iat: now, exp: now + 60 }
const secret = Buffer.alloc(64, 5)
const encode = (text: string): string => Buffer.from(text).toString('base64url')
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const rsaKey = unwrap(importKey(rsa.publicKey, { alg: 'RS256', kid: 'rsa' }))
const ecPair = generateKey('ES256', { kid: 'ec' })
const edPair = generateKey('Ed25519', { kid: 'ed' })
const macKey = unwrap(importKey(secret, { alg: 'HS256', kid: 'mac' }))
const allKeys = keySetOf([rsaKey, publicKeyOf(ecPair), publicKeyOf(edPair), macKey])
const policy = { issuer, audience, typ: 'JWT' }
const everything = createJwtVerifier({
  ...policy,
  keys: allKeys,
  algorithms: ['RS256', 'ES256', 'Ed25519', 'HS256'],
})

function hmac(alg: string, header: object, bytes: string | Uint8Array): string {
  const input = `${encode(JSON.stringify({ alg, typ: 'JWT', ...header }))}.${encode(JSON.stringify(claims))}`
  return `${input}.${createHmac(`sha${alg.slice(2)}`, bytes)
    .update(input)
    .digest('base64url')}`
}

/** The reason of a refusal, or 'accepted'. */
function answer(token: string): JwtRefusal['reason'] | 'accepted' {
  const result = everything(token, now)
  return result.ok ? 'accepted' : result.refusal.reason
}

/** Reasons before the proven signature: all share one public answer. */
const unproven = [
  'malformed',
  'header_unsupported',
  'algorithm_not_allowed',
  'key_unknown',
  'signature_invalid',
  'too_large',
]

describe('A: signature, algorithm and choice of key', () => {
  it('A01 alg none, with every kind of third part', () => {
    const [, payload] = signJwt(claims, macKey).split('.')
    const header = encode('{"alg":"none","typ":"JWT"}')
    const old = signJwt(claims, macKey).split('.')[2]
    for (const token of [
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${header}.${payload}.${old}`,
    ]) {
      expect(unproven).toContain(answer(token))
    }
  })

  it('A02 none in other spellings, and alg of another type', () => {
    const disguises = [
      'None',
      'NONE',
      'nOnE',
      'none ',
      ' none',
      'none\u0000',
      'n\u043ene',
      '',
      null,
      0,
      true,
      ['RS256'],
      { RS256: 1 },
      undefined,
    ]
    for (const alg of disguises) {
      const token = `${encode(JSON.stringify({ alg, typ: 'JWT', kid: 'mac' }))}.${encode(JSON.stringify(claims))}.`
      expect(unproven).toContain(answer(token))
    }
  })

  it('A05 A06 every spelling of a public key as an HMAC secret', () => {
    const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' })
    const der = rsa.publicKey.export({ type: 'spki', format: 'der' })
    const jwk = rsa.publicKey.export({ format: 'jwk' })
    const spellings = [
      pem,
      pem.trim(),
      pem.replaceAll('\n', '\r\n'),
      rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }),
      der,
      der.toString('base64'),
      JSON.stringify(jwk),
      JSON.stringify(jwk, null, 2),
      Buffer.from(jwk.n ?? '', 'base64url'),
      `ssh-rsa ${der.toString('base64')}`,
    ]
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      for (const spelling of spellings) {
        for (const kid of ['rsa', 'mac', undefined])
          expect(unproven).toContain(answer(hmac(alg, { kid }, spelling)))
      }
    }
  })

  it('A09 a JWK without alg never becomes an empty HMAC key', () => {
    const jwks = { keys: [{ ...rsa.publicKey.export({ format: 'jwk' }), kid: 'rsa' }] }
    const set = unwrap(createKeySet(jwks, { algorithms: ['RS256', 'HS256'] }))
    expect(set.keys.map(({ alg }) => alg)).toEqual(['RS256'])
    const verify = createJwtVerifier({ ...policy, keys: set, algorithms: ['RS256', 'HS256'] })
    expect(verify(hmac('HS256', { kid: 'rsa' }, ''), now)).toMatchObject({
      refusal: { reason: 'key_unknown' },
    })
  })

  it('A11 every alg with every kid but the right one', () => {
    const algorithms: readonly JwsAlgorithm[] = ['HS256', 'RS256', 'ES256', 'Ed25519']
    const kids = { HS256: 'mac', RS256: 'rsa', ES256: 'ec', Ed25519: 'ed' } as const
    for (const alg of algorithms) {
      for (const kid of Object.values(kids).filter((name) => name !== Reflect.get(kids, alg))) {
        const token = `${encode(JSON.stringify({ alg, kid, typ: 'JWT' }))}.${encode(JSON.stringify(claims))}.${'A'.repeat(86)}`
        expect(answer(token)).toBe('key_unknown')
      }
    }
  })

  it('A12 A13 one key, another padding, hash or name', () => {
    const under = (alg: JwsAlgorithm, key: KeyObject): string =>
      signJwt(claims, unwrap(importKey(key, { alg, kid: 'rsa' })))
    for (const alg of ['PS256', 'RS384', 'PS512'] as const) {
      const token = under(alg, rsa.privateKey)
      expect(answer(token)).toBe('algorithm_not_allowed')
      const wide = createJwtVerifier({
        ...policy,
        keys: keySetOf([rsaKey]),
        algorithms: ['RS256', alg],
      })
      expect(wide(token, now)).toMatchObject({ refusal: { reason: 'key_unknown' } })
    }
    const older = unwrap(importKey(exportJwkAs(edPair, 'EdDSA'), { alg: 'EdDSA', kid: 'ed' }))
    expect(answer(signJwt(claims, older))).toBe('algorithm_not_allowed')
    for (const alg of ['ES521', 'ES224', 'ES256K']) {
      expect(answer(`${encode(JSON.stringify({ alg, kid: 'ec' }))}.e30.${'A'.repeat(86)}`)).toBe(
        'algorithm_not_allowed',
      )
    }
    for (const namedCurve of ['P-384', 'secp256k1']) {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve })
      expect(importKey(publicKey, { alg: 'ES256' })).toMatchObject({
        refusal: { reason: 'key_wrong_kind' },
      })
    }
  })

  function exportJwkAs(key: Key, alg: string): Jwk {
    return { ...exportJwk(key, { private: true }), alg }
  }

  it('A15 A17 A18 keys and addresses that a header brings are never used', () => {
    const forger = generateKey('ES256', { kid: 'ec' })
    const brought = [
      { jwk: exportJwk(forger) },
      { jwk: { kty: 'oct', k: 'AA' } },
      { jku: 'http://127.0.0.1:9/' },
      { x5u: 'http://127.0.0.1:9/' },
      { x5c: ['AA'] },
      { x5t: 'AA' },
    ]
    for (const header of brought) {
      expect(answer(signJwt(claims, forger, { header }))).toBe('signature_invalid')
    }
    expect(unproven).toContain(
      answer(hmac('HS256', { kid: 'ec', jwk: { kty: 'oct', k: 'AA' } }, Buffer.alloc(1))),
    )
  })

  it('A19 A21 kid as a path, as SQL, as a name of the prototype, of another type, of 1 MB', () => {
    const texts = [
      '../../../../dev/null',
      'file\u0000.pem',
      "x' UNION SELECT 's'-- ",
      '*)(uid=*',
      '$(sleep 5)',
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
    ]
    for (const kid of texts) expect(answer(hmac('HS256', { kid }, ''))).toBe('key_unknown')
    for (const kid of [0, null, [], {}])
      expect(answer(hmac('HS256', { kid }, secret))).toBe('malformed')
    expect(answer(hmac('HS256', { kid: 'x'.repeat(1_000_000) }, secret))).toBe('too_large')
    expect(answer(hmac('HS256', { kid: 'x'.repeat(6_000) }, secret))).toBe('malformed')
  })

  it('A23 a kid that appears twice, and a secret together with key pairs', () => {
    const jwk = exportJwk(ecPair)
    expect(createKeySet({ keys: [jwk, jwk] })).toMatchObject({
      refusal: { reason: 'key_duplicate' },
    })
    const mixed = unwrap(
      createKeySet({
        keys: [jwk, { kty: 'oct', k: encode('x'.repeat(32)), kid: 'ec', alg: 'HS256' }],
      }),
    )
    expect(mixed.keys.map(({ alg }) => alg)).toEqual(['ES256'])
    expect(mixed.skipped).toMatchObject([{ kid: 'ec', refusal: { reason: 'private_key_exposed' } }])
  })

  it('A24 a key of another issuer is refused for this one', () => {
    const theirs = createJwtVerifier({
      ...policy,
      issuer: 'https://b.example',
      keys: publicKeyOf(ecPair),
      algorithms: ['ES256'],
    })
    expect(theirs(signJwt(claims, ecPair), now)).toMatchObject({
      refusal: { reason: 'issuer_mismatch' },
    })
  })

  it('A31 A32 an empty, a cut and a longer MAC', () => {
    const token = signJwt(claims, macKey)
    const end = token.lastIndexOf('.') + 1
    const mac = Buffer.from(token.slice(end), 'base64url')
    for (const bytes of [0, 1, 8, 16, 31]) {
      expect(answer(token.slice(0, end) + mac.subarray(0, bytes).toString('base64url'))).toBe(
        'signature_invalid',
      )
    }
    expect(
      answer(
        `${token.slice(0, end)}${Buffer.concat([mac, Buffer.alloc(1)]).toString('base64url')}`,
      ),
    ).toBe('signature_invalid')
  })
})

describe('B: text of tokens, JSON and claims', () => {
  it('B04 parts: 0 to 6 of them, and a million dots', () => {
    const token = signJwt(claims, macKey)
    const odd = [
      '',
      '.',
      token.slice(0, token.lastIndexOf('.')),
      `${token}.`,
      `.${token}`,
      `${token}.a.b`,
      `${token},`,
      `${token} x`,
      `${token};`,
      `${token}%00`,
      `${token}\u00a0`,
    ]
    for (const text of odd) expect(unproven).toContain(answer(text))
    expect(answer('.'.repeat(1_000_000))).toBe('too_large')
  })

  it('B10 members of the prototype give no rights', () => {
    const [header] = signJwt(claims, macKey).split('.')
    const text = JSON.stringify(claims).replace(
      '{',
      '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},',
    )
    const input = `${header}.${encode(text)}`
    const token = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
    expect(answer(token)).toBe('claims_malformed')
    expect(Reflect.get({}, 'admin')).toBeUndefined()
    expect(answer(signJwt(claims, macKey))).toBe('accepted')
  })

  it('B22 B24 no type of token passes for another', () => {
    const kinds = [
      'JWT',
      'at+jwt',
      'logout+jwt',
      'dpop+jwt',
      'client-authentication+jwt',
      'statuslist+jwt',
    ]
    const full = {
      ...claims,
      client_id: 'c',
      jti: 'j',
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      htm: 'GET',
      htu: audience,
    }
    const keys = publicKeyOf(ecPair)
    const common = { keys, issuer, audience, algorithms: ['ES256'] } as const
    const { kty, crv = '', x = '', y = '' } = exportJwk(ecPair)
    const own = { ...full, iss: 'user-1' }
    const doors: Readonly<Record<string, (typ: string) => boolean>> = {
      'at+jwt': (typ) => createAccessTokenVerifier(common)(signJwt(full, ecPair, { typ }), now).ok,
      JWT: (typ) => createIdTokenVerifier(common)(signJwt(full, ecPair, { typ }), { now }).ok,
      'logout+jwt': (typ) =>
        createLogoutTokenVerifier(common)(signJwt(full, ecPair, { typ }), now).ok,
      'dpop+jwt': (typ) =>
        createDpopProofVerifier({ algorithms: ['ES256'] })(
          signJwt(full, ecPair, { typ, header: { jwk: { kty, crv, x, y } } }),
          { method: 'GET', url: audience, now },
        ).ok,
      'client-authentication+jwt': (typ) =>
        createClientAssertionVerifier({
          keys,
          algorithms: ['ES256'],
          clientId: 'user-1',
          audience,
        })(signJwt(own, ecPair, { typ }), now).ok,
    }
    const passing = Object.entries(doors).flatMap(([door, open]) =>
      kinds.filter(open).map((typ) => `${door} < ${typ}`),
    )
    expect(passing).toEqual([
      'at+jwt < at+jwt',
      'JWT < JWT',
      'logout+jwt < logout+jwt',
      'dpop+jwt < dpop+jwt',
      'client-authentication+jwt < JWT',
      'client-authentication+jwt < client-authentication+jwt',
    ])
  })

  it('B24 a verifier of signed tokens does not open a token inside a token', () => {
    let token = signJwt(claims, macKey)
    for (let layer = 0; layer < 5; layer += 1)
      token = signJwt({ ...claims, token }, macKey, { header: { cty: 'JWT' } })
    expect(answer(token)).toBe('header_unsupported')
  })

  it('B29 8 KB is read, 64 KB and 5,000 claims are not', () => {
    expect(answer(signJwt({ ...claims, note: 'x'.repeat(8_000) }, macKey))).toBe('accepted')
    expect(answer(signJwt({ ...claims, note: 'x'.repeat(64_000) }, macKey))).toBe('too_large')
    const many = Object.fromEntries(Array.from({ length: 1_100 }, (_, at) => [`c${at}`, 0]))
    expect(() => signJwt(many, macKey)).toThrow('json_too_many_members')
  })

  it('B32 a refusal before the signature reveals nothing of the token', () => {
    const token = signJwt({ ...claims, sub: 'canary-sub' }, macKey)
    for (const text of [
      token.slice(0, -1),
      `${token}=`,
      token.replace('.', '.x'),
      hmac('HS256', { kid: 'canary-kid' }, ''),
    ]) {
      const said = JSON.stringify(everything(text, now))
      expect(said).not.toContain('canary')
      expect(said).not.toContain(token.slice(-20, -2))
    }
  })
})
