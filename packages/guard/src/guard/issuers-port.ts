import type { IssuerVerifier } from '../token/issuer-verifier.ts'

/** Finds the verifier of an issuer; only a look-up elsewhere takes time. */
export interface Issuers {
  /** The one verifier there is, so that its tokens need not be opened to find it. */
  readonly only: IssuerVerifier | undefined
  /** Whether a verifier found earlier is still in force; a look-up may have been withdrawn, or has to be asked again. */
  readonly trusts: (verifier: IssuerVerifier) => boolean
  /** `busy` while so many names are asked about that one more would be a burden. */
  readonly find: (
    issuer: string,
  ) => IssuerVerifier | undefined | 'busy' | Promise<IssuerVerifier | undefined>
  readonly open: () => readonly IssuerVerifier[]
  /** How full the memory of looked-up issuers is; absent where they are listed. */
  readonly occupancy?: () => LookupOccupancy
  /** Ends what goes on for each of them, and for those that a look-up under way may still open. */
  readonly close: () => void
}

/** Units: issuers kept now; kept at most; evicted since the start. */
export interface LookupOccupancy {
  readonly kept: number
  readonly issuersMax: number
  readonly evicted: number
}
