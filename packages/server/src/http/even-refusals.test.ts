import { describe, expect, it } from 'vitest'
import { refuseEvenly } from './even-refusals.ts'

const refused = { ok: false } as const
const taken = { ok: true } as const

describe('a refusal leaves at a fixed time after the check began', () => {
  it.each([
    ['at once', () => refused],
    ['by a promise', async () => refused],
  ])('a check that refuses %s is held back', async (_, check) => {
    const began = performance.now()
    expect(await refuseEvenly(check)).toBe(refused)
    expect(performance.now() - began).toBeGreaterThanOrEqual(8)
  })

  it('the same work for each outcome is added to the fixed time', async () => {
    const began = performance.now()
    let workMs = 0
    await refuseEvenly(async (same) => {
      await same(async () => {
        await refuseEvenly(() => refused)
        workMs = performance.now() - began
      })
      return refused
    })
    expect(performance.now() - began - workMs).toBeGreaterThanOrEqual(8)
  })

  it('a refusal waits for the time that a dearer work would have taken, and a success does not', async () => {
    const timed = async (ok: boolean) => {
      const began = performance.now()
      await refuseEvenly(async (same) => {
        await same(
          async () => 60,
          (missingMs) => missingMs,
        )
        return { ok }
      })
      return performance.now() - began
    }
    expect(await timed(false)).toBeGreaterThanOrEqual(68)
    expect(await timed(true)).toBeLessThan(60)
  })

  it('a success needs no promise', () => {
    expect(refuseEvenly(() => taken)).toBe(taken)
  })

  it('a fault passes', async () => {
    const check = async () => {
      throw new Error('away')
    }
    await expect(refuseEvenly(check)).rejects.toThrow('away')
  })
})
