import { createHmac } from 'node:crypto'
import { expect, it, vi } from 'vitest'

import { generateKey } from '../jwk/generate-key.ts'
import { importKey } from '../jwk/import-key.ts'
import { createKeySet } from '../jwk/key-set.ts'
import { prepareHmac } from './hmac.ts'

const hash = vi.hoisted(() => ({ now: undefined as unknown }))

// A runtime without Ed448 and ML-DSA. Each test sets its one-shot hashes.
vi.mock(import('node:crypto'), async (original) => {
  const whole = await original()
  const generateKeyPairSync = (type: string, options: object): unknown => {
    if (type === 'ed448' || type.startsWith('ml-dsa')) throw new TypeError('unknown type')
    return Reflect.apply(whole.generateKeyPairSync, whole, [type, options])
  }
  return {
    ...whole,
    generateKeyPairSync: generateKeyPairSync as typeof whole.generateKeyPairSync,
    get hash() {
      return hash.now as typeof whole.hash
    },
  }
})

const jwk = { kty: 'AKP', alg: 'ML-DSA-65', pub: 'AA', kid: 'a' }

it('a key that the runtime lacks is refused by name', () => {
  const refusal = { reason: 'runtime_lacks', alg: 'ML-DSA-65' }
  expect(importKey(jwk, { alg: 'ML-DSA-65' })).toEqual({ ok: false, refusal })
  expect(importKey(jwk, { alg: 'ML-DSA-65' })).toEqual({ ok: false, refusal })
  expect(createKeySet({ keys: [jwk] })).toMatchObject({
    ok: true,
    value: { skipped: [{ kid: 'a', refusal }] },
  })
  expect(() => generateKey('Ed448')).toThrow('this runtime lacks Ed448')
})

it.each([
  ['has none', undefined],
  [
    'throws',
    () => {
      throw new TypeError('no such encoding')
    },
  ],
  ['gives something else', () => 'AAAA'],
])('where the one-shot hash %s, the HMAC object takes its place', (_, given) => {
  hash.now = given
  const secret = Buffer.alloc(40, 3)
  expect(prepareHmac('sha256', secret)('a.b', 3)).toBe(
    createHmac('sha256', secret).update('a.b').digest('base64url'),
  )
})
