import type { JwsAlgorithm, Key, KeySet } from '@countersign/jwt'
import type { KeySource } from './key-source.ts'
import type { RevocationPolicy } from './revocation-policy.ts'
import type { RevocationView } from './revocation-view.ts'

/** Keys that the owner passes. A guard makes no request for the keys of such an issuer. */
export type GivenKeys = Key | readonly Key[] | KeySet | KeySource | GivenJwks

/** A published JWK set. */
export interface GivenJwks {
  readonly keys: readonly object[]
}

/** One trusted issuer with options of its own. */
export interface TrustedIssuer {
  readonly issuer: string
  readonly keys?: GivenKeys
  /** The required audience of its tokens. Default: the guard's `audience`. */
  readonly audience?: string | readonly string[]
  readonly algorithms?: readonly JwsAlgorithm[]
  /** The address of this issuer inside of the owner's network. Default: the issuer itself. */
  readonly issuerAddress?: string | undefined
  /** The host of this issuer that is reached over plain http. Default: none. */
  readonly plainHttpIssuerUnsafe?: string | undefined
  /** The revocation options of this issuer. Default: the guard's `revocation`. */
  readonly revocation?: RevocationView | RevocationPolicy | false
}

/** A table of trusted issuers outside of the guard, such as tenants in a database. */
export interface IssuerLookup {
  /** Returns `undefined` for an issuer that is not trusted. */
  readonly lookup: (
    issuer: string,
  ) => TrustedIssuer | undefined | Promise<TrustedIssuer | undefined>
  /** How long an answer stays in the cache, `undefined` included. Units: seconds. Default: 60. */
  readonly keepSeconds?: number
  /**
   * The most issuers with keys and revocation feeds in memory. Beyond it the least recently used issuer is dropped. Its
   * next request fetches everything again. Default: 1,000.
   */
  readonly issuersMax?: number
}

/** The trusted issuers of a guard: one, several, or those of a look-up. */
export type TrustedIssuers =
  | string
  | TrustedIssuer
  | readonly (string | TrustedIssuer)[]
  | IssuerLookup
