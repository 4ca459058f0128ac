import type { IssuerVerifier } from '../token/issuer-verifier.ts'

/** The verifiers of the trusted issuers. Only a look-up takes time. */
export interface Issuers {
  /** The verifier of a single issuer. Its tokens need no decoding to find it. */
  readonly only: IssuerVerifier | undefined
  /** Whether an earlier verifier is still in force. A look-up may have withdrawn it, or needs to be asked again. */
  readonly trusts: (verifier: IssuerVerifier) => boolean
  /** Finds the verifier of an issuer. Returns `busy` while too many look-ups are pending. */
  readonly findVerifier: (
    issuer: string,
  ) => IssuerVerifier | undefined | 'busy' | Promise<IssuerVerifier | undefined>
  readonly listVerifiers: () => readonly IssuerVerifier[]
  /** Counts the looked-up issuers. Absent if issuers are listed. */
  readonly occupancy?: () => LookupOccupancy
  /** Closes each verifier, and those that a pending look-up may still open. */
  readonly close: () => void
}

/** Units: issuers in memory now; the most; evicted since the start. */
export interface LookupOccupancy {
  readonly kept: number
  readonly issuersMax: number
  readonly evicted: number
}
