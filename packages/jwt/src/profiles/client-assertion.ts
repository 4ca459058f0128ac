import type { JwtClaims } from '../jwt/claims.ts'
import { readNumber } from '../jwt/policy.ts'
import { createJwtVerifier } from '../jwt/verify-jwt.ts'
import type { Result } from '../result.ts'
import { leewaySecondsDefault, type EpochSeconds } from '../time.ts'
import {
  claimMismatch,
  toVerified,
  type ProfilePolicy,
  type ProfileRefusal,
  type Verified,
} from './verified.ts'

/** The claims of a client's assertion about itself. */
export interface ClientAssertion extends JwtClaims {
  readonly iss: string
  readonly sub: string
  /** This server's issuer, as a text or as the only member of a list. */
  readonly aud: string | readonly [string]
  readonly exp: EpochSeconds
  readonly jti: string
}

/**
 * A policy for client assertions. `clientId` is issuer and subject; `audience` is the authorization
 * server's issuer.
 */
export interface ClientAssertionPolicy extends Omit<ProfilePolicy, 'issuer' | 'audience'> {
  readonly clientId: string
  readonly audience: string
  /**
   * The longest time from now to `exp`.
   * Units: seconds, a day at most. Default: 300.
   */
  readonly lifetimeSecondsMax?: number
}

/**
 * Makes a verifier of client assertions (`private_key_jwt`, `client_secret_jwt`).
 * Refuses (the verifier): all reasons of `JwtRefusal`; `iss` or `sub` other than the client; an `aud`
 * that is not this server's issuer alone; an `exp` too far ahead; no `jti`.
 * Throws: on a policy that is incomplete or contradicts itself.
 * Not checked: whether the `jti` was used before; a store decides that.
 * Source: RFC 7523 §3; draft-ietf-oauth-rfc7523bis (audience is the issuer alone); RFC 8725 §3.11.
 */
export function createClientAssertionVerifier(
  policy: ClientAssertionPolicy,
): (token: string, now?: EpochSeconds) => Result<Verified<ClientAssertion>, ProfileRefusal> {
  const { clientId, leewaySeconds = leewaySecondsDefault } = policy
  const lifetime = readNumber('lifetimeSecondsMax', policy.lifetimeSecondsMax ?? 300, 0, 86_400)
  const verify = createJwtVerifier({
    ...policy,
    issuer: clientId,
    typ: ['client-authentication+jwt', 'JWT', ''],
    require: ['sub', 'jti'],
  })
  return (token, now = (Date.now() / 1000) as EpochSeconds) => {
    const verified = verify(token, now)
    if (!verified.ok) return verified
    const { sub, aud, exp = now } = verified.value.claims
    if (sub !== clientId)
      return toVerified(verified.value, claimMismatch('sub', { found: sub, expected: clientId }))
    if (Array.isArray(aud) && aud.length !== 1) {
      const facts = { found: aud.slice(0, 8).join(' '), expected: policy.audience }
      return toVerified(verified.value, claimMismatch('aud', facts))
    }
    const latest = (now + lifetime + leewaySeconds) as EpochSeconds
    return toVerified(
      verified.value,
      exp > latest
        ? { reason: 'lifetime_too_long', claim: 'exp', expiresAt: exp, latest }
        : undefined,
    )
  }
}
