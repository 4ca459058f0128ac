import { createHmac, createSecretKey, generateKeyPairSync } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { publicKeyOf } from '../jwk/export-jwk.ts'
import { generateKey } from '../jwk/generate-key.ts'
import { privateKeyAgrees } from '../jwk/private-key-agrees.ts'
import { signJwt } from '../jwt/sign-jwt.ts'
import { createJwtVerifier } from '../jwt/verify-jwt.ts'
import type { EpochSeconds } from '../time.ts'
import { halfHash } from './half-hash.ts'
import { prepareHmac } from './hmac.ts'
import { factsOf, runtimeOffers } from './key-objects.ts'
import { signatureAlgorithms, type JwsAlgorithm } from './signature-algorithms.ts'
import { isWeakPoint } from './weak-keys.ts'

const now = 1_790_000_000 as EpochSeconds
const names = Object.keys(signatureAlgorithms) as JwsAlgorithm[]
const offered = names.filter((alg) => runtimeOffers(alg))
const claims = { iss: 'i', aud: 'a', sub: 's', exp: now + 60 }

describe.each(offered)('%s', (alg) => {
  const key = generateKey(alg, { kid: 'k' })
  const keys = key.kind === 'secret' ? key : publicKeyOf(key)
  const verify = createJwtVerifier({
    keys,
    issuer: 'i',
    audience: 'a',
    algorithms: [alg],
    typ: 'JWT',
  })
  const token = signJwt(claims, key)

  it('verifies what it signs', () => {
    expect(verify(token, now)).toMatchObject({ ok: true, value: { claims } })
  })

  it('refuses every edit of a single character', () => {
    const letter = fc.constantFrom(...Array.from('ABYZabyz0189-_.=+/ \n\té\u0141'))
    const edit = fc.record({
      at: fc.nat(token.length),
      letter,
      kind: fc.constantFrom('change', 'add', 'drop'),
    })
    fc.assert(
      fc.property(edit, ({ at, letter, kind }) => {
        const rest = token.slice(kind === 'add' ? at : at + 1)
        const edited = token.slice(0, at) + (kind === 'drop' ? '' : letter) + rest
        expect(verify(edited, now).ok).toBe(edited === token)
      }),
      { numRuns: 150 },
    )
  })

  it('refuses a signature that is empty, cut, longer, all zero, or by another key', () => {
    const end = token.lastIndexOf('.') + 1
    const bytes = Buffer.from(token.slice(end), 'base64url')
    const other = signJwt(claims, generateKey(alg, { kid: 'k' })).slice(end)
    const zero = Buffer.alloc(bytes.length)
    for (const signature of [
      bytes.subarray(0, 0),
      bytes.subarray(0, 1),
      bytes.subarray(0, 16),
      bytes.subarray(1),
      Buffer.concat([bytes, zero.subarray(0, 1)]),
      zero,
    ]) {
      expect(verify(token.slice(0, end) + signature.toString('base64url'), now).ok).toBe(false)
    }
    expect(verify(token.slice(0, end) + other, now).ok).toBe(false)
  })
})

describe('ECDSA signatures out of range or in another form', () => {
  const order = { ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n }
  const key = generateKey('ES256')
  const verify = createJwtVerifier({
    keys: publicKeyOf(key),
    issuer: 'i',
    audience: 'a',
    algorithms: ['ES256'],
    typ: 'JWT',
  })
  const token = signJwt(claims, key)
  const end = token.lastIndexOf('.') + 1
  const bytes = Buffer.from(token.slice(end), 'base64url')
  const number = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
  const [r, s] = [bytes.subarray(0, 32), bytes.subarray(32)]
  const rows: readonly [string, Buffer][] = [
    ['r = 0', Buffer.concat([number(0n), s])],
    ['s = 0', Buffer.concat([r, number(0n)])],
    ['r = n', Buffer.concat([number(order.ES256), s])],
    ['s = n', Buffer.concat([r, number(order.ES256)])],
    ['r = n + 1', Buffer.concat([number(order.ES256 + 1n), s])],
    ['DER', Buffer.concat([Buffer.from([0x30, 70, 2, 33, 0]), r, Buffer.from([2, 33, 0]), s])],
    ['63 bytes', bytes.subarray(0, 63)],
    ['65 bytes', Buffer.concat([Buffer.alloc(1), bytes])],
  ]
  it.each(rows)('%s', (_, signature) => {
    expect(verify(token.slice(0, end) + signature.toString('base64url'), now)).toMatchObject({
      refusal: { reason: 'signature_invalid' },
    })
  })
})

