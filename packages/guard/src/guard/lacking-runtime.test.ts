import type * as crypto from 'node:crypto'
import { encryptJwt, generateKey, publicKeyOf } from '@countersign/jwt'
import { expect, it, vi } from 'vitest'
import { testIssuer } from '../testing/test-issuer.ts'
import { createGuard } from './guard.ts'

// A runtime like Deno: no 192-bit ciphers.
vi.mock(import('node:crypto'), async (original) => {
  const real: typeof crypto = await original()
  const getCiphers = () => real.getCiphers().filter((name) => !name.includes('192'))
  return { ...real, default: { ...real, getCiphers }, getCiphers }
})

it('decrypts with the ciphers of its runtime, and throws at once for a configured cipher that is missing', async () => {
  const t = testIssuer()
  const key = generateKey('ECDH-ES')
  const guard = createGuard({ ...t.options, decryptionKeys: key })
  const token = encryptJwt(t.token(), publicKeyOf(key), { enc: 'A256GCM' })
  const outcome = await guard.check({ rawHeaders: ['Authorization', `Bearer ${token}`] })
  expect(outcome.ok).toBe(true)
  const wanted = { decryptionKeys: key, decryptionEncryptions: ['A192GCM'] } as const
  expect(() => createGuard({ ...t.options, ...wanted })).toThrow('this runtime has no aes-192-gcm')
})
