import type { EpochSeconds, JwtClaims } from '@countersign/jwt'

/**
 * The mark of an admission. It exists as a type only.
 * Why: a private member cannot be written in an object literal, and a spread of a caller drops it.
 */
declare abstract class Admitted {
  private readonly admitted: true
}

/** How the token came: in the header under one of two schemes, or in the session cookie. */
export type Scheme = 'Bearer' | 'DPoP' | 'Cookie'

/** The claims of a token that this guard has verified, before any schema of the owner's. */
export type VerifiedClaims = JwtClaims

/**
 * A verified caller. Only a guard makes one, so a function that asks for it cannot be reached unguarded.
 * Why: it is frozen, claims included, because one repeated token shares it between requests.
 */
export interface Admission<Claims = VerifiedClaims> extends Admitted {
  /** The token's claims, or what the owner's schema made of them. */
  readonly claims: Readonly<Claims>
  readonly issuer: string
  readonly subject: string
  /** Empty when a foreign profile does not carry one. */
  readonly clientId: string
  readonly audience: readonly string[]
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  readonly permissions: readonly string[]
  readonly tokenId: string | undefined
  readonly issuedAt: EpochSeconds | undefined
  readonly expiresAt: EpochSeconds
  /** When and how the user last signed in (RFC 9470); absent for machine clients. */
  readonly authenticatedAt: EpochSeconds | undefined
  readonly acr: string | undefined
  readonly scheme: Scheme
  /** The thumbprint of the key that the sender has proven to hold. */
  readonly keyThumbprint: string | undefined
}

/** Everything an admission says, before it is one. */
export type AdmissionFacts<Claims> = Pick<Admission<Claims>, keyof Admission<Claims>>

/** Brands facts as an admission; only the guard room calls this, after every check has passed. */
export function admit<Claims>(facts: AdmissionFacts<Claims>): Admission<Claims> {
  return Object.freeze(facts) as Admission<Claims>
}
