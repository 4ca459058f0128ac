import type { JsonValue } from '../bytes/strict-json.ts'
import type { EpochSeconds } from '../time.ts'

/** The limits on depth and count of a token's claims. */
export const claimLimits = { depthMax: 16, membersMax: 1_024 }

/** The claims of a token; those that RFC 7519 §4.1 registers have its types. */
export interface JwtClaims {
  readonly iss?: string
  readonly sub?: string
  readonly aud?: string | readonly string[]
  readonly exp?: EpochSeconds
  readonly nbf?: EpochSeconds
  readonly iat?: EpochSeconds
  readonly jti?: string
  readonly [claim: string]: JsonValue | undefined
}
