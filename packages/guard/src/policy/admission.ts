import type { EpochSeconds, JwtClaims } from '@countersign/jwt'

/**
 * The brand of an admission. It exists only as a type.
 * Why: an object literal cannot have a private member, and a spread of a caller drops it.
 */
declare abstract class Admitted {
  private readonly admitted: true
}

/** How the token was sent: in the header under one of two schemes, or in the session cookie. */
export type Scheme = 'Bearer' | 'DPoP' | 'Cookie'

/** The claims of a verified token, before a schema of the owner. */
export type VerifiedClaims = JwtClaims

/**
 * A verified caller. Only a guard makes one, so a function with this parameter runs only behind a guard.
 * Why: it and its claims are frozen, because requests with the same token share them.
 */
export interface Admission<Claims = VerifiedClaims> extends Admitted {
  /** The token's claims, or the output of the owner's schema. */
  readonly claims: Readonly<Claims>
  readonly issuer: string
  readonly subject: string
  /** Empty if a foreign profile names no client. */
  readonly clientId: string
  readonly audience: readonly string[]
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  readonly permissions: readonly string[]
  readonly tokenId: string | undefined
  readonly issuedAt: EpochSeconds | undefined
  readonly expiresAt: EpochSeconds
  /** When the user last signed in (RFC 9470). Undefined for machine clients. */
  readonly authenticatedAt: EpochSeconds | undefined
  readonly acr: string | undefined
  readonly scheme: Scheme
  /** The thumbprint of the sender's key, if the token is bound. */
  readonly keyThumbprint: string | undefined
}

/** The facts of an admission before it has its brand. */
export type AdmissionFacts<Claims> = Pick<Admission<Claims>, keyof Admission<Claims>>

/** Brands facts as an admission. Only the folder `guard` calls this, after every check has passed. */
export function admit<Claims>(facts: AdmissionFacts<Claims>): Admission<Claims> {
  return Object.freeze(facts) as Admission<Claims>
}
