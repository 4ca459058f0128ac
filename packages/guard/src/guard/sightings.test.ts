import { expect, it } from 'vitest'
import { createSightings } from './sightings.ts'
import { markOf } from './token-mark.ts'

it('knows a token the second time, whatever came between for a while', () => {
  const cameBefore = createSightings()
  const marks = Array.from({ length: 200 }, (_, serial) =>
    markOf(`eyJ.${'a'.repeat(300)}.${serial * 7919}`),
  )
  expect(marks.map(cameBefore)).not.toContain(true)
  expect(marks.map(cameBefore).filter(Boolean).length).toBeGreaterThan(180)
})

it('forgets what came long ago', () => {
  const cameBefore = createSightings()
  const first = markOf('the-first-token-of-all')
  cameBefore(first)
  for (let serial = 0; serial < 200_000; serial += 1) cameBefore(markOf(`token-${serial * 7919}`))
  expect(cameBefore(first)).toBe(false)
})

it('takes the mark of a text of any length', () => {
  const cameBefore = createSightings()
  expect(['', 'a', ''].map(markOf).map(cameBefore)).toEqual([false, false, true])
})
