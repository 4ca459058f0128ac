import type { JsonValue } from '../bytes/strict-json.ts'
import type { EpochSeconds } from '../time.ts'

/** How deep and how many the claims of a token may be. */
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
