import { describe, expect, it, vi } from 'vitest'
import { beginWait } from './exact-wait.ts'

/** Keeps the processor busy. Units: milliseconds. */
function work(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

describe('a wait ends at its moment', () => {
  it.each([0.2, 0.4, 1, 5.5, 10.4])('not before %d ms are over', async (ms) => {
    const began = performance.now()
    await beginWait(began, ms).end(0)
    expect(performance.now() - began).toBeGreaterThanOrEqual(ms)
  })

  it.each([
    ['the same', 0.5, 0, 4],
    ['the next multiple of its length', 5, 0, 8],
    ['later by work that counts for all', 5, 5, 9],
  ])('after work: at %s', async (_, workMs, laterMs, ms) => {
    const began = performance.now()
    const wait = beginWait(began, 4)
    work(workMs)
    await wait.end(laterMs)
    const passed = performance.now() - began
    expect(passed).toBeGreaterThanOrEqual(ms)
  })

  it('each of many waits ends, and none before its moment', async () => {
    const began = performance.now()
    const early = [3, 1, 2, 1.5].map(async (ms) => {
      await beginWait(began, ms).end(0)
      return performance.now() < began + ms
    })
    expect(await Promise.all(early)).toEqual([false, false, false, false])
  })

  it.each([0.05, 0.9, 1.1, 2.5])(
    'the timer has one length for all works, also for %d ms',
    async (workMs) => {
      const timers = vi.spyOn(globalThis, 'setTimeout')
      try {
        const wait = beginWait(performance.now(), 11.65)
        work(workMs)
        await wait.end(0)
        expect(timers.mock.calls.map(([, ms]) => ms)).toEqual([10])
      } finally {
        timers.mockRestore()
      }
    },
  )

  it('a cancelled wait leaves no timer', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      beginWait(performance.now(), 10).cancel()
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  // It measures, so it runs in the long form only.
  it.runIf(process.env.LONG === '1')(
    'work within the wait does not move its end by a share of a millisecond',
    async () => {
      const late = { short: [] as number[], long: [] as number[] }
      for (let round = 0; round < 60; round += 1)
        for (const [name, workMs] of [
          ['short', 0.05],
          ['long', 0.45],
        ] as const) {
          const began = performance.now()
          const wait = beginWait(began, 3.4)
          work(workMs)
          await wait.end(0)
          late[name].push(performance.now() - began - 3.4)
        }
      const quarter = (times: number[]) => times.toSorted((a, b) => a - b)[15] ?? Infinity
      expect(Math.abs(quarter(late.long) - quarter(late.short))).toBeLessThan(0.2)
    },
  )
})
