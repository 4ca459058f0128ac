import type { WireEntry } from './entries.ts'

/** The entries of one epoch, by kind. */
export interface EntryMaps {
  /** The moment after which no token can concern an entry. Units: epoch seconds. */
  readonly ids: Readonly<Record<'token' | 'sid' | 'key', Map<string, number>>>
  readonly limits: Readonly<Record<'client' | 'user' | 'claims_stale', Map<string, Limit>>>
  issuer: Limit
  /** Units: letters of all ids. */
  letters: number
}

/** Revokes versions below this one. For an issuer: tokens that were issued at this moment or before. */
export interface Limit {
  readonly belowVersion: number
  readonly until: number
}

/** Means no limit, because no token is issued before 1970. */
const noLimit: Limit = { belowVersion: -1, until: 0 }

/** Creates maps without an entry. */
export function createEntryMaps(): EntryMaps {
  return {
    ids: { token: new Map(), sid: new Map(), key: new Map() },
    limits: { client: new Map(), user: new Map(), claims_stale: new Map() },
    issuer: noLimit,
    letters: 0,
  }
}

/** Adds an entry, which ends at `untilMax` at the latest. Returns whether it is new. */
export function addEntry(maps: EntryMaps, entry: WireEntry, untilMax: number): boolean {
  const [, kind, id, given, belowVersion = 0] = entry
  if (coversEntry(maps, entry)) return false
  const until = Math.min(given, untilMax)
  switch (kind) {
    case 'token':
    case 'sid':
    case 'key': {
      const known = maps.ids[kind]
      putEntry(maps, known, id, Math.max(until, known.get(id) ?? 0))
      return true
    }
    case 'client':
    case 'user':
    case 'claims_stale': {
      const known = maps.limits[kind]
      putEntry(maps, known, id, higherLimit({ belowVersion, until }, known.get(id)))
      return true
    }
    case 'issuer':
      maps.issuer = higherLimit({ belowVersion, until }, maps.issuer)
      return true
  }
}

/** Whether a known entry revokes at least as much. */
export function coversEntry(
  { ids, limits, issuer }: EntryMaps,
  [, kind, id, until, belowVersion = 0]: WireEntry,
): boolean {
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

/** Drops entries that no token can concern any more. */
export function dropEnded(maps: EntryMaps, now: number): void {
  for (const map of Object.values(maps.ids)) dropPast(maps, map, (until) => until < now)
  for (const map of Object.values(maps.limits)) dropPast(maps, map, ({ until }) => until < now)
  if (maps.issuer.until < now) maps.issuer = noLimit
}

/** Forgets all entries. */
export function clearEntries(maps: EntryMaps): void {
  for (const map of mapsOf(maps)) map.clear()
  maps.issuer = noLimit
  maps.letters = 0
}

/** Counts the entries of all kinds. */
export function countEntries(maps: EntryMaps): number {
  const issuer = maps.issuer.belowVersion >= 0 ? 1 : 0
  return mapsOf(maps).reduce((sum, map) => sum + map.size, issuer)
}

/** Lists all entries, with sequence 0, because the index keeps none. */
export function listEntries({ ids, limits, issuer }: EntryMaps): WireEntry[] {
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

function mapsOf({ ids, limits }: EntryMaps): readonly Map<string, unknown>[] {
  return [ids.token, ids.sid, ids.key, limits.client, limits.user, limits.claims_stale]
}

function putEntry<T>(maps: EntryMaps, map: Map<string, T>, id: string, value: T): void {
  if (!map.has(id)) maps.letters += id.length
  map.set(id, value)
}

function dropPast<T>(maps: EntryMaps, map: Map<string, T>, isPast: (value: T) => boolean): void {
  for (const [id, value] of map) {
    if (!isPast(value)) continue
    maps.letters -= id.length
    map.delete(id)
  }
}

function isAtLeast(limit: Limit | undefined, belowVersion: number, until: number): boolean {
  return limit !== undefined && limit.belowVersion >= belowVersion && limit.until >= until
}

function higherLimit(one: Limit, other: Limit | undefined): Limit {
  if (other === undefined) return one
  return {
    belowVersion: Math.max(one.belowVersion, other.belowVersion),
    until: Math.max(one.until, other.until),
  }
}
