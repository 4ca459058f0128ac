import { Buffer } from 'node:buffer'
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { expect, test } from 'vitest'

import { signatureAlgorithms } from './signature-algorithms.ts'
import { startsWithWeakPoint } from './weak-keys.ts'

/** The y of every point of small order on edwards25519, little end first, sign of x left clear. */
const smallOrder = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]

test.for(smallOrder)('A38 a signature that begins with %s is refused', (point) => {
  for (const sign of [0, 0x80]) {
    const signature = Buffer.concat([Buffer.from(point, 'hex'), Buffer.alloc(32, 5)])
    signature[31] = signature.readUInt8(31) | sign
    expect(startsWithWeakPoint('Ed25519', signature)).toBe(true)
  }
})

test('the same first byte alone is no reason', () => {
  for (const first of [0x00, 0x01, 0xec, 0x26, 0xc7]) {
    const signature = Buffer.alloc(64, 9)
    signature[0] = first
    expect(startsWithWeakPoint('Ed25519', signature)).toBe(false)
  }
})

test('Ed448 has points of small order too', () => {
  for (const first of [0, 1]) {
    const signature = Buffer.alloc(114)
    signature[0] = first
    signature[60] = 7
    expect(startsWithWeakPoint('Ed448', signature)).toBe(true)
  }
})

test('a thousand honest signatures are accepted', () => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const row = signatureAlgorithms.Ed25519
  if (row.family !== 'signature') throw new Error('Ed25519 signs')
  const verify = row.verify(createPublicKey(privateKey))
  for (let at = 0; at < 1000; at += 1) {
    const text = String(at)
    expect(verify(text, text.length, sign(null, Buffer.from(text), privateKey))).toBe(true)
  }
})
