import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'

import { unwrapAes, unwrapAesByBlocks, wrapAes, wrapAesByBlocks } from './aes-key-wrap.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

const published = [
  {
    name: 'RFC 3394 §4.1, 128 bits under 128',
    kek: '000102030405060708090A0B0C0D0E0F',
    data: '00112233445566778899AABBCCDDEEFF',
    wrapped: '1FA68B0A8112B447 AEF34BD8FB5A7B82 9D3E862371D2CFE5',
  },
  {
    name: 'RFC 3394 §4.2, 128 bits under 192',
    kek: '000102030405060708090A0B0C0D0E0F1011121314151617',
    data: '00112233445566778899AABBCCDDEEFF',
    wrapped: '96778B25AE6CA435 F92B5B97C050AED2 468AB8A17AD84E5D',
  },
  {
    name: 'RFC 3394 §4.6, 256 bits under 256',
    kek: '000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F',
    data: '00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F',
    wrapped: '28C9F404C4B810F4 CBCCB35CFB87F826 3F5786E2D80ED326 CBC7F0E71A99F43B FB988B9B7A02DD21',
  },
]

const ways = [
  { way: 'the cipher of the runtime', wrap: wrapAes, unwrap: unwrapAes },
  { way: 'single blocks', wrap: wrapAesByBlocks, unwrap: unwrapAesByBlocks },
]

test.for(ways.flatMap((way) => published.map((row) => ({ ...row, ...way }))))(
  '$name, by $way',
  ({ kek, data, wrapped, wrap, unwrap }) => {
    const cek = hex(data)
    expect(wrap(hex(kek), cek)).toEqual(hex(wrapped))
    expect(unwrap(hex(kek), hex(wrapped), cek.length)).toEqual(cek)
  },
)

test.for(ways)('every flipped bit is refused, by $way', ({ wrap, unwrap }) => {
  const kek = randomBytes(16)
  const wrapped = wrap(kek, randomBytes(32))
  for (let bit = 0; bit < wrapped.length * 8; bit += 1) {
    const broken = Buffer.from(wrapped)
    broken[bit >> 3] = broken.readUInt8(bit >> 3) ^ (1 << (bit & 7))
    expect(unwrap(kek, broken, 32)).toBeUndefined()
  }
})

test.for([
  { name: 'an 8-byte content key, which the runtime itself would unwrap', dataBytes: 8 },
  { name: 'a longer content key than enc asks for', dataBytes: 32 },
])('$name is refused by its size', ({ dataBytes }) => {
  const kek = randomBytes(16)
  const wrapped = wrapAesByBlocks(kek, randomBytes(dataBytes))
  expect(unwrapAes(kek, wrapped, 16)).toBeUndefined()
})

test('the two ways agree on every size of key and content key', () => {
  for (const kekBytes of [16, 24, 32]) {
    for (const cekBytes of [16, 24, 32, 48, 64]) {
      const kek = randomBytes(kekBytes)
      const cek = randomBytes(cekBytes)
      expect(wrapAesByBlocks(kek, cek)).toEqual(wrapAes(kek, cek))
    }
  }
})
