import type { WireEntry } from './entries.ts'

/** What a verified token says that a revocation entry may concern. */
export interface RevocableFacts {
  readonly jti: string
  readonly iat: number
  readonly kid?: string | undefined
  /** Of the key that it was encrypted to; a thief of that key may have read it. */
  readonly envelopeKid?: string | undefined
  readonly sid?: string | undefined
  readonly sub?: string | undefined
  readonly cid?: string | undefined
  readonly cv?: number | undefined
  readonly uv?: number | undefined
  /** Ids of the tokens that it was exchanged from; an entry against one of them is against this one too. */
  readonly ancestors?: readonly string[] | undefined
  /** The keys that those were signed with. */
  readonly ancestorKids?: readonly string[] | undefined
  /** When the first of those was issued. */
  readonly ancestorIat?: number | undefined
  /** The clients that acted one after another to get it (RFC 8693 §4.1), each with its version. */
  readonly actors?: readonly ActorFacts[] | undefined
}

/** One who acted for another, as `act` names it. */
export interface ActorFacts {
  readonly cid: string
  readonly cv: number
}

/** What is to be done with a token; `claims_stale` asks its holder for a new one. */
export type RevocationVerdict = 'live' | 'revoked' | 'claims_stale'

/** The live entries of one issuer, in memory. */
export interface LiveIndex {
  /** Changes whenever an entry was added, so that cached answers are asked again. */
  readonly generation: () => number
  readonly size: () => number
  /** What was issued at this moment or before is dead; -1 for nothing. A mint waits until it has passed. */
  readonly issuedUpTo: () => number
  readonly check: (facts: RevocableFacts) => RevocationVerdict
  readonly apply: (entries: readonly WireEntry[]) => void
  /** Forgets everything, for the snapshot of a new epoch. */
  readonly replace: (entries: readonly WireEntry[]) => void
  /** Drops entries that no token can concern any more. */
  readonly prune: (now: number) => void
  readonly entries: () => WireEntry[]
}

interface Mark {
  readonly below: number
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
  const marks = {
    client: new Map<string, Mark>(),
    user: new Map<string, Mark>(),
    claims_stale: new Map<string, Mark>(),
  }
  let issuer: Mark = { below: -1, until: 0 }
  let generation = 0

  function check(facts: RevocableFacts): RevocationVerdict {
    if (facts.iat <= issuer.below) return 'revoked'
    if (facts.ancestorIat !== undefined && facts.ancestorIat <= issuer.below) return 'revoked'
    if (ids.token.size > 0 && ids.token.has(facts.jti)) return 'revoked'
    if (ids.sid.size > 0 && facts.sid !== undefined && ids.sid.has(facts.sid)) return 'revoked'
    if (ids.key.size > 0 && (isBurnt(facts.kid) || isBurnt(facts.envelopeKid))) return 'revoked'
    if (isBelow(marks.client, facts.cid, facts.cv)) return 'revoked'
    if (facts.ancestors !== undefined && facts.ancestors.some((jti) => ids.token.has(jti))) {
      return 'revoked'
    }
    if (facts.ancestorKids !== undefined && facts.ancestorKids.some(isBurnt)) return 'revoked'
    if (facts.actors !== undefined && facts.actors.some(isActorBelow)) return 'revoked'
    if (isBelow(marks.user, facts.sub, facts.uv)) return 'revoked'
    if (isBelow(marks.claims_stale, facts.sub, facts.uv)) return 'claims_stale'
    return 'live'
  }

  function isBurnt(kid: string | undefined): boolean {
    return kid !== undefined && ids.key.has(kid)
  }

  function isActorBelow({ cid, cv }: ActorFacts): boolean {
    return isBelow(marks.client, cid, cv)
  }

  function add([, kind, id, until, mark = 0]: WireEntry): void {
    switch (kind) {
      case 'token':
      case 'sid':
      case 'key':
        ids[kind].set(id, Math.max(until, ids[kind].get(id) ?? 0))
        return
      case 'client':
      case 'user':
      case 'claims_stale':
        marks[kind].set(id, higher({ below: mark, until }, marks[kind].get(id)))
        return
      case 'issuer':
        issuer = higher({ below: mark, until }, issuer)
    }
  }

  function apply(entries: readonly WireEntry[]): void {
    for (const entry of entries) add(entry)
    if (entries.length > 0) generation += 1
  }

  function clear(): void {
    for (const map of [...Object.values(ids), ...Object.values(marks)]) map.clear()
    issuer = { below: -1, until: 0 }
  }

  return {
    generation: () => generation,
    size: () =>
      ids.token.size +
      ids.sid.size +
      ids.key.size +
      marks.client.size +
      marks.user.size +
      marks.claims_stale.size +
      (issuer.below >= 0 ? 1 : 0),
    issuedUpTo: () => issuer.below,
    check,
    apply,
    replace: (entries) => {
      clear()
      generation += 1
      apply(entries)
    },
    prune: (now) => {
      for (const map of Object.values(ids)) dropPast(map, now, (until) => until)
      for (const map of Object.values(marks)) dropPast(map, now, (mark) => mark.until)
      if (issuer.until < now) issuer = { below: -1, until: 0 }
    },
    entries: () => listEntries(ids, marks, issuer),
  }
}

function isBelow(
  marks: Map<string, Mark>,
  id: string | undefined,
  version: number | undefined,
): boolean {
  if (marks.size === 0 || id === undefined) return false
  const mark = marks.get(id)
  // A token that names no version cannot show that it is young enough.
  return mark !== undefined && (version === undefined || version < mark.below)
}

function higher(mark: Mark, other: Mark | undefined): Mark {
  if (other === undefined) return mark
  return { below: Math.max(mark.below, other.below), until: Math.max(mark.until, other.until) }
}

function dropPast<T>(map: Map<string, T>, now: number, untilOf: (value: T) => number): void {
  for (const [id, value] of map) if (untilOf(value) < now) map.delete(id)
}

function listEntries(
  ids: Record<'token' | 'sid' | 'key', Map<string, number>>,
  marks: Record<'client' | 'user' | 'claims_stale', Map<string, Mark>>,
  issuer: Mark,
): WireEntry[] {
  const list: WireEntry[] = []
  for (const kind of ['token', 'sid', 'key'] as const) {
    for (const [id, until] of ids[kind]) list.push([0, kind, id, until])
  }
  for (const kind of ['client', 'user', 'claims_stale'] as const) {
    for (const [id, { below, until }] of marks[kind]) list.push([0, kind, id, until, below])
  }
  if (issuer.below >= 0) list.push([0, 'issuer', '', issuer.until, issuer.below])
  return list
}
