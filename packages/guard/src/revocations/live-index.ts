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
  type Limit,
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
  /** Whether a key that signed or enveloped the token, or an ancestor of it, is burnt. */
  readonly isKeyBurnt: (facts: IndexedFacts) => boolean
  /** Adds entries, none of which lasts longer than `untilMax`. Returns whether any of them is news. */
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
    check: (facts) => checkFacts(maps, facts),
    isKeyBurnt: (facts) => isKeyBurnt(maps, facts),
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

function checkFacts(maps: EntryMaps, facts: IndexedFacts): RevocationVerdict {
  const { ids, limits, issuer } = maps
  const { iat, ancestorIat, ancestors, actors } = facts
  if (iat <= issuer.belowVersion) return 'revoked'
  if (ancestorIat !== undefined && ancestorIat <= issuer.belowVersion) return 'revoked'
  if (ids.token.size > 0 && ids.token.has(facts.jti)) return 'revoked'
  if (ids.sid.size > 0 && facts.sid !== undefined && ids.sid.has(facts.sid)) return 'revoked'
  if (ids.key.size > 0 && isKeyBurnt(maps, facts)) return 'revoked'
  if (isBelow(limits.client, facts.cid, facts.cv)) return 'revoked'
  if (ancestors !== undefined && ancestors.some((jti) => ids.token.has(jti))) return 'revoked'
  if (actors !== undefined && actors.some(({ cid, cv }) => isBelow(limits.client, cid, cv)))
    return 'revoked'
  if (isBelow(limits.user, facts.sub, facts.uv)) return 'revoked'
  if (isBelow(limits.claims_stale, facts.sub, facts.uv)) return 'claims_stale'
  return 'live'
}

function isKeyBurnt(
  { ids: { key } }: EntryMaps,
  { kid, envelopeKid, ancestorKids }: IndexedFacts,
): boolean {
  if (kid !== undefined && key.has(kid)) return true
  if (envelopeKid !== undefined && key.has(envelopeKid)) return true
  return ancestorKids !== undefined && ancestorKids.some((each) => key.has(each))
}

function isBelow(
  limits: Map<string, Limit>,
  id: string | undefined,
  version: number | undefined,
): boolean {
  if (limits.size === 0 || id === undefined) return false
  const limit = limits.get(id)
  // A token without a version cannot show that it is new enough.
  return limit !== undefined && (version === undefined || version < limit.belowVersion)
}
