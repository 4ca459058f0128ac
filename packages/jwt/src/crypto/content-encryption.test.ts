import { Buffer } from 'node:buffer'
import { createCipheriv, createHmac, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'

import { contentCiphers, isContentEncryption } from './content-encryption.ts'

const ciphers = Object.values(contentCiphers)

function sealed(cipher: (typeof ciphers)[number], text = 'attack at dawn, bring a coat') {
  const input = {
    cek: randomBytes(cipher.cekBytes),
    iv: randomBytes(cipher.ivBytes),
    aad: Buffer.from('eyJhbGciOiJkaXIifQ'),
    plaintext: Buffer.from(text),
  }
  return { ...input, ...cipher.seal(input) }
}

test.for(ciphers)('$enc opens a text that it sealed, the empty text too', (cipher) => {
  for (const text of ['', 'x', 'sixteen bytes ok', 'more than one block of bytes']) {
    const token = sealed(cipher, text)
    expect(cipher.open(token)?.toString()).toBe(text)
    expect(token.tag).toHaveLength(cipher.tagBytes)
  }
})

test.for(ciphers)('C06 $enc gives one answer to a flip in any byte of any part', (cipher) => {
  const token = sealed(cipher)
  for (const part of ['iv', 'ciphertext', 'tag', 'aad', 'cek'] as const) {
    // A flip in the second half of a CBC key keeps the MAC right: only the owner of the key can do that.
    const end = part === 'cek' && cipher.enc.includes('CBC') ? cipher.tagBytes : token[part].length
    for (let at = 0; at < end; at += 1) {
      const broken = Buffer.from(token[part])
      broken[at] = broken.readUInt8(at) ^ 1
      expect(cipher.open({ ...token, [part]: broken }), `${part} at ${at}`).toBeUndefined()
    }
  }
})

test.for(ciphers)('C05 $enc takes a tag, an iv and a key of exactly its own sizes', (cipher) => {
  const token = sealed(cipher)
  for (let length = 0; length < cipher.tagBytes; length += 1) {
    expect(cipher.open({ ...token, tag: token.tag.subarray(0, length) })).toBeUndefined()
  }
  const longer = Buffer.concat([token.tag, Buffer.alloc(1)])
  expect(cipher.open({ ...token, tag: longer })).toBeUndefined()
  for (const ivBytes of [0, 8, cipher.ivBytes - 1, cipher.ivBytes + 1, 28]) {
    expect(cipher.open({ ...token, iv: Buffer.alloc(ivBytes) })).toBeUndefined()
  }
  for (const cekBytes of [0, 8, cipher.cekBytes - 8, cipher.cekBytes + 8]) {
    expect(cipher.open({ ...token, cek: Buffer.alloc(cekBytes) })).toBeUndefined()
  }
})

test('C06 wrong padding under a right MAC is refused as well', () => {
  const cipher = contentCiphers['A128CBC-HS256']
  const token = sealed(cipher)
  const raw = createCipheriv('aes-128-cbc', token.cek.subarray(16), token.iv).setAutoPadding(false)
  const ciphertext = Buffer.concat([raw.update(Buffer.alloc(32)), raw.final()])
  const aadBits = Buffer.alloc(8)
  aadBits.writeBigUInt64BE(BigInt(token.aad.length) * 8n)
  const tag = createHmac('sha256', token.cek.subarray(0, 16))
    .update(Buffer.concat([token.aad, token.iv, ciphertext, aadBits]))
    .digest()
    .subarray(0, 16)
  expect(cipher.open({ ...token, ciphertext, tag })).toBeUndefined()
})

test.for([
  { name: 'A256GCM', known: true },
  { name: 'A256CBC-HS512', known: true },
  { name: 'a256gcm', known: false },
  { name: 'A256GCM ', known: false },
  { name: '__proto__', known: false },
  { name: 'constructor', known: false },
  { name: ['A256GCM'], known: false },
  { name: undefined, known: false },
])('$name is a content encryption: $known', ({ name, known }) => {
  expect(isContentEncryption(name)).toBe(known)
})
