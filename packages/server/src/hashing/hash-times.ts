/** How long hashes take, by the way they are made. Units: milliseconds. */
export interface HashTimes {
  /** States how long a hash takes on an idle machine. */
  readonly learn: (scheme: string, ms: number) => void
  /** Notes one hash. A longer time counts, up to a bound, and fades with each hash that follows. */
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
/** Beyond this the machine is overloaded. Refusals would keep requests open for long. */
const slowdownMax = 3

/** Makes the record of times. Pure but for itself. */
export function createHashTimes(): HashTimes {
  const learned = new Map<string, number>()
  /** How many times longer than learned the slowest hash of late took. */
  let slowdown = 1
  return {
    learn: (scheme, ms) => void learned.set(scheme, ms),
    note(scheme, ms) {
      const calm = learned.get(scheme)
      slowdown -= (slowdown - 1) * fading
      if (calm !== undefined) slowdown = Math.min(slowdownMax, Math.max(slowdown, ms / calm))
    },
    behind(ms) {
      const isForeign = [...learned.keys()].some((scheme) => scheme !== ownScheme)
      if (!isForeign) return 0
      return Math.max(0, Math.max(...learned.values()) * slowdown * marginFactor - ms)
    },
    keepOnly(schemes) {
      for (const scheme of learned.keys())
        if (scheme !== ownScheme && !schemes.has(scheme)) learned.delete(scheme)
    },
  }
}
