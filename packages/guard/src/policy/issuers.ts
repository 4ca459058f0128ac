import type { JwsAlgorithm, Key, KeySet } from '@countersign/jwt'
import type { KeySource } from './key-source.ts'
import type { RevocationPolicy } from './revocation-policy.ts'
import type { RevocationView } from './revocation-view.ts'

/** Keys in the owner's hand: no network is touched for an issuer that has them. */
export type GivenKeys = Key | readonly Key[] | KeySet | KeySource | GivenJwks

/** A JWK set as it is published. */
export interface GivenJwks {
  readonly keys: readonly object[]
}

/** One issuer that is trusted, where its name alone does not say everything. */
export interface TrustedIssuer {
  readonly issuer: string
  readonly keys?: GivenKeys
  /** What its tokens must be for, when that differs from the guard's `audience`. */
  readonly audience?: string | readonly string[]
  readonly algorithms?: readonly JwsAlgorithm[]
  /** Decides for this issuer alone; otherwise the guard's `revocation` does. */
  readonly revocation?: RevocationView | RevocationPolicy | false
}

/** A table of trusted issuers that lives elsewhere, tenants in a database say. */
export interface IssuerLookup {
  /** `undefined` for one that is not trusted. */
  readonly lookup: (
    issuer: string,
  ) => TrustedIssuer | undefined | Promise<TrustedIssuer | undefined>
  /** How long an answer is kept, a refusing one included. Units: seconds. Default: 60. */
  readonly keepSeconds?: number
  /**
   * Issuers whose keys and revocation feeds are kept at a time. Beyond it the one that was used least recently goes, and
   * its next request fetches everything again. Units: issuers. Default: 1,000.
   */
  readonly issuersMax?: number
}

/** Whom a guard trusts: one issuer, several, or those that a look-up knows. */
export type TrustedIssuers =
  | string
  | TrustedIssuer
  | readonly (string | TrustedIssuer)[]
  | IssuerLookup
