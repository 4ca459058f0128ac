import type { EpochSeconds } from '@countersign/jwt'
import { expect, it } from 'vitest'
import { createPromises } from './promises.ts'

it('promises as far as the longest-lived of many tokens that are signed at once', async () => {
  let kept = 0
  const promises = createPromises({
    store: {
      promise: async (_, until) => {
        kept = Math.max(kept, until)
        return 'promised'
      },
    },
  })
  const lives = [600, 20_000, 86_400, 40_000].map(async (exp) => {
    await promises.until('k', exp as EpochSeconds)
    return kept >= exp
  })
  expect(await Promise.all(lives)).toEqual([true, true, true, true])
})
