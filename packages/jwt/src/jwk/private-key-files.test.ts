import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { expect, test } from 'vitest'

import { runtimeOffers } from '../crypto/key-objects.ts'
import { importKey } from './import-key.ts'
import { ec, rsa } from './key.samples.ts'

/** The DER of a private key with one of its numbers, a member of its JWK, exchanged for another's. */
function withMemberOf(key: KeyObject, member: string, other: KeyObject): Buffer {
  const [own, foreign] = [key, other].map((each) =>
    Buffer.from(String(Reflect.get(each.export({ format: 'jwk' }), member)), 'base64url'),
  ) as [Buffer, Buffer]
  const der = key.export({ format: 'der', type: 'pkcs8' })
  foreign.subarray(-own.length).copy(der, der.indexOf(own))
  return der
}

const otherEc = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const mixedPoint = withMemberOf(ec.privateKey, 'x', otherEc.privateKey)
otherEc.privateKey
  .export({ format: 'der', type: 'pkcs8' })
  .subarray(-32)
  .copy(mixedPoint, mixedPoint.length - 32)
const mixedExponent = withMemberOf(rsa.privateKey, 'd', otherRsa.privateKey)
const asPem = (der: Buffer) =>
  `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`

// The runtime reads all of these without complaint.
test.for<readonly [string, 'ES256' | 'ECDH-ES' | 'RS256' | 'RSA-OAEP-256', Buffer]>([
  ['the point of another key', 'ES256', mixedPoint],
  ['the point of another key', 'ECDH-ES', mixedPoint],
  ['the private exponent of another key', 'RS256', mixedExponent],
  ['a prime of another key', 'RS256', withMemberOf(rsa.privateKey, 'p', otherRsa.privateKey)],
  ['the private exponent of another key', 'RSA-OAEP-256', mixedExponent],
])('a file with %s is refused for %s, as a JWK is', ([, alg, der]) => {
  const refused = { ok: false, refusal: { reason: 'key_inconsistent' } }
  expect(importKey(der, { alg })).toEqual(refused)
  expect(importKey(asPem(der), { alg })).toEqual(refused)
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  expect(importKey(key, { alg })).toEqual(refused)
})

/**
 * An ML-DSA-44 key in the expanded form without its seed, whose secret vectors are all zero.
 * Source: FIPS 204 §7.2 (skEncode); RFC 9881 §6 (`expandedKey`).
 */
function expandedMlDsa(): Buffer {
  const [seed, zeros] = [Buffer.alloc(32, 7), Buffer.alloc(4 * 320)]
  const hash = createHash('shake256', { outputLength: 64 }).update(seed).update(zeros).digest()
  // A zero is written as 2 in three bits, or as 4096 in thirteen.
  const small = Buffer.alloc(8 * 96, Buffer.from('922449', 'hex'))
  const large = Buffer.alloc(4 * 416, Buffer.from('00100002400008000120000480', 'hex'))
  const head = '30820a18020100300b060960864801650304031104820a0404820a00'
  return Buffer.concat([Buffer.from(head, 'hex'), seed, Buffer.alloc(32), hash, small, large])
}

test.runIf(runtimeOffers('ML-DSA-44'))('an ML-DSA key without its seed is refused', () => {
  const der = expandedMlDsa()
  expect(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).type).toBe('private')
  expect(importKey(der, { alg: 'ML-DSA-44' })).toEqual({
    ok: false,
    refusal: {
      reason: 'key_unreadable',
      needs: 'ML-DSA-44 needs a key with its seed',
      looksLike: 'a private ML-DSA-44 key',
    },
  })
})
