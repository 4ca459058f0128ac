import type { EpochSeconds } from '@countersign/jwt'
import { createForgottenRanges } from './forgotten-ranges.ts'
import type { ReplayMemory } from './options.ts'

/** Units: proofs. At 70 s each, one key alone can send about 1,400 a second. */
const entriesDefault = 200_000

interface Entry {
  readonly until: EpochSeconds
  readonly holder: string | undefined
}

/**
 * Remembers used proofs in this process, never more than a number of them. One key may fill at most as many places as
 * it leaves free, so the fullest key is refused first and a new one still finds room.
 * Throws: TypeError for a bound that is none.
 * Why: a full memory refuses instead of forgetting, because a forgotten proof could be used again.
 */
export function createReplayMemory({ entriesMax = entriesDefault } = {}): ReplayMemory {
  if (!Number.isFinite(entriesMax) || entriesMax < 0)
    throw new TypeError('entriesMax of a replay memory is a number')
  const seen = new Map<string, Entry>()
  const counts = new Map<string, number>()
  const forgotten = createForgottenRanges()
  let sweptIn = -Infinity

  function count(holder: string | undefined, more: 1 | -1): void {
    if (holder === undefined) return
    const next = (counts.get(holder) ?? 0) + more
    if (next === 0) counts.delete(holder)
    else counts.set(holder, next)
  }

  function drop(id: string, { until, holder }: Entry): void {
    seen.delete(id)
    count(holder, -1)
    forgotten.add(until)
  }

  /** Drops what is over, oldest first; a few at a time while there is room. */
  function prune(now: EpochSeconds, most: number): void {
    let dropped = 0
    for (const [id, entry] of seen) {
      if (entry.until > now || dropped >= most) return
      drop(id, entry)
      dropped += 1
    }
  }

  /**
   * Drops what is over at any place in the order, once a second at most.
   * Why: proofs of an hour that a clock was ahead last until that hour is over, and later ones come behind them.
   */
  function sweep(now: EpochSeconds): void {
    if (Math.floor(now) === sweptIn) return
    sweptIn = Math.floor(now)
    for (const [id, entry] of seen) if (entry.until <= now) drop(id, entry)
  }

  function hasRoom(holder: string | undefined): boolean {
    const free = entriesMax - seen.size
    return holder === undefined ? free > 0 : (counts.get(holder) ?? 0) < free
  }

  return {
    remember: (id, until, now, holder) => {
      // A proof that may have been forgotten counts as used: the clock was set back since.
      if (seen.has(id) || forgotten.covers(until)) return 'seen'
      prune(now, hasRoom(holder) ? 2 : entriesMax)
      if (!hasRoom(holder)) sweep(now)
      if (!hasRoom(holder)) return 'full'
      seen.set(id, { until, holder })
      count(holder, 1)
      return 'fresh'
    },
  }
}
