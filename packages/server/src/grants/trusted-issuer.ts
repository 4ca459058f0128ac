import type { EpochSeconds, Result } from '@countersign/jwt'
import type { MaybePromise } from '../maybe-promise.ts'
import type { Access } from './select-access.ts'
import type { RefusedToken } from '../token-detail.ts'

/** An issuer whose assertions are accepted. There is none unless the operator lists it. */
export interface TrustedIssuer {
  readonly issuer: string
  /** The subjects it may speak for. */
  readonly subjects: readonly string[]
  /** The clients that may present its assertions. */
  readonly clients: readonly string[]
  /** The most access that its assertions can give. */
  readonly access: readonly Access[]
  /** The most seconds from now to `exp`. Units: seconds. */
  readonly maxAgeSeconds: number
  /** Verifies the signature, issuer, audience (ours alone), times and required claims of an assertion. */
  readonly verify: (
    assertion: string,
    now: EpochSeconds,
  ) => MaybePromise<Result<Assertion, RefusedToken>>
}

/** The claims of a verified assertion. */
export interface Assertion {
  readonly subject: string
  /** Absent where the assertion may be used until it expires. */
  readonly jti: string | undefined
  readonly expiresAt: EpochSeconds
}
