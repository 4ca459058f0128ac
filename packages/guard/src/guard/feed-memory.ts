import type { RevocationSnapshot } from '../policy/revocation-policy.ts'

/** The revocations of issuers that were evicted. */
export interface FeedMemory {
  /** Gives back what was kept, once. */
  readonly take: (issuer: string) => RevocationSnapshot | undefined
  readonly keep: (issuer: string, snapshot: RevocationSnapshot) => void
}

/** Units: entries of all evicted issuers together, and issuers. */
const entriesMax = 300_000
const issuersMax = 10_000

/**
 * Creates the memory of evicted issuers, so that an issuer that comes back refuses at once what it refused before.
 * Why: it is bounded. An issuer that no longer fits is only slower: its first requests wait for the feed.
 */
export function createFeedMemory(): FeedMemory {
  const kept = new Map<string, RevocationSnapshot>()
  let size = 0

  function take(issuer: string): RevocationSnapshot | undefined {
    const snapshot = kept.get(issuer)
    if (snapshot === undefined) return undefined
    kept.delete(issuer)
    size -= entriesOf(snapshot)
    return snapshot
  }

  function keep(issuer: string, snapshot: RevocationSnapshot): void {
    take(issuer)
    if (entriesOf(snapshot) > entriesMax) return
    kept.set(issuer, snapshot)
    size += entriesOf(snapshot)
    for (const [oldest] of kept) {
      if (size <= entriesMax && kept.size <= issuersMax) break
      take(oldest)
    }
  }

  return { take, keep }
}

function entriesOf({ entries, ended = [] }: RevocationSnapshot): number {
  return ended.reduce((sum, epoch) => sum + epoch.entries.length, entries.length)
}
