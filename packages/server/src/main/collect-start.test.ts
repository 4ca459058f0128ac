import { expect, it } from 'vitest'
import { collectStart } from './collect-start.ts'

it.each([
  { name: 'collects in the first quiet second', loads: [0.01, 0.01], collections: 1, looks: 1 },
  { name: 'waits while requests come', loads: [0.9, 0.2, 0.1], collections: 1, looks: 3 },
  { name: 'gives up after half a minute', loads: Array(40).fill(0.5), collections: 0, looks: 30 },
])('$name', ({ loads, collections, looks }) => {
  const seen = { collections: 0, looks: 0, isCancelled: false }
  const left = [0, ...loads]
  let look = (): void => {}
  collectStart({
    load: () => left.shift() ?? 0,
    collect: () => {
      seen.collections += 1
    },
    every: (run) => {
      look = run
      return () => {
        seen.isCancelled = true
      }
    },
  })
  while (!seen.isCancelled) {
    seen.looks += 1
    look()
  }
  expect(seen).toEqual({ collections, looks, isCancelled: true })
})
