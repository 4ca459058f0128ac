import type { ActorFacts, RevocationFacts } from '../policy/revocation-view.ts'
import type { WireEntry } from './entries.ts'

/** The facts of a token that the index reads. The issuer and the client of a token are not among them. */
export type IndexedFacts = Pick<RevocationFacts, 'jti' | 'iat'> & Partial<RevocationFacts>

/** What is to be done with a token; `claims_stale` asks its holder for a new one. */
export type RevocationVerdict = 'live' | 'revoked' | 'claims_stale'

/** The live entries of one issuer, in memory. */
export interface LiveIndex {
  /** Changes whenever an entry was added, so that cached answers are asked again. */
  readonly generation: () => number
  readonly size: () => number
  /** What was issued at this moment or before is dead; -1 for nothing. A mint waits until it has passed. */
  readonly issuedUpTo: () => number
  readonly check: (facts: IndexedFacts) => RevocationVerdict
  /** Whether a key that signed or enveloped the token, or an ancestor of it, is burnt. */
  readonly isKeyBurnt: (facts: IndexedFacts) => boolean
  /** Adds entries, none of which lasts longer than `untilMax`. Returns whether any of them is news. */
  readonly apply: (entries: readonly WireEntry[], untilMax?: number) => boolean
  /** Whether an entry is here that says at least as much. */
  readonly covers: (entry: WireEntry) => boolean
  /** Units: letters of all ids. */
  readonly letters: () => number
  /** Forgets everything, for the snapshot of a new epoch. */
  readonly replace: (entries: readonly WireEntry[]) => void
  /** Drops entries that no token can concern any more. */
  readonly prune: (now: number) => void
  readonly entries: () => WireEntry[]
}

/** Versions below this one are dead. Of an issuer: what was issued at this moment or before. */
interface Limit {
  readonly belowVersion: number
  readonly until: number
}

/**
 * Makes an index that answers with a constant number of map look-ups, however many entries live in it.
 * Why: a token entry is one map slot and one string, below 100 bytes, so that memory follows revocations, not tokens.
 * Source: ours.
 */
