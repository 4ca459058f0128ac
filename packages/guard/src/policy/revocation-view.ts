/** The facts of a verified token that a revocation may concern. */
export interface RevocationFacts {
  readonly issuer: string
  readonly jti: string
  /** Empty when a foreign profile does not name a client. */
  readonly clientId: string
  readonly kid: string | undefined
  /** The key that it was encrypted to. A thief of that key may have read the token. */
  readonly envelopeKid?: string | undefined
  /** Units: epoch seconds. */
  readonly iat: number
  readonly sub?: string | undefined
  readonly sid?: string | undefined
  readonly cid?: string | undefined
  readonly cv?: number | undefined
  readonly uv?: number | undefined
  /** Ids of the tokens that it was exchanged from. An entry against one of them is against this one too. */
  readonly ancestors?: readonly string[] | undefined
  /** The keys that those were signed with, and encrypted to. */
  readonly ancestorKids?: readonly string[] | undefined
  /** When the first of those was issued. Units: epoch seconds. */
  readonly ancestorIat?: number | undefined
  /** The clients that acted one after another to get it (RFC 8693 §4.1), each with its version. */
  readonly actors?: readonly ActorFacts[] | undefined
}

/** A client that acted for another one, as `act` names it. */
export interface ActorFacts {
  readonly cid: string
  readonly cv: number
}

/**
 * What a guard knows about tokens taken back, answered from memory.
 * Why: a repeated token is asked again only when `generation` differs from the one it was last asked under.
 */
export interface RevocationView {
  readonly check: (facts: RevocationFacts) => 'live' | 'revoked' | 'claims_stale'
  /** Differs after anything was added. */
  readonly generation: () => number
  /** True while the knowledge is older than its owner allows and the owner chose to deny. Asked on each request. */
  readonly isTooStale: () => boolean
  /** Starts to follow the feed, if its owner named a policy. Called once the guard stands. */
  readonly begin?: () => void
  /**
   * A promise while a request should wait: before the first page, or in a process that slept. It never rejects and
   * resolves after 3 seconds at most. `undefined` where the knowledge is good enough to be asked at once.
   */
  readonly catchUp?: () => Promise<void> | undefined
  readonly health: () => RevocationHealth
  /** Resolves when the first knowledge is there, and rejects where it could not be had; absent where it always is. */
  readonly ready?: () => Promise<void>
  readonly close?: () => void
}

/** Units: seconds since the last message that proved to be fresh; Infinity before the first. */
export interface RevocationHealth {
  /** `none` where the issuer has no feed, and its owner asked for none. */
  readonly state: 'fresh' | 'stale' | 'none'
  readonly ageSeconds: number
}
