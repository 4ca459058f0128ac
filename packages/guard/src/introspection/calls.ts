/** The calls under way, and who caused them. */
export interface Calls {
  /** Begins a call, and gives its end; undefined when there is no room for one more of this asker. */
  readonly begin: (asker: string | undefined) => (() => void) | undefined
}

/**
 * Counts calls under way. One asker may have at most as many as it leaves free, so that one whose calls are slow keeps
 * room for the others. An asker without an address is not limited by that.
 */
export function createCalls(callsMax: number): Calls {
  const counts = new Map<string, number>()
  let underWay = 0

  return {
    begin: (asker) => {
      const free = callsMax - underWay
      const own = asker === undefined ? 0 : (counts.get(asker) ?? 0)
      if (own >= free) return undefined
      underWay += 1
      if (asker !== undefined) counts.set(asker, own + 1)
      return () => {
        underWay -= 1
        if (asker === undefined) return
        const left = (counts.get(asker) ?? 1) - 1
        if (left === 0) counts.delete(asker)
        else counts.set(asker, left)
      }
    },
  }
}
