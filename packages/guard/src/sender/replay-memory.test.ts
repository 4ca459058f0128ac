import type { EpochSeconds } from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import { createReplayMemory } from './replay-memory.ts'

const at = (seconds: number): EpochSeconds => seconds as EpochSeconds

/** Sends fresh proofs of one key at one moment until one is refused. Returns the count of accepted ones. */
function fill(memory: ReturnType<typeof createReplayMemory>, holder: string, now: number): number {
  for (let sent = 0; ; sent += 1) {
    const verdict = memory.remember(`${holder} ${now} ${sent}`, at(now + 70), at(now), holder)
    if (verdict !== 'fresh') return sent
  }
}

describe('the share of one key in the memory of proofs', () => {
  it('is as large as the free part, so that each further key has a share', () => {
    const memory = createReplayMemory({ entriesMax: 16 })
    expect(fill(memory, 'first', 0)).toBe(8)
    expect(fill(memory, 'second', 0)).toBe(4)
    expect(fill(memory, 'third', 0)).toBe(2)
    expect(fill(memory, 'fourth', 0)).toBe(1)
    expect(fill(memory, 'fifth', 0)).toBe(1)
    expect(fill(memory, 'sixth', 0)).toBe(0)
  })

  it('is free again when its proofs expired', () => {
    const memory = createReplayMemory({ entriesMax: 16 })
    fill(memory, 'first', 0)
    fill(memory, 'second', 10)
    expect(fill(memory, 'first', 69)).toBe(0)
    expect(fill(memory, 'first', 70)).toBe(6)
    expect(fill(memory, 'first', 200)).toBe(8)
  })

  it('leaves places for other keys while one key sends without pause', () => {
    const memory = createReplayMemory({ entriesMax: 1000 })
    for (let now = 0; now < 300; now += 1) {
      fill(memory, 'greedy', now)
      expect(memory.remember(`honest ${now}`, at(now + 70), at(now), 'honest')).toBe('fresh')
    }
  })
})

describe('a proof that was used before the clock moved', () => {
  it('is refused after an hour ahead and back', () => {
    const memory = createReplayMemory()
    expect(memory.remember('early', at(170), at(100))).toBe('fresh')
    expect(memory.remember('ahead', at(3770), at(3700))).toBe('fresh')
    expect(memory.remember('early', at(170), at(105))).toBe('seen')
    expect(memory.remember('new', at(176), at(106))).toBe('fresh')
  })

  it('is refused when the hour comes again', () => {
    const memory = createReplayMemory()
    expect(memory.remember('ahead', at(3770), at(3700))).toBe('fresh')
    expect(memory.remember('later', at(3850), at(3780))).toBe('fresh')
    expect(memory.remember('new', at(255), at(185))).toBe('fresh')
    expect(memory.remember('ahead', at(3770), at(3700))).toBe('seen')
  })

  it('is refused after many such jumps', () => {
    const memory = createReplayMemory()
    for (let hour = 0; hour < 100; hour += 1)
      void memory.remember(`at ${hour}`, at(hour * 3600 + 70), at(hour * 3600))
    for (let hour = 0; hour < 99; hour += 1)
      expect(memory.remember(`at ${hour}`, at(hour * 3600 + 70), at(hour * 3600))).toBe('seen')
  })
})

it('a clock that only runs forward never makes a new proof look used', () => {
  const memory = createReplayMemory({ entriesMax: 50 })
  for (let now = 0; now < 5000; now += 7)
    expect(memory.remember(`${now}`, at(now - 59 + 70), at(now), 'one')).toBe('fresh')
})
