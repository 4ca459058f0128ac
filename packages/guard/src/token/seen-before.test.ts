import { expect, it } from 'vitest'
import { createSeenBefore } from './seen-before.ts'
import { tokenHash } from './token-hash.ts'

it('knows a token the second time, after a number of other tokens', () => {
  const seenBefore = createSeenBefore()
  const hashes = Array.from({ length: 200 }, (_, serial) =>
    tokenHash(`eyJ.${'a'.repeat(300)}.${serial * 7919}`),
  )
  expect(hashes.map(seenBefore)).not.toContain(true)
  expect(hashes.map(seenBefore).filter(Boolean).length).toBeGreaterThan(180)
})

it('forgets tokens after many others', () => {
  const seenBefore = createSeenBefore()
  const first = tokenHash('the-first-token-of-all')
  seenBefore(first)
  for (let serial = 0; serial < 200_000; serial += 1)
    seenBefore(tokenHash(`token-${serial * 7919}`))
  expect(seenBefore(first)).toBe(false)
})

it('hashes a text of any length', () => {
  const seenBefore = createSeenBefore()
  expect(['', 'a', ''].map(tokenHash).map(seenBefore)).toEqual([false, false, true])
})
