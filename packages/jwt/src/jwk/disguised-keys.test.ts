import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'

import { importKey } from './import-key.ts'

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
