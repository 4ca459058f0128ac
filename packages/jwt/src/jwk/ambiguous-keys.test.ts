import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'

import { exportJwk } from './export-jwk.ts'
import { generateKey } from './generate-key.ts'
import { importKey } from './import-key.ts'
import { createKeySet } from './key-set.ts'

test.for([
  { namedCurve: 'P-256', alg: 'ES256' },
  { namedCurve: 'P-384', alg: 'ES384' },
  { namedCurve: 'P-521', alg: 'ES512' },
] as const)('A36 a key that spells out $namedCurve instead of naming it is refused', (row) => {
  const { namedCurve, alg } = row
  for (const paramEncoding of ['named', 'explicit'] as const) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve, paramEncoding })
    const spki = publicKey.export({ format: 'pem', type: 'spki' })
    const pkcs8 = privateKey.export({ format: 'pem', type: 'pkcs8' })
    for (const material of [spki, pkcs8, publicKey, privateKey]) {
      const read = importKey(material, { alg })
      const expected = paramEncoding === 'named' ? undefined : 'point_invalid'
      expect(read.ok ? undefined : read.refusal.reason).toBe(expected)
    }
  }
})

test('A23 one kid and alg twice is refused, even where one of the two cannot be used', () => {
  const good = exportJwk(generateKey('ES256', { kid: 'a' }))
  const bad = { ...good, x: `${good.x}=` }
  const refusal = { ok: false, refusal: { reason: 'key_duplicate' } }
  expect(createKeySet({ keys: [good, bad] })).toEqual(refusal)
  expect(createKeySet({ keys: [bad, good] })).toEqual(refusal)
  expect(createKeySet({ keys: [bad, bad] })).toEqual(refusal)
})

test('members that the reader does not know may be repeated', () => {
  const good = exportJwk(generateKey('ES256', { kid: 'a' }))
  const foreign = { kty: 'EC', kid: 'a', alg: 'ES256K' }
  const set = createKeySet({
    keys: [good, foreign, foreign, { kty: 'EC', alg: 'ES256', kid: 7 }, 5],
  })
  expect(set.ok && set.value.keys).toHaveLength(1)
  expect(set.ok && set.value.skipped).toHaveLength(4)
})
