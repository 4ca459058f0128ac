import type { WireEntry } from '@countersign/guard/revocations'

/** The sequences of live entries, in order. */
export interface LiveSequences {
  readonly add: (entries: readonly WireEntry[]) => void
  readonly replace: (entries: readonly WireEntry[]) => void
  /** Forgets entries that ended before a moment. */
  readonly prune: (moment: number) => void
  /** Gives the last live sequence at a number or below it; 0 where there is none. */
  readonly upTo: (sequence: number) => number
}

/** Makes the list. Entries come in the order of their sequences. */
export function createLiveSequences(): LiveSequences {
  let live: { readonly sequence: number; readonly until: number }[] = []
  const add = (entries: readonly WireEntry[]) => {
    for (const [sequence, , , until] of entries) live.push({ sequence, until })
  }
  return {
    add,
    replace(entries) {
      live = []
      add(entries)
    },
    prune(moment) {
      live = live.filter(({ until }) => until >= moment)
    },
    upTo(sequence) {
      let [low, high] = [0, live.length]
      while (low < high) {
        const middle = (low + high) >>> 1
        if ((live[middle]?.sequence ?? Infinity) <= sequence) low = middle + 1
        else high = middle
      }
      return live[low - 1]?.sequence ?? 0
    },
  }
}
