import { describe, expect, it } from 'vitest'
import { waitUntil } from './exact-wait.ts'

describe('a wait ends at its moment', () => {
  it.each([0, 0.4, 1, 5.5, 10.4])('not before %d ms are over', async (ms) => {
    const until = performance.now() + ms
    await waitUntil(until)
    expect(performance.now()).toBeGreaterThanOrEqual(until)
  })

  it('a moment that is over needs no wait', async () => {
    await expect(waitUntil(performance.now() - 1)).resolves.toBeUndefined()
  })

  it('each of many waits ends, and none before its moment', async () => {
    const began = performance.now()
    const early = [3, 1, 2, 1.5].map(async (ms) => {
      await waitUntil(began + ms)
      return performance.now() < began + ms
    })
    expect(await Promise.all(early)).toEqual([false, false, false, false])
  })

  // It measures, so it runs in the long form only.
  it.runIf(process.env.LONG === '1')(
    'work before the wait does not move its end by a share of a millisecond',
    async () => {
      const late = { short: [] as number[], long: [] as number[] }
      for (let round = 0; round < 60; round += 1)
        for (const [name, workMs] of [
          ['short', 0.05],
          ['long', 0.45],
        ] as const) {
          const until = performance.now() + 3.4
          const worked = performance.now() + workMs
          while (performance.now() < worked);
          await waitUntil(until)
          late[name].push(performance.now() - until)
        }
      const quarter = (times: number[]) => times.toSorted((a, b) => a - b)[15] ?? Infinity
      expect(Math.abs(quarter(late.long) - quarter(late.short))).toBeLessThan(0.2)
    },
  )
})
