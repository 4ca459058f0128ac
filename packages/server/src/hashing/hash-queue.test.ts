import { expect, test } from 'vitest'
import { hashesAtOnce } from './hash-queue.ts'

test.each([
  { processors: 1, hashes: 1 },
  { processors: 2, hashes: 1 },
  { processors: 3, hashes: 2 },
  { processors: 4, hashes: 3 },
  { processors: 64, hashes: 3 },
])('$processors cores run $hashes hashes at one time', ({ processors, hashes }) => {
  expect(hashesAtOnce(processors, 3)).toBe(hashes)
})
