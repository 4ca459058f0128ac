import { describe, expect, it } from 'vitest'
import { createTokenCache } from './cache.ts'

const limits = { entriesMax: 100, bytesMax: 1024 * 1024 }

describe('the cache of verified tokens', () => {
  it('never holds more entries than it may', () => {
    const cache = createTokenCache<number>(limits)
    for (let serial = 0; serial < 1000; serial += 1) {
      cache.set(`token-${serial}`, serial)
      expect(cache.size()).toBeLessThanOrEqual(limits.entriesMax)
    }
    expect(cache.get('token-999')).toBe(999)
    expect(cache.get('token-0')).toBeUndefined()
  })

  it('never holds more bytes than it may', () => {
    const cache = createTokenCache<number>({ entriesMax: 1000, bytesMax: 100_000 })
    for (let serial = 0; serial < 100; serial += 1)
      cache.set(`${serial}`.padStart(3000, 'x'), serial)
    expect(cache.size()).toBeLessThanOrEqual(10)
    cache.set('y'.repeat(50_000), 1)
    expect(cache.get('y'.repeat(50_000))).toBeUndefined()
  })

  it('keeps a token in use while others are added and dropped', () => {
    const cache = createTokenCache<number>(limits)
    cache.set('often', 1)
    for (let serial = 0; serial < 10_000; serial += 1) {
      cache.set(`once-${serial}`, serial)
      expect(cache.get('often')).toBe(1)
    }
  })

  it('uses no place for a look-up of an absent token', () => {
    const cache = createTokenCache<number>(limits)
    for (let serial = 0; serial < 80; serial += 1) cache.set(`${serial}`, serial)
    for (let serial = 0; serial < 1000; serial += 1) cache.get(`unknown-${serial}`)
    expect(cache.size()).toBe(80)
    expect(cache.get('0')).toBe(0)
  })

  it('drops one entry, and all entries', () => {
    const cache = createTokenCache<number>(limits)
    for (let serial = 0; serial < 80; serial += 1) cache.set(`${serial}`, serial)
    cache.delete('0')
    cache.delete('79')
    expect([cache.get('0'), cache.get('79'), cache.get('1')]).toEqual([undefined, undefined, 1])
    cache.clear()
    expect(cache.size()).toBe(0)
  })

  it('keeps tokens with the same end separate', () => {
    const cache = createTokenCache<string>(limits)
    const tokens = ['first', 'second', 'third'].map((start) => `${start}-the-same-ending`)
    for (const token of tokens) cache.set(token, token)
    expect(tokens.map((token) => cache.get(token))).toEqual(tokens)
    expect(cache.get('fourth-the-same-ending')).toBeUndefined()
    cache.delete('second-the-same-ending')
    expect(cache.get('second-the-same-ending')).toBeUndefined()
    expect(cache.get('third-the-same-ending')).toBe('third-the-same-ending')
    expect(cache.size()).toBe(2)
  })

  it('gives no entry to another token among a million near-identical ones', () => {
    const cache = createTokenCache<string>({ entriesMax: 10_000, bytesMax: 16 * 1024 * 1024 })
    const base = 'eyJhbGciOiJFUzI1NiJ9.'.padEnd(200, 'a')
    let hits = 0
    for (let serial = 0; serial < 1_000_000; serial += 1) {
      // One of 200 places changed to one of 64 letters, and every other time the same token again.
      const at = (serial * 7919) % 200
      const letter = alphabet[(serial * 31) % 64] ?? ''
      const token = base.slice(0, at) + letter + base.slice(at + 1)
      const found = cache.get(token)
      if (found === undefined) cache.set(token, token)
      else if (found === token) hits += 1
      else throw new Error(`the entry of ${found} was given to ${token}`)
    }
    expect(hits).toBeGreaterThan(100_000)
  })
})

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
