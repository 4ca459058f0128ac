import type { EpochSeconds } from '@countersign/jwt'
import { expect, it } from 'vitest'
import { createKeyHorizon } from './key-horizon.ts'

it('extends a key to the longest-lived of many tokens that are signed at once', async () => {
  let kept = 0
  const horizon = createKeyHorizon({
    store: {
      extend: async (_, until) => {
        kept = Math.max(kept, until)
        return 'extended'
      },
    },
  })
  const lives = [600, 20_000, 86_400, 40_000].map(async (exp) => {
    await horizon.cover('k', exp as EpochSeconds)
    return kept >= exp
  })
  expect(await Promise.all(lives)).toEqual([true, true, true, true])
})
