import { createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { prepareHkdf, prepareHmac } from './prepared-hmac.ts'

const lengths = [0, 1, 32, 53, 55, 56, 63, 64, 65, 200]

it.each([0, 16, 32, 64, 65, 200])('HMAC under a key of %i bytes is that of Node', (keyBytes) => {
  const key = randomBytes(keyBytes)
  for (const length of lengths) {
    const prepared = prepareHmac(key, length)
    for (const message of [randomBytes(length), randomBytes(length)])
      expect(prepared(message)).toEqual(createHmac('sha256', key).update(message).digest())
    const text = 'ä'.repeat(length)
    const expected = createHmac('sha256', key).update(text, 'latin1').digest()
    expect(prepared(text)).toEqual(expected)
    expect(prepared.text(text)).toBe(expected.toString('base64url'))
  }
})

it.each([0, 32, 65])('HKDF with a salt of %i bytes is that of Node', (saltBytes) => {
  const salt = randomBytes(saltBytes)
  for (const length of lengths.slice(1)) {
    const material = randomBytes(length)
    const expected = Buffer.from(hkdfSync('sha256', material, salt, 'a use', 32))
    expect(prepareHkdf(salt, 'a use', length)(material)).toEqual(expected)
  }
})

it('a message of another length is refused', () => {
  const prepared = prepareHmac(randomBytes(32), 8)
  for (const length of [0, 7, 9]) expect(() => prepared(randomBytes(length))).toThrow(TypeError)
})
