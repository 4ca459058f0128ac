/** How long hashes take, by the way they are made. Units: milliseconds. */
export interface HashTimes {
  /** Notes one hash. The highest time counts, and fades by a hundredth with each hash of the same way. */
  readonly note: (scheme: string, ms: number) => void
  /** How much longer than `ms` the dearest hash takes; 0 while no other product's hashes are here. */
  readonly behind: (ms: number) => number
  /** Forgets all ways but these. */
  readonly keepOnly: (schemes: ReadonlySet<string>) => void
}

/** The name of the service's own way. */
export const ownScheme = 'own'

/** A refusal leaves later than the dearest hash was, because the next one may take longer. */
const marginFactor = 1.25
const fading = 0.01

/** Makes the record of times. Pure but for itself. */
export function createHashTimes(): HashTimes {
  const highest = new Map<string, number>()
  return {
    note(scheme, ms) {
      const before = highest.get(scheme) ?? 0
      highest.set(scheme, Math.max(ms, before + (ms - before) * fading))
    },
    behind(ms) {
      const isForeign = [...highest.keys()].some((scheme) => scheme !== ownScheme)
      if (!isForeign) return 0
      return Math.max(0, Math.max(...highest.values()) * marginFactor - ms)
    },
    keepOnly(schemes) {
      for (const scheme of highest.keys())
        if (scheme !== ownScheme && !schemes.has(scheme)) highest.delete(scheme)
    },
  }
}
