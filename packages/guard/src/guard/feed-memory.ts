import type { RevocationSnapshot } from '../policy/revocation-policy.ts'

/** The revocations of evicted issuers. */
export interface FeedMemory {
  /** Returns the kept snapshot and forgets it. */
  readonly takeSnapshot: (issuer: string) => RevocationSnapshot | undefined
  readonly keepSnapshot: (issuer: string, snapshot: RevocationSnapshot) => void
}

/** Units: entries of all evicted issuers together, and issuers. */
const entriesMax = 300_000
const issuersMax = 10_000

/**
 * Creates the memory of evicted issuers, so that revoked tokens of a returning issuer are refused at once.
 * Why: it is bounded. If an issuer does not fit, its first requests wait for the feed.
 */
export function createFeedMemory(): FeedMemory {
  const kept = new Map<string, RevocationSnapshot>()
  let size = 0

  function takeSnapshot(issuer: string): RevocationSnapshot | undefined {
    const snapshot = kept.get(issuer)
    if (snapshot === undefined) return undefined
    kept.delete(issuer)
    size -= entriesOf(snapshot)
    return snapshot
  }

  function keepSnapshot(issuer: string, snapshot: RevocationSnapshot): void {
    takeSnapshot(issuer)
    if (entriesOf(snapshot) > entriesMax) return
    kept.set(issuer, snapshot)
    size += entriesOf(snapshot)
    for (const [oldest] of kept) {
      if (size <= entriesMax && kept.size <= issuersMax) break
      takeSnapshot(oldest)
    }
  }

  return { takeSnapshot, keepSnapshot }
}

function entriesOf({ entries, ended = [] }: RevocationSnapshot): number {
  return ended.reduce((sum, epoch) => sum + epoch.entries.length, entries.length)
}
