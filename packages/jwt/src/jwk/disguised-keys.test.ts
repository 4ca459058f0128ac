import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'

import { importKey } from './import-key.ts'
import { createKeySet } from './key-set.ts'

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const jwk = JSON.stringify(publicKey.export({ format: 'jwk' }))
const pem = publicKey.export({ type: 'spki', format: 'pem' })
const der = publicKey.export({ type: 'spki', format: 'der' })
const lines = pem.trim().split('\n').slice(1, -1)
const modulus = Buffer.from(String(publicKey.export({ format: 'jwk' }).n), 'base64url')

const aKey = 'a public RSA key of 2048 bits'
const aJwk = 'JSON with a JWK in it'
const somePem = 'PEM that holds no usable key'

test.for<readonly [string, string | Uint8Array, string]>([
  ['a JWK set', `{"keys":[${jwk}]}`, aJwk],
  ['a list of JWKs', `[${jwk}]`, aJwk],
  ['a JWK with a member twice', jwk.replace('{', '{"kty":"RSA",'), aJwk],
  ['a JWK with a comma too many', jwk.replace('}', ',}'), aJwk],
  ['a JWK within JSON', JSON.stringify(jwk), aJwk],
  ['a JWK set in base64', Buffer.from(`{"keys":[${jwk}]}`).toString('base64'), aJwk],
  ['DER in hex', der.toString('hex'), aKey],
  [
    'DER in hex with colons',
    (der.toString('hex').match(/../gu) ?? []).join(':').toUpperCase(),
    aKey,
  ],
  ['DER as a text', der.toString('latin1'), aKey],
  ['DER in base64 twice', Buffer.from(der.toString('base64')).toString('base64'), aKey],
  ['the lines of a PEM behind each other', lines.join(' '), aKey],
  ['a PEM in UTF-16', Buffer.from(pem, 'utf16le'), aKey],
  ['a PEM in lower case', pem.toLowerCase(), somePem],
  ['a PEM in a data URL', `data:;base64,${Buffer.from(pem).toString('base64')}`, somePem],
  [
    'an SSH key behind its options',
    'no-pty ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB',
    'an SSH public key',
  ],
  ['an SSH2 key', '---- BEGIN SSH2 PUBLIC KEY ----\nComment: of a host', 'an SSH public key'],
  ['XML', `<RSAKeyValue><Modulus>${modulus.toString('base64')}</Modulus>`, 'an RSA key in XML'],
])('A05 A06 %s is a public key and no HMAC secret', ([, material, looksLike]) => {
  expect(importKey(material, { alg: 'HS256' })).toEqual({
    ok: false,
    refusal: { reason: 'public_key_as_secret', looksLike },
  })
})