export function createLiveIndex(): LiveIndex {
  const ids = {
    token: new Map<string, number>(),
    sid: new Map<string, number>(),
    key: new Map<string, number>(),
  }
  const limits = {
    client: new Map<string, Limit>(),
    user: new Map<string, Limit>(),
    claims_stale: new Map<string, Limit>(),
  }
  const maps = [...Object.values(ids), ...Object.values(limits)]
  let issuer: Limit = noLimit
  let letters = 0
  let generation = 0

  function check(facts: IndexedFacts): RevocationVerdict {
    if (facts.iat <= issuer.belowVersion) return 'revoked'
    if (facts.ancestorIat !== undefined && facts.ancestorIat <= issuer.belowVersion)
      return 'revoked'
    if (ids.token.size > 0 && ids.token.has(facts.jti)) return 'revoked'
    if (ids.sid.size > 0 && facts.sid !== undefined && ids.sid.has(facts.sid)) return 'revoked'
    if (ids.key.size > 0 && isKeyBurnt(facts)) return 'revoked'
    if (isBelow(limits.client, facts.cid, facts.cv)) return 'revoked'
    if (facts.ancestors !== undefined && facts.ancestors.some((jti) => ids.token.has(jti))) {
      return 'revoked'
    }
    if (facts.actors !== undefined && facts.actors.some(isActorBelow)) return 'revoked'
    if (isBelow(limits.user, facts.sub, facts.uv)) return 'revoked'
    if (isBelow(limits.claims_stale, facts.sub, facts.uv)) return 'claims_stale'
    return 'live'
  }

  function isKeyBurnt({ kid, envelopeKid, ancestorKids }: IndexedFacts): boolean {
    return isBurnt(kid) || isBurnt(envelopeKid) || ancestorKids?.some(isBurnt) === true
  }

  function isBurnt(kid: string | undefined): boolean {
    return kid !== undefined && ids.key.has(kid)
  }

  function isActorBelow({ cid, cv }: ActorFacts): boolean {
    return isBelow(limits.client, cid, cv)
  }

  function add(entry: WireEntry, untilMax: number): boolean {
    const [, kind, id, given, belowVersion = 0] = entry
    if (covers(entry)) return false
    const until = Math.min(given, untilMax)
    switch (kind) {
      case 'token':
      case 'sid':
      case 'key':
        return put(ids[kind], id, Math.max(until, ids[kind].get(id) ?? 0))
      case 'client':
      case 'user':
      case 'claims_stale':
        return put(limits[kind], id, higher({ belowVersion, until }, limits[kind].get(id)))
      case 'issuer':
        issuer = higher({ belowVersion, until }, issuer)
        return true
    }
  }

  function put<T>(map: Map<string, T>, id: string, value: T): true {
    if (!map.has(id)) letters += id.length
    map.set(id, value)
    return true
  }

  function covers([, kind, id, until, belowVersion = 0]: WireEntry): boolean {
    switch (kind) {
      case 'token':
      case 'sid':
      case 'key':
        return (ids[kind].get(id) ?? -1) >= until
      case 'client':
      case 'user':
      case 'claims_stale':
        return isAtLeast(limits[kind].get(id), belowVersion, until)
      case 'issuer':
        return isAtLeast(issuer, belowVersion, until)
    }
  }

  function apply(entries: readonly WireEntry[], untilMax = Infinity): boolean {
    let isNews = false
    for (const entry of entries) if (add(entry, untilMax)) isNews = true
    if (isNews) generation += 1
    return isNews
  }

  function clear(): void {
    for (const map of maps) map.clear()
    letters = 0
    issuer = noLimit
  }

  function dropPast<T>(map: Map<string, T>, now: number, untilOf: (value: T) => number): void {
    for (const [id, value] of map) {
      if (untilOf(value) >= now) continue
      letters -= id.length
      map.delete(id)
    }
  }

  return {
    generation: () => generation,
    size: () => maps.reduce((sum, map) => sum + map.size, issuer.belowVersion >= 0 ? 1 : 0),
    letters: () => letters,
    issuedUpTo: () => issuer.belowVersion,
    check,
    isKeyBurnt,
    apply,
    covers,
    replace: (entries) => {
      clear()
      generation += 1
      apply(entries)
    },
    prune: (now) => {
      for (const map of Object.values(ids)) dropPast(map, now, (until) => until)
      for (const map of Object.values(limits)) dropPast(map, now, (limit) => limit.until)
      if (issuer.until < now) issuer = noLimit
    },
    entries: () => listEntries(ids, limits, issuer),
  }
}

/** Stands for no limit at all; no token is issued before 1970. */
const noLimit: Limit = { belowVersion: -1, until: 0 }

function isBelow(
  limits: Map<string, Limit>,
  id: string | undefined,
  version: number | undefined,
): boolean {
  if (limits.size === 0 || id === undefined) return false
  const limit = limits.get(id)
  // A token that names no version cannot show that it is young enough.
  return limit !== undefined && (version === undefined || version < limit.belowVersion)
}

function isAtLeast(limit: Limit | undefined, belowVersion: number, until: number): boolean {
  return limit !== undefined && limit.belowVersion >= belowVersion && limit.until >= until
}

function higher(one: Limit, other: Limit | undefined): Limit {
  if (other === undefined) return one
  return {
    belowVersion: Math.max(one.belowVersion, other.belowVersion),
    until: Math.max(one.until, other.until),
  }
}

function listEntries(
  ids: Record<'token' | 'sid' | 'key', Map<string, number>>,
  limits: Record<'client' | 'user' | 'claims_stale', Map<string, Limit>>,
  issuer: Limit,
): WireEntry[] {
  const list: WireEntry[] = []
  for (const kind of ['token', 'sid', 'key'] as const) {
    for (const [id, until] of ids[kind]) list.push([0, kind, id, until])
  }
  for (const kind of ['client', 'user', 'claims_stale'] as const) {
    for (const [id, { belowVersion, until }] of limits[kind])
      list.push([0, kind, id, until, belowVersion])
  }
  if (issuer.belowVersion >= 0) list.push([0, 'issuer', '', issuer.until, issuer.belowVersion])
  return list
}
