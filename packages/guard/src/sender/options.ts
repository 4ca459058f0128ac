import type { EpochSeconds, JwsAlgorithm } from '@countersign/jwt'

/** How senders prove that they hold the key of their token (RFC 9449). */
export interface DpopOptions {
  /**
   * This API's address as its senders write it. It includes a path that a proxy strips.
   * Why: it never comes from the request, because the attacker who replays a proof chooses `Host` too.
   */
  readonly publicOrigin: string
  /** Refuses tokens that are not bound to a key. Default: `false`. */
  readonly required?: boolean
  /**
   * The algorithms of proofs. Default: ES256, ES384, Ed25519, EdDSA, PS256. `RS256` is accepted only if it is listed.
   * Source: RFC 9449 §4.3; FAPI 2.0 Security Profile §5.4.1.
   */
  readonly algorithms?: readonly JwsAlgorithm[]
  /** The largest age of a proof. Units: seconds. Default: 60. */
  readonly proofAgeSecondsMax?: number
  /** Requires a nonce of this source in each proof. Default: no nonces. */
  readonly nonces?: NonceSource
  /** The memory of used proofs. Default: one of this process. */
  readonly replays?: ReplayMemory
}

/** Makes and checks the nonces that senders repeat (RFC 9449 §8). */
export interface NonceSource {
  readonly issue: (now: EpochSeconds) => string
  readonly accepts: (nonce: string, now: EpochSeconds) => boolean
}

/** Remembers proofs while they are valid. Several processes can share a memory. */
export interface ReplayMemory {
  /**
   * Remembers an id. Must be atomic. `holder` is the thumbprint of the key of the proof, so that a memory can give each
   * key a share.
   */
  readonly remember: (
    id: string,
    until: EpochSeconds,
    now: EpochSeconds,
    holder?: string,
  ) => ReplayVerdict | Promise<ReplayVerdict>
}

/** The answer of a memory: the proof is new, was seen before, or finds the memory full. */
export type ReplayVerdict = 'fresh' | 'seen' | 'full'
