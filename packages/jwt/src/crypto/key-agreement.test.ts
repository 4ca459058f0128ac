import { Buffer } from 'node:buffer'
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { expect, test } from 'vitest'

import {
  agreeOnSecret,
  agreeWithRecipient,
  curveOf,
  generateEphemeral,
  type AgreementCurve,
} from './key-agreement.ts'

const curves: readonly AgreementCurve[] = ['P-256', 'P-384', 'P-521', 'X25519']

function aliceAndBob(curve: AgreementCurve) {
  const bob = generateEphemeral(curve)
  const { secret, epk } = agreeWithRecipient(generateEphemeral(curve), createPublicKey(bob))
  return { bob, secret, epk }
}

test.for(curves)('%s: both sides agree, and the header carries no private part', (curve) => {
  const { bob, secret, epk } = aliceAndBob(curve)
  expect(agreeOnSecret(bob, epk)).toEqual(secret)
  expect(Object.keys(epk).toSorted()).toEqual(
    curve === 'X25519' ? ['crv', 'kty', 'x'] : ['crv', 'kty', 'x', 'y'],
  )
})

test('RFC 7518 appendix C: Z of Alice and Bob', () => {
  const bob = createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: 'weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ',
      y: 'e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck',
      d: 'VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw',
    },
  })
  const secret = agreeOnSecret(bob, {
    kty: 'EC',
    crv: 'P-256',
    x: 'gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0',
    y: 'SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps',
  })
  expect(secret?.toString('base64url')).toBe('nlbZHYFxNdNyg0KDv4QmnPsxbqPagGpI9tqneYz-kMQ')
})

const bytes = (text: string): Buffer => Buffer.from(text, 'base64url')
const p256Prime = Buffer.from(
  'ffffffff00000001000000000000000000000000ffffffffffffffffffffffff',
  'hex',
)

const hostilePoints: readonly {
  name: string
  bend: (epk: Record<string, string>) => unknown
}[] = [
  { name: 'absent', bend: () => undefined },
  { name: 'null', bend: () => null },
  { name: 'text', bend: () => 'P-256' },
  { name: 'an array', bend: (epk) => [epk] },
  { name: 'with a private member', bend: (epk) => ({ ...epk, d: epk['x'] }) },
  { name: 'of another kind', bend: (epk) => ({ ...epk, kty: 'OKP' }) },
  { name: 'naming another curve', bend: (epk) => ({ ...epk, crv: 'P-384' }) },
  { name: 'naming the curve in small letters', bend: (epk) => ({ ...epk, crv: 'p-256' }) },
  { name: 'on another curve', bend: () => ({ ...aliceAndBob('P-384').epk }) },
  { name: 'of X25519', bend: () => ({ ...aliceAndBob('X25519').epk }) },
  { name: 'without y', bend: ({ kty, crv, x }) => ({ kty, crv, x }) },
  { name: 'with a number for y', bend: (epk) => ({ ...epk, y: 7 }) },
  { name: 'with padding', bend: (epk) => ({ ...epk, y: `${epk['y']}=` }) },
  {
    name: 'with a leading zero octet',
    bend: (epk) => ({
      ...epk,
      x: Buffer.concat([Buffer.alloc(1), bytes(epk['x'] ?? '')]).toString('base64url'),
    }),
  },
  {
    name: 'with a short coordinate',
    bend: (epk) => ({
      ...epk,
      x: bytes(epk['x'] ?? '')
        .subarray(1)
        .toString('base64url'),
    }),
  },
  {
    name: 'off the curve by one bit',
    bend: (epk) => {
      const y = bytes(epk['y'] ?? '')
      y[31] = y.readUInt8(31) ^ 1
      return { ...epk, y: y.toString('base64url') }
    },
  },
  { name: 'with x and y swapped', bend: (epk) => ({ ...epk, x: epk['y'], y: epk['x'] }) },
  {
    name: 'all zero',
    bend: (epk) => {
      const zero = Buffer.alloc(32).toString('base64url')
      return { ...epk, x: zero, y: zero }
    },
  },
  {
    name: 'with a coordinate beyond the field',
    bend: (epk) => ({ ...epk, x: p256Prime.toString('base64url') }),
  },
]

test.for(hostilePoints)('C04 a point $name is refused', ({ bend }) => {
  const { bob, epk } = aliceAndBob('P-256')
  expect(agreeOnSecret(bob, bend({ ...epk }))).toBeUndefined()
})

/** u-coordinates of small order, as RFC 7748 §7 warns of them; each leads to an all-zero secret. */
const smallOrder = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]

test.for(smallOrder)('C04 the X25519 point %s of small order is refused', (u) => {
  const x = Buffer.from(u, 'hex').toString('base64url')
  const epk = { kty: 'OKP', crv: 'X25519', x }
  expect(agreeOnSecret(generateEphemeral('X25519'), epk)).toBeUndefined()
})

test.for([
  { name: 'RSA', key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey },
  { name: 'Ed25519', key: generateKeyPairSync('ed25519').privateKey },
  { name: 'secp256k1', key: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey },
] satisfies { name: string; key: KeyObject }[])('a key of $name agrees on nothing', ({ key }) => {
  expect(curveOf(key)).toBeUndefined()
  expect(agreeOnSecret(key, aliceAndBob('P-256').epk)).toBeUndefined()
})
