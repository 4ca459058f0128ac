import { expect, it } from 'vitest'
import { sayAge } from './say-age.ts'

it.each([
  [0, '0 seconds'],
  [1, '1 second'],
  [59, '59 seconds'],
  [60, '1 minute'],
  [3_599, '59 minutes'],
  [3_600, '1 hour'],
  [86_399, '23 hours'],
  [86_400, '1 day'],
  [90 * 86_400, '90 days'],
])('%i seconds are %s', (seconds, text) => {
  expect(sayAge(seconds)).toBe(text)
})
