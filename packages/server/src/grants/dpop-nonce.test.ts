import { describe, expect, it } from 'vitest'
import { createDpopNonces } from './dpop-nonce.ts'

const secret = Buffer.alloc(32, 1)
const at = (now: number, key: Uint8Array = secret) =>
  createDpopNonces({ secret: key, now: () => now })

describe('the nonces of DPoP proofs', () => {
  it('are fresh now and in the following period, on any node with the secret', () => {
    const nonce = at(12_000).current()
    expect(at(12_000).check(nonce)).toBe('fresh')
    expect(at(12_239).check(nonce)).toBe('fresh')
    expect(at(12_240).check(nonce)).toBe('stale')
  })

  it.each([
    ['one from the future', at(12_240).current()],
    ['one of another secret', at(12_000, Buffer.alloc(32, 2)).current()],
    ['an empty one', ''],
    ['an invented one', 'A'.repeat(30)],
    ['one with more behind it', `${at(12_000).current()}A`],
    ['one outside of ASCII', '\u20ac'.repeat(30)],
  ])('call %s stale', (_, nonce) => {
    expect(at(12_000).check(nonce)).toBe('stale')
  })
})
