import { createSecretKey, generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { runtimeOffers } from '../crypto/key-objects.ts'
import { importKey } from './import-key.ts'
import { type Jwk } from './jwk.ts'
import { createKeySet } from './key-set.ts'
import { type KeyAlgorithm } from './key-shapes.ts'
import {
  rsa,
  ec,
  rsaJwk,
  rsaPublicJwk,
  ecJwk,
  ecPublicJwk,
  edPublicJwk,
  spki,
  pkcs8,
  secret,
  jwkOf,
  base64url,
  text,
  bytesOf,
  littleEndian,
  certificatePem,
  rocaModulus,
} from './key.samples.ts'
import { keyRefusalReasons } from './refusal.ts'
import { unwrap } from '../jwt/jwt-refused.ts'

const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const p25519 = 2n ** 255n - 19n
const order8 = 0x5fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n
const x25519Jwk = jwkOf(generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' }))
const weakExponent = (e: string): Jwk => ({ ...rsaPublicJwk, e })
const overLong = (value: string | undefined): string =>
  base64url(Buffer.concat([Buffer.alloc(1), Buffer.from(value ?? '', 'base64url')]))

/** A row: the fault, the algorithm, the material and the reason. */
const refusals: readonly [string, KeyAlgorithm, string | Uint8Array | Jwk, object][] = [
  [
    'an EC key for RS256',
    'RS256',
    ecPublicJwk,
    { reason: 'key_wrong_kind', looksLike: 'a JWK of type EC' },
  ],
  [
    'an RSA PEM for ES256',
    'ES256',
    text(rsa.publicKey.export(spki)),
    {
      reason: 'key_wrong_kind',
      needs: 'ES256 needs a key of type EC (P-256)',
      looksLike: 'a public RSA key of 2048 bits',
    },
  ],
  [
    'P-384 for ES256',
    'ES256',
    text(p384.publicKey.export(spki)),
    { reason: 'key_wrong_kind', looksLike: 'a public P-384 key' },
  ],
  [
    'a P-384 JWK for ES256',
    'ES256',
    jwkOf(p384.publicKey.export({ format: 'jwk' })),
    { reason: 'key_wrong_kind' },
  ],
  [
    'a JWK of an unknown type',
    'ES256',
    { kty: 'XX' },
    { reason: 'key_wrong_kind', looksLike: 'a JWK of an unknown type' },
  ],
  ['a name of another type', 'ES256', { ...ecPublicJwk, kty: 'OKP' }, { reason: 'key_wrong_kind' }],
  [
    'a text for ES256',
    'ES256',
    'x'.repeat(42),
    { reason: 'key_unreadable', looksLike: 'a 42-character text' },
  ],
  ['bytes for ES256', 'ES256', secret, { reason: 'key_unreadable', looksLike: '32 bytes' }],
  [
    'bytes that look like DER',
    'ES256',
    Buffer.concat([Buffer.from([0x30]), secret]),
    { reason: 'key_unreadable' },
  ],
  [
    'base64 of no key',
    'ES256',
    Buffer.alloc(60, 1).toString('base64'),
    { reason: 'key_unreadable' },
  ],
  [
    'an encrypted PEM',
    'ES256',
    text(ec.privateKey.export({ ...pkcs8, cipher: 'aes-256-cbc', passphrase: 'x' })),
    { reason: 'key_unreadable', looksLike: 'PEM that holds no usable key' },
  ],
  [
    'two PEMs in one',
    'ES256',
    text(ec.publicKey.export(spki)).repeat(2),
    { reason: 'key_unreadable' },
  ],
  [
    'a PEM without content',
    'ES256',
    '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----',
    { reason: 'key_unreadable' },
  ],
  [
    'an SSH key for Ed25519',
    'Ed25519',
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5',
    { reason: 'key_unreadable', looksLike: 'an SSH public key' },
  ],
  ['a text of 70,000 letters', 'ES256', 'x'.repeat(70_000), { reason: 'key_unreadable' }],
  ['JSON that is no JWK', 'ES256', '{"a":1}', { reason: 'key_unreadable' }],
  ['JSON that is broken', 'ES256', '{"kty":', { reason: 'key_unreadable' }],
  [
    'public PEM as a secret',
    'HS256',
    text(rsa.publicKey.export(spki)),
    { reason: 'public_key_as_secret', looksLike: 'a public RSA key of 2048 bits' },
  ],
  [
    'public PEM without the last newline',
    'HS256',
    text(rsa.publicKey.export(spki)).trim(),
    { reason: 'public_key_as_secret' },
  ],
  [
    'public PEM with CRLF',
    'HS384',
    text(rsa.publicKey.export(spki)).replaceAll('\n', '\r\n'),
    { reason: 'public_key_as_secret' },
  ],
  [
    'PKCS#1 PEM as a secret',
    'HS512',
    text(rsa.publicKey.export({ type: 'pkcs1', format: 'pem' })),
    { reason: 'public_key_as_secret' },
  ],
  [
    'DER as a secret',
    'HS256',
    bytesOf(ec.publicKey.export({ type: 'spki', format: 'der' })),
    { reason: 'public_key_as_secret' },
  ],
  [
    'base64 of DER as a secret',
    'HS256',
    ec.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    { reason: 'public_key_as_secret' },
  ],
  [
    'base64 of PEM as a secret',
    'HS256',
    Buffer.from(text(ec.publicKey.export(spki))).toString('base64'),
    { reason: 'public_key_as_secret' },
  ],
  [
    'JWK text as a secret',
    'HS256',
    JSON.stringify(ecPublicJwk),
    { reason: 'public_key_as_secret', looksLike: 'a JWK of type EC' },
  ],
  [
    'pretty JWK text as a secret',
    'HS256',
    JSON.stringify(rsaPublicJwk, undefined, 2),
    { reason: 'public_key_as_secret' },
  ],
  ['a certificate as a secret', 'HS256', certificatePem, { reason: 'public_key_as_secret' }],
  [
    'an OpenSSH key as a secret',
    'HS256',
    'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY',
    { reason: 'public_key_as_secret', looksLike: 'an SSH public key' },
  ],
  [
    'an ssh-rsa key as a secret',
    'HS256',
    'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ== x',
    { reason: 'public_key_as_secret' },
  ],
  [
    'a broken PEM as a secret',
    'HS256',
    '-----BEGIN RSA PUBLIC KEY-----\nAAAA',
    { reason: 'public_key_as_secret' },
  ],
  [
    '31 bytes for HS256',
    'HS256',
    secret.subarray(1),
    { reason: 'key_too_short', bits: 248, bitsMin: 256 },
  ],
  ['47 bytes for HS384', 'HS384', Buffer.alloc(47), { reason: 'key_too_short' }],
  ['63 bytes for HS512', 'HS512', Buffer.alloc(63), { reason: 'key_too_short' }],
  ['an empty secret', 'HS256', { kty: 'oct', k: '' }, { reason: 'key_too_short' }],
  ['15 bytes for A128KW', 'A128KW', Buffer.alloc(15), { reason: 'key_too_short' }],
  ['17 bytes for A128KW', 'A128KW', Buffer.alloc(17), { reason: 'key_too_long' }],
  ['a secret of 9 kB', 'HS256', Buffer.alloc(9000), { reason: 'key_too_long' }],
  ['RSA of 1024 bits', 'RS256', text(small.export(spki)), { reason: 'key_too_short', bits: 1024 }],
  [
    'RSA of 16392 bits',
    'RS256',
    { kty: 'RSA', n: base64url(Buffer.alloc(2049, 0xff)), e: 'AQAB' },
    { reason: 'key_too_long' },
  ],
  ['e = 1', 'RS256', weakExponent('AQ'), { reason: 'rsa_exponent_weak' }],
  ['e = 1 of a private key', 'RS256', { ...rsaJwk, e: 'AQ' }, { reason: 'rsa_exponent_weak' }],
  ['e = 2', 'RS256', weakExponent('Ag'), { reason: 'rsa_exponent_weak' }],
  ['e even', 'RS256', weakExponent('AQAA'), { reason: 'rsa_exponent_weak' }],
  ['e beyond 64 bits', 'RS256', weakExponent('AQAAAAAAAAAB'), { reason: 'rsa_exponent_weak' }],
  [
    'a ROCA modulus',
    'RS256',
    { kty: 'RSA', n: rocaModulus(), e: 'AQAB' },
    { reason: 'rsa_modulus_weak' },
  ],
  [
    'an even modulus',
    'RS256',
    { kty: 'RSA', n: base64url(Buffer.alloc(256, 0xfe)), e: 'AQAB' },
    { reason: 'rsa_modulus_weak' },
  ],
  [
    'a modulus with a leading zero',
    'RS256',
    { ...rsaPublicJwk, n: overLong(rsaPublicJwk.n) },
    { reason: 'jwk_malformed', member: 'n' },
  ],
  ['no modulus', 'RS256', { kty: 'RSA', e: 'AQAB' }, { reason: 'jwk_malformed', member: 'n' }],
  ['an empty modulus', 'RS256', { kty: 'RSA', n: '', e: 'AQAB' }, { reason: 'key_too_short' }],
  [
    'a private key without its primes',
    'RS256',
    { ...rsaPublicJwk, d: rsaJwk.d ?? '' },
    { reason: 'jwk_malformed', member: 'p' },
  ],
  [
    'a prime in a public key',
    'RS256',
    { ...rsaPublicJwk, p: rsaJwk.p },
    { reason: 'jwk_malformed', member: 'd' },
  ],
  [
    'more than two primes',
    'RS256',
    { ...rsaJwk, oth: [] },
    { reason: 'jwk_malformed', member: 'oth' },
  ],
  [
    'the exponent of another key',
    'RS256',
    { ...rsaJwk, d: base64url(Buffer.alloc(255, 5)) },
    { reason: 'key_inconsistent' },
  ],
  [
    'x with a leading zero',
    'ES256',
    { ...ecPublicJwk, x: overLong(ecPublicJwk.x) },
    { reason: 'jwk_malformed', member: 'x' },
  ],
  [
    'a short x',
    'ES256',
    { ...ecPublicJwk, x: base64url(Buffer.alloc(31, 1)) },
    { reason: 'jwk_malformed', member: 'x' },
  ],
  [
    'x with padding',
    'ES256',
    { ...ecPublicJwk, x: `${ecPublicJwk.x}=` },
    { reason: 'jwk_malformed', member: 'x' },
  ],
  [
    'x as a number',
    'ES256',
    { ...ecPublicJwk, x: 5 } as unknown as Jwk,
    { reason: 'jwk_malformed', member: 'x' },
  ],
  [
    'a point off the curve',
    'ES256',
    { ...ecPublicJwk, y: ecPublicJwk.x ?? '' },
    { reason: 'point_invalid', curve: 'P-256' },
  ],
  ['a swapped crv', 'ES384', { ...ecPublicJwk, crv: 'P-384' }, { reason: 'jwk_malformed' }],
  [
    'the private part of another key',
    'ES256',
    {
      ...ecJwk,
      d: base64url(Buffer.alloc(32, 3)),
    },
    { reason: 'key_inconsistent' },
  ],
  ...[0n, 1n, p25519 - 1n, order8, p25519 - order8, p25519, p25519 + 1n].map(
    (y, at): [string, KeyAlgorithm, Jwk, object] => [
      `Ed25519 point ${at} of small order or another spelling`,
      'Ed25519',
      { kty: 'OKP', crv: 'Ed25519', x: littleEndian(y) },
      { reason: 'point_weak', curve: 'Ed25519' },
    ],
  ),
  [
    'an X25519 zero point',
    'ECDH-ES',
    { ...x25519Jwk, x: littleEndian(0n) },
    { reason: 'point_weak' },
  ],
  [
    'an X25519 point of small order',
    'ECDH-ES',
    {
      ...x25519Jwk,
      x: littleEndian(0x57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3bc959c5fn),
    },
    { reason: 'point_weak' },
  ],
  [
    'the alg of another',
    'ES256',
    { ...ecPublicJwk, alg: 'ES384' },
    { reason: 'algorithm_mismatch', alg: 'ES256' },
  ],
  [
    'EdDSA where Ed25519 is configured',
    'Ed25519',
    { ...edPublicJwk, alg: 'EdDSA' },
    { reason: 'algorithm_mismatch' },
  ],
  [
    'use enc for a signature',
    'ES256',
    { ...ecPublicJwk, use: 'enc' },
    { reason: 'use_mismatch', use: 'sig' },
  ],
  [
    'use sig for encryption',
    'ECDH-ES',
    { ...ecPublicJwk, use: 'sig' },
    { reason: 'use_mismatch', use: 'enc' },
  ],
  [
    'key_ops of encryption',
    'ES256',
    { ...ecPublicJwk, key_ops: ['deriveKey'] },
    { reason: 'use_mismatch' },
  ],
  [
    'key_ops with an operation twice',
    'ES256',
    { ...ecPublicJwk, key_ops: ['verify', 'verify'] },
    { reason: 'jwk_malformed', member: 'key_ops' },
  ],
  ['empty key_ops', 'ES256', { ...ecPublicJwk, key_ops: [] }, { reason: 'use_mismatch' }],
  [
    'key_ops as a text',
    'ES256',
    { ...ecPublicJwk, key_ops: 'verify' },
    { reason: 'jwk_malformed', member: 'key_ops' },
  ],
  [
    'kid as a number',
    'ES256',
    { ...ecPublicJwk, kid: 1 } as unknown as Jwk,
    { reason: 'jwk_malformed', member: 'kid' },
  ],
  [
    'an AKP key without alg',
    'ML-DSA-44',
    { kty: 'AKP', pub: 'AA' },
    { reason: runtimeOffers('ML-DSA-44') ? 'key_wrong_kind' : 'runtime_lacks' },
  ],
  ...[1311, 1313].map((size): [string, KeyAlgorithm, Jwk, object] => [
    `an ML-DSA-44 key of ${size} bytes`,
    'ML-DSA-44',
    { kty: 'AKP', alg: 'ML-DSA-44', pub: base64url(Buffer.alloc(size)) },
    { reason: runtimeOffers('ML-DSA-44') ? 'jwk_malformed' : 'runtime_lacks' },
  ]),
]

/** Refusals that need more than a row. */
const others: Readonly<Record<string, () => unknown>> = {
  use_mismatch: () => importKey(ecPublicJwk, { alg: 'ES256', use: 'enc' }),
  jwk_malformed: () => importKey(ecPublicJwk, { alg: 'ES256', kid: '' }),
  private_key_exposed: () => skippedOf({ keys: [ecJwk] }),
  algorithm_missing: () => skippedOf({ keys: [rsaPublicJwk] }),
  algorithm_unsupported: () => skippedOf({ keys: [{ ...rsaPublicJwk, alg: 'RSA1_5' }] }),
  algorithm_not_allowed: () => skippedOf({ keys: [{ ...rsaPublicJwk, alg: 'RS512' }] }, ['RS256']),
  set_malformed: () => createKeySet({ keys: 'x' }),
  set_too_large: () => createKeySet({ keys: Array.from({ length: 101 }, () => ecPublicJwk) }),
  key_duplicate: () =>
    createKeySet({
      keys: [
        { ...ecPublicJwk, kid: 'a' },
        { ...ecPublicJwk, kid: 'a' },
      ],
    }),
  key_reused: () =>
    createKeySet({
      keys: [
        { ...rsaPublicJwk, alg: 'RS256', kid: 'a' },
        { ...rsaPublicJwk, alg: 'PS256', kid: 'b' },
      ],
    }),
  set_mixed: () =>
    createKeySet(
      { keys: [ecPublicJwk, { kty: 'oct', k: base64url(secret), alg: 'HS256' }] },
      { acceptPrivate: true },
    ),
}

function skippedOf(jwks: unknown, algorithms: readonly KeyAlgorithm[] = []): unknown {
  const [first] = unwrap(createKeySet(jwks, { algorithms })).skipped
  return { ok: false, refusal: first?.refusal }
}

describe('a wrong key is refused', () => {
  it('and the refusal describes every kind of key', () => {
    const looks = (material: unknown): unknown => {
      const result = importKey(material as string, { alg: 'Ed25519' })
      return result.ok ? undefined : Reflect.get(result.refusal, 'looksLike')
    }
    expect(looks(createSecretKey(secret))).toBe('a 256-bit secret')
    expect(looks(ec.publicKey)).toBe('a public P-256 key')
    expect(looks({})).toBe('an object that is no JWK')
    expect(looks([])).toBe('a list')
    expect(looks(null)).toBe('a value of type object')
    expect(looks(5)).toBe('a value of type number')
    expect(looks(JSON.stringify(rsaPublicJwk))).toBe('a JWK of type RSA')
  })

  it.each(refusals)('%s (%s)', (_, alg, material, refusal) => {
    expect(importKey(material, { alg })).toMatchObject({ ok: false, refusal })
  })

  it.each(Object.entries(others))('%s', (reason, provoke) => {
    expect(provoke()).toMatchObject({ ok: false, refusal: { reason } })
  })

  it('the refusal holds nothing of the material', () => {
    for (const [, alg, material] of refusals) {
      const said = JSON.stringify(importKey(material, { alg }))
      expect(said).not.toContain(ecJwk.d ?? '')
      expect(said.length).toBeLessThan(250)
    }
  })

  it('every reason is provoked here, except that of a runtime that lacks an algorithm', () => {
    const provoked = new Set([
      ...Object.keys(others),
      ...refusals.map(([, , , refusal]) => Reflect.get(refusal, 'reason') as string),
      // Needs a runtime without ML-DSA or Ed448: the tests of other runtimes provoke it.
      'runtime_lacks',
    ])
    expect([...keyRefusalReasons].filter((reason) => !provoked.has(reason))).toEqual([])
  })

  it('values that are no material at all', () => {
    for (const value of [undefined, null, 5, [], true]) {
      const given = value as unknown as string
      expect(importKey(given, { alg: 'ES256' })).toMatchObject({ ok: false })
    }
    expect(() => importKey('x', { alg: 'none' as 'HS256' })).toThrow('does not exist')
  })
})
