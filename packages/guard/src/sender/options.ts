import type { EpochSeconds, JwsAlgorithm } from '@countersign/jwt'

/** How senders prove that they hold the key of their token. */
export interface DpopOptions {
  /**
   * This API's own address as its senders write it, with the path that a proxy strips, if one does.
   * Why: it is never taken from the request, because whoever replays a proof chooses `Host` too.
   */
  readonly publicOrigin: string
  /** Refuses tokens that are bound to no key. */
  readonly required?: boolean
  /**
   * How proofs may be signed. Default: ES256, ES384, Ed25519, EdDSA, PS256. `RS256` counts only where it is listed.
   * Source: RFC 9449 §4.3; FAPI 2.0 Security Profile §5.4.1.
   */
  readonly algorithms?: readonly JwsAlgorithm[]
  /** Units: seconds; 60 unless told otherwise. */
  readonly proofAgeSecondsMax?: number
  /** Asks each proof for a nonce of ours. */
  readonly nonces?: NonceSource
  /** Where used proofs are remembered: in this process unless told otherwise. */
  readonly replays?: ReplayMemory
}

/** Nonces that senders have to repeat (RFC 9449 §8). */
export interface NonceSource {
  readonly issue: (now: EpochSeconds) => string
  readonly accepts: (nonce: string, now: EpochSeconds) => boolean
}

/** Remembers proofs for as long as they could be used again; a shared one serves many processes. */
export interface ReplayMemory {
  /**
   * Remembers an id; `seen` when it already was, `full` when it cannot be. Must be atomic. `holder` is the thumbprint
   * of the key that made the proof, so that a memory can give each key a share.
   */
  readonly remember: (
    id: string,
    until: EpochSeconds,
    now: EpochSeconds,
    holder?: string,
  ) => ReplayVerdict | Promise<ReplayVerdict>
}

/** What a memory says of a proof: new to it, seen before, or not to be remembered. */
export type ReplayVerdict = 'fresh' | 'seen' | 'full'
