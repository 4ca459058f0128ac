import { Buffer } from 'node:buffer'
import { expect, test, vi } from 'vitest'

import { unwrapAes, wrapAes } from '../crypto/aes-key-wrap.ts'
import { generateKey } from '../jwk/generate-key.ts'
import { createDecrypter } from './decrypt.ts'

// A runtime like Deno and Bun: no AES key wrap, no 192-bit ciphers.
vi.mock(import('../crypto/runtime-ciphers.ts'), () => ({
  runtimeHasCipher: (cipher: string) => !cipher.includes('wrap') && !cipher.includes('192'),
}))

test.for([
  { name: 'a content encryption', algorithms: ['A128KW'], encryptions: ['A192GCM'] },
  { name: 'a CBC content encryption', algorithms: ['A128KW'], encryptions: ['A192CBC-HS384'] },
  { name: 'a key wrap', algorithms: ['A128KW', 'A192GCMKW'], encryptions: ['A128GCM'] },
] as const)('a policy with $name that the runtime lacks throws at once', (policy) => {
  const keys = generateKey('A128KW')
  expect(() => createDecrypter({ keys, ...policy })).toThrow('this runtime has no aes-192')
})

test('where the runtime has no key wrap, single blocks give the same bytes', () => {
  // RFC 3394 §4.1
  const kek = Buffer.from('000102030405060708090A0B0C0D0E0F', 'hex')
  const cek = Buffer.from('00112233445566778899AABBCCDDEEFF', 'hex')
  const wrapped = wrapAes(kek, cek)
  expect(wrapped.toString('hex')).toBe('1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5')
  expect(unwrapAes(kek, wrapped, 16)).toEqual(cek)
  expect(unwrapAes(kek, Buffer.alloc(24), 16)).toBeUndefined()
})
