import type { EpochSeconds } from '@countersign/jwt'

/** A single-use identifier (assertion `jti`, DPoP `jti`) recorded in the transaction of the act it admits. */
export interface SpentId {
  readonly space: 'client_assertion' | 'dpop' | 'jwt_bearer'
  /** The issuer, client or key thumbprint within which the id must be unique. */
  readonly owner: string
  readonly id: string
  /** When the row may go. */
  readonly until: EpochSeconds
}

export interface Spending {
  readonly spend?: readonly SpentId[]
}
