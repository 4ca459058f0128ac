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

it('writes all moments again after the database lost some, and asks again for a key that is gone', async () => {
  const kept = new Map<string, number>()
  let gone = ''
  const horizon = createKeyHorizon({
    store: {
      extend: async (kid, until) => {
        if (kid === gone) return 'lost'
        kept.set(kid, Math.max(kept.get(kid) ?? 0, until))
        return 'extended'
      },
    },
  })
  for (const kid of ['a', 'b']) await horizon.cover(kid, 600 as EpochSeconds)
  kept.clear()
  gone = 'b'
  await horizon.restore()
  expect([...kept]).toEqual([['a', 600 + 3_600]])
  expect(await horizon.cover('b', 600 as EpochSeconds)).toBe('lost')
})
