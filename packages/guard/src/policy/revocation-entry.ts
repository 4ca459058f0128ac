/**
 * One live entry of the revocation log in its wire form: sequence, kind, id, end and version. After the end it concerns
 * no token. The version is the first one that stays live. For `issuer` the id is empty and the version is a moment.
 * Units: epoch seconds for moments.
 */
export type WireEntry = readonly [
  sequence: number,
  kind: EntryKind,
  id: string,
  until: number,
  belowVersion?: number,
]

/** The subject of an entry: one token, a session or family, versions below a number, a key, or all tokens up to a moment. */
export type EntryKind = 'token' | 'sid' | 'client' | 'user' | 'claims_stale' | 'key' | 'issuer'

/** The entry that revokes a token. `until` is absent if it is unknown. Units: epoch seconds. */
export interface RevokingEntry {
  readonly kind: EntryKind
  /** The id of the token, session, client, user or key. Empty for `issuer`. */
  readonly id: string
  readonly until?: number
  /** It revokes versions below this one. For an issuer: tokens that were issued at this moment or before. */
  readonly belowVersion?: number
}
