import type { EpochSeconds } from '@countersign/jwt'
import type { ReplayMemory } from './options.ts'

/** Units: proofs. At 60 s each, about 1,400 a second. */
const entriesDefault = 100_000

/**
 * Remembers used proofs in this process, never more than a number of them.
 * Throws: TypeError for a bound that is none.
 * Why: a full memory refuses instead of forgetting, because a forgotten proof could be used again.
 */
export function createReplayMemory({ entriesMax = entriesDefault } = {}): ReplayMemory {
  if (!Number.isFinite(entriesMax) || entriesMax < 0)
    throw new TypeError('entriesMax of a replay memory is a number')
  const seen = new Map<string, EpochSeconds>()
  let sweptIn = -Infinity

  /** Drops what is over, oldest first; a few at a time while there is room. */
  function prune(now: EpochSeconds, most: number): void {
    let dropped = 0
    for (const [id, until] of seen) {
      if (until > now || dropped >= most) return
      seen.delete(id)
      dropped += 1
    }
  }

  /**
   * Drops what is over wherever it stands, once a second at most.
   * Why: proofs of an hour that a clock was ahead last until that hour is over, and those after them stand behind them.
   */
  function sweep(now: EpochSeconds): void {
    if (Math.floor(now) === sweptIn) return
    sweptIn = Math.floor(now)
    for (const [id, until] of seen) if (until <= now) seen.delete(id)
  }

  return {
    remember: (id, until, now) => {
      const known = seen.get(id)
      if (known !== undefined && known > now) return 'seen'
      prune(now, seen.size >= entriesMax ? entriesMax : 2)
      if (seen.size >= entriesMax) sweep(now)
      if (seen.size >= entriesMax) return 'full'
      seen.delete(id)
      seen.set(id, until)
      return 'fresh'
    },
  }
}
