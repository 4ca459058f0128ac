import { isName } from '../jwt/check-claims.ts'
import type { JwtClaims } from '../jwt/claims.ts'
import type { VerifyPolicy } from '../jwt/policy.ts'
import type { JwtRefusal } from '../jwt/refusal.ts'
import { createJwtVerifier } from '../jwt/verify-jwt.ts'
import type { Result } from '../result.ts'
import type { EpochSeconds } from '../time.ts'
import { claimInvalid, toVerified, type Verified } from './verified.ts'

/** The claims of an access token that RFC 9068 requires. */
export interface AccessToken extends JwtClaims {
  readonly iss: string
  readonly sub: string
  readonly aud: string | readonly string[]
  readonly exp: EpochSeconds
  readonly iat: EpochSeconds
  readonly jti: string
  readonly client_id: string
}

/** A policy for access tokens. `typ`: default `at+jwt`. `require` adds to the claims of RFC 9068. */
export type AccessTokenPolicy = Omit<VerifyPolicy, 'typ'> & Partial<Pick<VerifyPolicy, 'typ'>>

/**
 * Makes a verifier of access tokens.
 * Refuses (the verifier): all reasons of `JwtRefusal`; a token of another `typ`, such as an ID token; one
 * without `sub`, `client_id`, `iat` or `jti`.
 * Throws: on a policy that is incomplete or contradicts itself.
 * Not checked: `scope` and other permissions; `cnf`, which asks for proof of possession; revocation.
 * Source: RFC 9068 §2.2, §4.
 */
export function createAccessTokenVerifier(
  policy: AccessTokenPolicy,
): (token: string, now?: EpochSeconds) => Result<Verified<AccessToken>, JwtRefusal> {
  const { typ = 'at+jwt', require = [] } = policy
  const verify = createJwtVerifier({ ...policy, typ, require: [...requiredClaims, ...require] })
  return (token, now) => {
    const verified = verify(token, now)
    if (!verified.ok) return verified
    const objection = isName(verified.value.claims['client_id'])
      ? undefined
      : claimInvalid('client_id')
    return toVerified(verified.value, objection)
  }
}

const requiredClaims = ['sub', 'client_id', 'iat', 'jti']
