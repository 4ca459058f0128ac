import { expect, test } from 'vitest'
import { createHashTimes, ownScheme } from './hash-times.ts'

test('without hashes of other products nothing waits', () => {
  const times = createHashTimes()
  times.learn(ownScheme, 20)
  times.note(ownScheme, 60)
  expect(times.behind(20)).toBe(0)
})

test.each([
  ['a quick hash waits for the dearest, and a margin', 20, 480],
  ['the dearest waits for the margin', 400, 100],
  ['a hash that took longer than both waits no more', 600, 0],
])('%s', (_, ms, behind) => {
  const times = createHashTimes()
  times.learn(ownScheme, 20)
  times.learn('bcrypt', 400)
  expect(times.behind(ms)).toBe(behind)
})

test('a cheap hash of another product waits for that of the service', () => {
  const times = createHashTimes()
  times.learn(ownScheme, 20)
  times.learn('bcrypt', 2)
  expect(times.behind(2)).toBe(23)
})

test('a slow moment of any hash counts for the dearest, and fades', () => {
  const times = createHashTimes()
  times.learn(ownScheme, 20)
  times.learn('bcrypt', 400)
  times.note(ownScheme, 40)
  expect(times.behind(0)).toBe(1_000)
  for (let hash = 0; hash < 1_000; hash += 1) times.note('bcrypt', 400)
  expect(times.behind(0)).toBeCloseTo(500, 0)
})

test('an overloaded machine keeps refusals for three times as long at most', () => {
  const times = createHashTimes()
  times.learn('bcrypt', 400)
  times.note('bcrypt', 60_000)
  expect(times.behind(0)).toBe(1_500)
})

test('schemes that are gone are forgotten', () => {
  const times = createHashTimes()
  times.learn('bcrypt', 400)
  times.learn('scrypt', 50)
  times.keepOnly(new Set(['scrypt']))
  expect(times.behind(0)).toBe(62.5)
  times.keepOnly(new Set())
  expect(times.behind(0)).toBe(0)
})
