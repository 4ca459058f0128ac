import { Buffer } from 'node:buffer'
import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'

import { concatKdf } from './concat-kdf.ts'

test('RFC 7518 appendix C', () => {
  const secret = Buffer.from('nlbZHYFxNdNyg0KDv4QmnPsxbqPagGpI9tqneYz-kMQ', 'base64url')
  const key = concatKdf(secret, 'A128GCM', Buffer.from('Alice'), Buffer.from('Bob'), 16)
  expect(key.toString('base64url')).toBe('VqqN6vgjbSBcIijNcacQGg')
})

test('a 64-byte key is two rounds of the hash, counted from one', () => {
  const secret = randomBytes(32)
  const info = Buffer.from('0000000d413235364342432d4853353132000000000000000000000200', 'hex')
  const round = (count: number): Buffer =>
    createHash('sha256')
      .update(Buffer.from([0, 0, 0, count]))
      .update(secret)
      .update(info)
      .digest()
  const key = concatKdf(secret, 'A256CBC-HS512', Buffer.alloc(0), Buffer.alloc(0), 64)
  expect(key).toEqual(Buffer.concat([round(1), round(2)]))
})
