/** Counts the pages that are made in one second. */
export interface PageBudget {
  /** Whether one more page may be made for an address; if so, it is counted. */
  readonly take: (address: string) => boolean
}

/** Makes the counter, which begins again with each second. Units: `second` gives whole seconds. */
export function createPageBudget(
  second: () => number,
  perSecond: number,
  perAddress: number,
): PageBudget {
  let counted = -1
  let left = 0
  const ofAddresses = new Map<string, number>()
  return {
    take(address) {
      if (counted !== second()) {
        counted = second()
        left = perSecond
        ofAddresses.clear()
      }
      const here = ofAddresses.get(address) ?? 0
      if (left === 0 || here >= perAddress) return false
      left -= 1
      ofAddresses.set(address, here + 1)
      return true
    },
  }
}
