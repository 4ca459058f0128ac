/**
 * One live entry of the revocation log as it travels: sequence, kind, id, the moment after which no token can concern
 * it, and for versions the first one that still lives. For `issuer` the id is empty and the number is a moment.
 * Units: epoch seconds for moments.
 */
export type WireEntry = readonly [
  sequence: number,
  kind: EntryKind,
  id: string,
  until: number,
  belowVersion?: number,
]

/** The subject of an entry: one token, a session or family, versions below a number, a key, or all up to a moment. */
export type EntryKind = 'token' | 'sid' | 'client' | 'user' | 'claims_stale' | 'key' | 'issuer'
