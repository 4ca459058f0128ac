import type { RevokingEntry } from './revocation-entry.ts'

/** The facts of a verified token that a revocation may concern. */
export interface RevocationFacts {
  readonly issuer: string
  readonly jti: string
  /** Empty if a foreign profile names no client. */
  readonly clientId: string
  readonly kid: string | undefined
  /** The key that the token was encrypted to. A thief of that key may have read the token. */
  readonly envelopeKid?: string | undefined
  /** Units: epoch seconds. */
  readonly iat: number
  readonly sub?: string | undefined
  readonly sid?: string | undefined
  readonly cid?: string | undefined
  readonly cv?: number | undefined
  readonly uv?: number | undefined
  /** Ids of the tokens that it was exchanged from. An entry for one of them concerns this token too. */
  readonly ancestors?: readonly string[] | undefined
  /** The keys that signed or encrypted those tokens. */
  readonly ancestorKids?: readonly string[] | undefined
  /** When the first of those tokens was issued. Units: epoch seconds. */
  readonly ancestorIat?: number | undefined
  /** The clients that acted for others to get the token (RFC 8693 §4.1), each with its version. */
  readonly actors?: readonly ActorFacts[] | undefined
}

/** A client in the claim `act`. */
export interface ActorFacts {
  readonly cid: string
  readonly cv: number
}

/**
 * A guard's view of the revocation log. It answers from memory.
 * Why: a token that was seen before is checked again only if `generation` has changed since.
 */
export interface RevocationView {
  readonly check: (facts: RevocationFacts) => 'live' | 'revoked' | 'claims_stale'
  /** Finds the entry of a verdict that is not `live`. A guard calls it for refused tokens only. */
  readonly findEntry?: (facts: RevocationFacts) => RevokingEntry | undefined
  /** Changes whenever an entry was added. */
  readonly generation: () => number
  /** True while the entries are older than the owner allows and the owner chose `deny`. Called on each request. */
  readonly isTooStale: () => boolean
  /** Starts to follow the feed, if the owner set a policy. Called once, when the guard is complete. */
  readonly begin?: () => void
  /**
   * Returns a promise while a request should wait: before the first page, or in a process that slept. The promise
   * never rejects and resolves within 3 seconds. Returns `undefined` if the entries are fresh enough.
   */
  readonly catchUp?: () => Promise<void> | undefined
  readonly health: () => RevocationHealth
  /** Resolves after the first page, and rejects if it could not be fetched. Absent if the view is always complete. */
  readonly ready?: () => Promise<void>
  readonly close?: () => void
}

/** How fresh the entries are. Units: seconds since the last fresh message; Infinity before the first. */
export interface RevocationHealth {
  /** `none` if the issuer has no feed and the owner requires none. */
  readonly state: 'fresh' | 'stale' | 'none'
  readonly ageSeconds: number
}
