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
 * Remembers used proofs in this process, at most `entriesMax`. One key may fill at most as many places as it leaves
 * free, so the key with the most proofs is refused first.
 * Throws: TypeError for an `entriesMax` that is no number of 0 or more.
 * Why: a full memory refuses proofs instead of forgetting them, because a forgotten proof could be used again.
 */
export function createReplayMemory({ entriesMax = entriesDefault } = {}): ReplayMemory {
  if (!Number.isFinite(entriesMax) || entriesMax < 0)
    throw new TypeError('entriesMax of a replay memory is a number of 0 or more')
  const seen = new Map<string, Entry>()
  const counts = new Map<string, number>()
  const forgotten = createForgottenRanges()
  let sweptAt = -Infinity

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

  /** Drops expired proofs from the front of the memory, at most `dropsMax`. */
  function prune(now: EpochSeconds, dropsMax: number): void {
    let dropped = 0
    for (const [id, entry] of seen) {
      if (entry.until > now || dropped >= dropsMax) return
      drop(id, entry)
      dropped += 1
    }
  }

  /**
   * Drops expired proofs at any place, once a second at most.
   * Why: if a clock was an hour ahead, its proofs last an hour longer and keep later ones from the front.
   */
  function sweep(now: EpochSeconds): void {
    if (Math.floor(now) === sweptAt) return
    sweptAt = Math.floor(now)
    for (const [id, entry] of seen) if (entry.until <= now) drop(id, entry)
  }

  function mayAdd(holder: string | undefined): boolean {
    const free = entriesMax - seen.size
    return holder === undefined ? free > 0 : (counts.get(holder) ?? 0) < free
  }

  return {
    remember: (id, until, now, holder) => {
      // The end lies in a dropped range, so the clock was set back: the proof may have been used.
      if (seen.has(id) || forgotten.covers(until)) return 'seen'
      prune(now, mayAdd(holder) ? 2 : entriesMax)
      if (!mayAdd(holder)) sweep(now)
      if (!mayAdd(holder)) return 'full'
      seen.set(id, { until, holder })
      count(holder, 1)
      return 'fresh'
    },
  }
}
