import type { EpochSeconds, Result } from '@countersign/jwt'
import type { MaybePromise } from '../maybe-promise.ts'
import type { Access } from './select-access.ts'

/** One row of the table of issuers whose assertions are taken; the table is empty unless the operator fills it. */
export interface TrustedIssuer {
  readonly issuer: string
  /** The subjects it may speak for. */
  readonly subjects: readonly string[]
  /** The clients that may present its assertions. */
  readonly clients: readonly string[]
  /** What its assertions can give at most. */
  readonly access: readonly Access[]
  /** How far ahead `exp` may lie. Units: seconds. */
  readonly maxAgeSeconds: number
  /** Signature, issuer, audience (ours alone), times, and that the claims are there which its row requires. */
  readonly verify: (
    assertion: string,
    now: EpochSeconds,
  ) => MaybePromise<Result<Assertion, { reason: string }>>
}

/** What a proven assertion says. */
export interface Assertion {
  readonly subject: string
  /** Absent where the assertion counts until it expires. */
  readonly jti: string | undefined
  readonly expiresAt: EpochSeconds
}
