import { expect, it } from 'vitest'

import { publicKeyOf } from '../jwk/export-jwk.ts'
import { generateKey } from '../jwk/generate-key.ts'
import { signJwt } from '../jwt/sign-jwt.ts'
import { decryptJwt } from './decrypt.ts'
import { encryptJwt } from './encrypt.ts'

it('behind RSA a wrong tag and a wrong encrypted key are refused alike', () => {
  const keys = generateKey('RSA-OAEP-256')
  const token = encryptJwt(signJwt({ sub: 's' }, generateKey('HS256')), publicKeyOf(keys))
  const [header, encrypted = '', iv, ciphertext, tag = ''] = token.split('.')
  const policy = { keys, algorithms: ['RSA-OAEP-256'], encryptions: ['A256GCM'] } as const
  const other = (text: string): string => (text.startsWith('A') ? 'B' : 'A') + text.slice(1)
  const wrongTag = [header, encrypted, iv, ciphertext, other(tag)].join('.')
  const wrongKey = [header, other(encrypted), iv, ciphertext, tag].join('.')
  expect(decryptJwt(token, policy).ok).toBe(true)
  expect(decryptJwt(wrongTag, policy)).toEqual({
    ok: false,
    refusal: { reason: 'decryption_failed' },
  })
  expect(decryptJwt(wrongKey, policy)).toEqual(decryptJwt(wrongTag, policy))
})