it('an Ed25519 signature whose S is not reduced is refused', () => {
  const key = generateKey('Ed25519')
  const verify = createJwtVerifier({
    keys: publicKeyOf(key),
    issuer: 'i',
    audience: 'a',
    algorithms: ['Ed25519'],
    typ: 'JWT',
  })
  const token = signJwt(claims, key)
  const end = token.lastIndexOf('.') + 1
  const bytes = Buffer.from(token.slice(end), 'base64url')
  const order = 2n ** 252n + 27742317777372353535851937790883648493n
  const s = BigInt(`0x${Buffer.from(bytes.subarray(32).toReversed()).toString('hex')}`) + order
  const written = Buffer.from(Buffer.from(s.toString(16).padStart(64, '0'), 'hex').toReversed())
  const again = Buffer.concat([bytes.subarray(0, 32), written]).toString('base64url')
  expect(verify(token.slice(0, end) + again, now)).toMatchObject({
    refusal: { reason: 'signature_invalid' },
  })
})

describe('HMAC over prepared blocks', () => {
  it.each(['sha256', 'sha384', 'sha512'] as const)(
    '%s is the runtime’s own for every size of secret and text',
    (hash) => {
      for (const size of [1, 32, 63, 64, 65, 128, 129, 300]) {
        const secret = Buffer.alloc(size, size)
        const mac = prepareHmac(hash, secret)
        for (const length of [0, 1, 500, 4096, 4097, 9000]) {
          const text = 'a'.repeat(length)
          const expected = createHmac(hash, secret).update(text).digest('base64url')
          expect(mac(text, length)).toBe(expected)
          expect(mac(`${text}.more`, length)).toBe(expected)
        }
      }
    },
  )
})

describe('keys of a wrong type and mixed key pairs', () => {
  it('a key of another type verifies nothing and throws nothing', () => {
    const { publicKey } = generateKeyPairSync('x25519')
    const row = signatureAlgorithms.ES256
    expect(row.family === 'signature' && row.verify(publicKey)('a.b', 3, Buffer.alloc(64))).toBe(
      false,
    )
  })

  it('are distinguished', () => {
    const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey
    const bitcoin = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey
    expect(factsOf(pss)).toMatchObject({ kty: 'other', name: 'rsa-pss' })
    expect(factsOf(bitcoin)).toMatchObject({ kty: 'EC', name: 'secp256k1' })
    expect(factsOf(createSecretKey(Buffer.alloc(4)))).toMatchObject({ kind: 'secret', bits: 32 })
    expect(isWeakPoint('P-256', Buffer.alloc(64))).toBe(false)
  })

  it('halves of two pairs do not agree', () => {
    const [a, b] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')]
    expect(privateKeyAgrees(a.privateKey, a.publicKey)).toBe(true)
    expect(privateKeyAgrees(a.privateKey, b.publicKey)).toBe(false)
  })

  it('half hashes exist where they are agreed', () => {
    const lengths = names.map((alg) => halfHash(alg, 'x')?.length)
    expect(lengths).toEqual([
      22,
      32,
      43,
      22,
      32,
      43,
      22,
      32,
      43,
      22,
      32,
      43,
      43,
      43,
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})