const utf16 = (given: string) => Buffer.from(given, 'utf16le')
const bigEndian = (given: string) => utf16(given).swap16()
const base64Der = der.toString('base64')
const hexOf = (given: string | Uint8Array) => Buffer.from(given).toString('hex')
const percent = (given: string) =>
  Array.from(Buffer.from(given, 'latin1'), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(
    '',
  )
const sshBlob = Buffer.concat([
  Buffer.from('\0\0\0\u0007ssh-rsa\0\0\0\u0003\u0001\0\u0001\0\0\u0001\u0001\0', 'latin1'),
  modulus,
])

/** The point of a public key on a curve, as `04`, `x` and `y`: the raw format of Web Crypto. */
function pointOn(namedCurve: string): Buffer {
  const { x = '', y = '' } = generateKeyPairSync('ec', { namedCurve }).publicKey.export({
    format: 'jwk',
  })
  return Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
}
const aPoint = 'the bare point of an EC public key'

const disguises: readonly (readonly [string, string | Uint8Array, string?])[] = [
  ['PEM', pem],
  ['DER', der],
  ['DER in base64', base64Der],
  ['DER in base64url', der.toString('base64url')],
  ['DER in base64 with quotes', `"${base64Der}"`],
  ['DER in base64 with single quotes', `'${base64Der}'`],
  ['DER in a data URL', `data:application/octet-stream;base64,${base64Der}`],
  ['DER in percent-encoding', percent(der.toString('latin1'))],
  ['DER in base64 in percent-encoding', encodeURIComponent(base64Der)],
  ['DER in base64 in UTF-16', utf16(base64Der)],
  ['DER in base64 in UTF-16, big-endian', bigEndian(base64Der)],
  ['DER in base64 behind a byte order mark', `\ufeff${base64Der}`],
  ['DER in base64 behind a byte order mark in bytes', Buffer.from(`\ufeff${base64Der}`)],
  ['DER in hex in UTF-16 with a byte order mark', utf16(`\ufeff${hexOf(der)}`)],
  [
    'DER in hex with 0x and commas',
    (hexOf(der).match(/../gu) ?? []).map((x) => `0x${x}`).join(', '),
  ],
  ['DER in hex with dashes', (hexOf(der).match(/../gu) ?? []).join('-')],
  ['DER in hex in base64', Buffer.from(hexOf(der)).toString('base64')],
  ['DER as a list of numbers', `[${[...der].join(', ')}]`],
  ['DER as numbers between commas', [...der].join(',')],
  ['DER as the JSON of a buffer', JSON.stringify(der)],
  ['PEM as the JSON of a buffer', JSON.stringify(Buffer.from(pem))],
  ['PEM in UTF-32', Buffer.from(Uint32Array.from(Buffer.from(pem)).buffer)],
  ['PEM in hex', hexOf(pem)],
  ['PEM in hex in base64', Buffer.from(hexOf(pem)).toString('base64')],
  ['PEM in percent-encoding', encodeURIComponent(pem)],
  ['PEM in the percent-encoding of addresses', encodeURI(pem)],
  ['PEM in the encoding of forms', new URLSearchParams({ a: pem }).toString().slice(2)],
  ['PEM in percent-encoding twice', encodeURIComponent(encodeURIComponent(pem))],
  ['PEM in UTF-16, big-endian, with its mark', bigEndian(`\ufeff${pem}`)],
  ['PEM in JSON with escapes', `"${pem.replaceAll('-', '\\u002d').replaceAll('\n', '\\n')}"`],
  ['PKCS#1 in DER', publicKey.export({ type: 'pkcs1', format: 'der' })],
  ['a JWK', jwk, 'a JWK of type RSA'],
  ['a JWK in base64', Buffer.from(jwk).toString('base64'), 'a JWK of type RSA'],
  ['a JWK in percent-encoding', encodeURIComponent(jwk), 'a JWK of type RSA'],
  ['a JWK in UTF-16 with a byte order mark', utf16(`\ufeff${jwk}`), 'a JWK of type RSA'],
  ['an SSH key in bytes', sshBlob, 'an SSH public key'],
  ['an SSH key in base64', sshBlob.toString('base64'), 'an SSH public key'],
  ['a point on P-256 in bytes', pointOn('P-256'), aPoint],
  ['a point on P-256 in hex', hexOf(pointOn('P-256')), aPoint],
  ['a point on P-384 in base64', pointOn('P-384').toString('base64'), aPoint],
  ['a point on P-521 in base64url', pointOn('P-521').toString('base64url'), aPoint],
]

test.for(disguises)(
  '%s is no HMAC secret in any spelling of a secret',
  ([, given, said = aKey]) => {
    const bytes = Buffer.from(given)
    const refusal = { reason: 'public_key_as_secret', looksLike: said }
    const oct = { kty: 'oct', k: bytes.toString('base64url') }
    for (const material of [given, bytes, createSecretKey(bytes), oct, JSON.stringify(oct)])
      expect(importKey(material, { alg: 'HS256' })).toEqual({ ok: false, refusal })
    for (const set of [{ keys: [{ ...oct, alg: 'HS256' }] }])
      expect(createKeySet(set, { acceptPrivate: true })).toMatchObject({
        value: { keys: [], skipped: [{ refusal }] },
      })
  },
)

test('a secret that is handed over as KeyObject or JWK is a secret', () => {
  const bytes = Buffer.from('a passphrase of forty letters, or of more')
  const oct = { kty: 'oct', k: bytes.toString('base64url') }
  for (const material of [createSecretKey(bytes), oct, bytes])
    expect(importKey(material, { alg: 'HS256' })).toMatchObject({ value: { kind: 'secret' } })
})

test('bytes that only look like a point are a secret', () => {
  const bytes = pointOn('P-256')
  bytes[64] = Number(bytes[64]) ^ 1
  expect(importKey(bytes, { alg: 'HS256' }).ok).toBe(true)
})

test('a random secret of any length and encoding is a secret', () => {
  for (let size = 32; size < 132; size += 1) {
    const bytes = randomBytes(size)
    const texts = [
      hexOf(bytes),
      bytes.toString('base64'),
      `"${hexOf(bytes)}"`,
      [...bytes].join(','),
    ]
    for (const material of [bytes, ...texts])
      expect(importKey(material, { alg: 'HS256' }).ok).toBe(true)
  }
})

test.for<readonly [string, string | Uint8Array]>([
  ['hex that begins like DER', '30'.repeat(32)],
  ['hex of an odd length', '30'.repeat(32) + '0'],
  [
    'base64 within base64 within base64',
    base64(base64(base64('a passphrase of forty letters, or more'))),
  ],
  ['bytes with zeros', new Uint8Array(32)],
  ['JSON without a key', `{"secret":"${'x'.repeat(32)}"}`],
])('%s is a secret', ([, material]) => {
  expect(importKey(material, { alg: 'HS256' }).ok).toBe(true)
})

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

test.for([0, 1])(
  'a key as numbers between commas is found at both parities of digits: %i',
  (odd) => {
    const parityOf = (bytes: Buffer): number => [...bytes].join('').length % 2
    let spki: Buffer
    do {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      spki = pair.publicKey.export({ type: 'spki', format: 'der' })
    } while (parityOf(spki) !== odd)
    expect(importKey([...spki].join(','), { alg: 'HS256' })).toMatchObject({
      refusal: { reason: 'public_key_as_secret' },
    })
  },
)
