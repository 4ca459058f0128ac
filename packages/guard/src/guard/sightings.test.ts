import { expect, it } from 'vitest'
import { createSightings } from './sightings.ts'

it('knows a token the second time, whatever came between for a while', () => {
  const cameBefore = createSightings()
  const tokens = Array.from(
    { length: 200 },
    (_, serial) => `eyJ.${'a'.repeat(300)}.${serial * 7919}`,
  )
  expect(tokens.map(cameBefore)).not.toContain(true)
  expect(tokens.map(cameBefore).filter(Boolean).length).toBeGreaterThan(180)
})

it('forgets what came long ago', () => {
  const cameBefore = createSightings()
  cameBefore('the-first-token-of-all')
  for (let serial = 0; serial < 200_000; serial += 1) cameBefore(`another-${serial * 7919}-token`)
  expect(cameBefore('the-first-token-of-all')).toBe(false)
})

it('takes a text of any length', () => {
  const cameBefore = createSightings()
  expect(['', 'a', ''].map(cameBefore)).toEqual([false, false, true])
})
