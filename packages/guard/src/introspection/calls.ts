/** The running calls of each asker. */
export interface Calls {
  /** Begins a call and returns the function that ends it. Returns undefined if this asker may begin no more. */
  readonly begin: (asker: string | undefined) => (() => void) | undefined
}

/**
 * Counts running calls. One asker may have at most as many calls as it leaves free.
 * Not checked: the share of an asker without an address.
 * Why: an asker with slow calls leaves some for the others.
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
