import type { EpochSeconds } from '@countersign/jwt'

/** A single-use identifier (assertion `jti`, DPoP `jti`), recorded in the same transaction as the request that uses it. */
export interface SpentId {
  readonly space: 'client_assertion' | 'dpop' | 'jwt_bearer'
  /** The issuer, client or key thumbprint within which the id must be unique. */
  readonly owner: string
  readonly id: string
  /** When the row may be deleted. */
  readonly until: EpochSeconds
}

/** The single-use identifiers that a verb records with its own work. */
/**
 * How long the id of an assertion is kept after `exp`. A clock may be an hour ahead and be set back.
 * Units: seconds.
 */
export const assertionIdSecondsKept = 3_900

/** Ids that an act uses up. */
export interface Spending {
  readonly spend?: readonly SpentId[]
}
