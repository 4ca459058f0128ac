import type { RevokingEntry } from '../policy/revocation-entry.ts'
import type { RevocationFacts } from '../policy/revocation-view.ts'
import type { WireEntry } from './entries.ts'
import {
  addEntry,
  clearEntries,
  countEntries,
  coversEntry,
  createEntryMaps,
  dropEnded,
  listEntries,
  type EntryMaps,
} from './entry-maps.ts'

/** The facts of a token that the index reads: all except its issuer and its client. */
export type IndexedFacts = Pick<RevocationFacts, 'jti' | 'iat'> & Partial<RevocationFacts>

/** The verdict on a token. `claims_stale` means that its holder needs a new one. */
export type RevocationVerdict = 'live' | 'revoked' | 'claims_stale'

/** The live entries of one issuer, in memory. */
export interface LiveIndex {
  /** Changes whenever an entry was added, so that cached tokens are checked again. */
  readonly generation: () => number
  readonly size: () => number
  /** Tokens that were issued up to this moment are revoked; -1 if none are. A mint waits until it has passed. */
  readonly issuedUpTo: () => number
  readonly check: (facts: IndexedFacts) => RevocationVerdict
  /** Finds the entry that revokes a token. */
  readonly findEntry: (facts: IndexedFacts) => RevokingEntry | undefined
  /** Finds the burnt key that signed or enveloped the token, or an ancestor of it. */
  readonly findBurntKey: (facts: IndexedFacts) => RevokingEntry | undefined
  /** Adds entries, none of which lasts longer than `untilMax`. Returns whether any of them is new. */
  readonly apply: (entries: readonly WireEntry[], untilMax?: number) => boolean
  /** Whether a known entry revokes at least as much. */
  readonly covers: (entry: WireEntry) => boolean
  /** Units: letters of all ids. */
  readonly letters: () => number
  /** Replaces all entries, for the snapshot of a new epoch. */
  readonly replace: (entries: readonly WireEntry[]) => void
  /** Drops entries that no token can concern any more. */
  readonly prune: (now: number) => void
  readonly entries: () => WireEntry[]
}

/**
 * Creates an index that answers with a constant number of map look-ups.
 * Why: a token entry is one map slot and one string, below 100 bytes. Memory grows with revocations, not with tokens.
 */
export function createLiveIndex(): LiveIndex {
  const maps = createEntryMaps()
  let generation = 0

  function apply(entries: readonly WireEntry[], untilMax = Infinity): boolean {
    let isNews = false
    for (const entry of entries) if (addEntry(maps, entry, untilMax)) isNews = true
    if (isNews) generation += 1
    return isNews
  }

  return {
    generation: () => generation,
    size: () => countEntries(maps),
    letters: () => maps.letters,
    issuedUpTo: () => maps.issuer.belowVersion,
    check: (facts) => verdictOf(findEntry(maps, facts)),
    findEntry: (facts) => findEntry(maps, facts),
    findBurntKey: (facts) => findBurntKey(maps, facts),
    apply,
    covers: (entry) => coversEntry(maps, entry),
    replace: (entries) => {
      clearEntries(maps)
      generation += 1
      apply(entries)
    },
    prune: (now) => dropEnded(maps, now),
    entries: () => listEntries(maps),
  }
}

/** The verdict that an entry means. */
export function verdictOf(entry: RevokingEntry | undefined): RevocationVerdict {
  if (entry === undefined) return 'live'
  return entry.kind === 'claims_stale' ? 'claims_stale' : 'revoked'
}

function findEntry(maps: EntryMaps, facts: IndexedFacts): RevokingEntry | undefined {
  const { ids, limits, issuer } = maps
  const { iat, ancestorIat, ancestors, actors } = facts
  if (
    iat <= issuer.belowVersion ||
    (ancestorIat !== undefined && ancestorIat <= issuer.belowVersion)
  )
    return { kind: 'issuer', id: '', ...issuer }
  if (ids.token.size > 0 && ids.token.has(facts.jti)) return entryOf(maps, 'token', facts.jti)
  if (ids.sid.size > 0 && facts.sid !== undefined && ids.sid.has(facts.sid))
    return entryOf(maps, 'sid', facts.sid)
  const burnt = ids.key.size > 0 ? findBurntKey(maps, facts) : undefined
  if (burnt !== undefined) return burnt
  const client = findLimit(limits, 'client', facts.cid, facts.cv)
  if (client !== undefined) return client
  const ancestor = ancestors?.find((jti) => ids.token.has(jti))
  if (ancestor !== undefined) return entryOf(maps, 'token', ancestor)
  for (const { cid, cv } of actors ?? []) {
    const actor = findLimit(limits, 'client', cid, cv)
    if (actor !== undefined) return actor
  }
  return (
    findLimit(limits, 'user', facts.sub, facts.uv) ??
    findLimit(limits, 'claims_stale', facts.sub, facts.uv)
  )
}

function findBurntKey(
  maps: EntryMaps,
  { kid, envelopeKid, ancestorKids }: IndexedFacts,
): RevokingEntry | undefined {
  const { key } = maps.ids
  if (kid !== undefined && key.has(kid)) return entryOf(maps, 'key', kid)
  if (envelopeKid !== undefined && key.has(envelopeKid)) return entryOf(maps, 'key', envelopeKid)
  const ancestor = ancestorKids?.find((each) => key.has(each))
  return ancestor === undefined ? undefined : entryOf(maps, 'key', ancestor)
}

function entryOf({ ids }: EntryMaps, kind: keyof EntryMaps['ids'], id: string): RevokingEntry {
  return { kind, id, until: ids[kind].get(id) ?? 0 }
}

function findLimit(
  limits: EntryMaps['limits'],
  kind: keyof EntryMaps['limits'],
  id: string | undefined,
  version: number | undefined,
): RevokingEntry | undefined {
  if (limits[kind].size === 0 || id === undefined) return undefined
  const limit = limits[kind].get(id)
  // A token without a version cannot show that it is new enough.
  const isBelow = limit !== undefined && (version === undefined || version < limit.belowVersion)
  return isBelow ? { kind, id, ...limit } : undefined
}
