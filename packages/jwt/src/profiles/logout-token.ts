import { isJsonObject } from '../bytes/strict-json.ts'
import type { JwtClaims } from '../jwt/claims.ts'
import { createJwtVerifier } from '../jwt/verify-jwt.ts'
import type { Result } from '../result.ts'
import type { EpochSeconds } from '../time.ts'
import {
  claimInvalid,
  claimMissing,
  claimMismatch,
  toVerified,
  type ProfilePolicy,
  type ProfileRefusal,
  type Verified,
} from './verified.ts'

/** The claims of a logout token. `sub`, `sid` or both name the user or the session. */
export interface LogoutToken extends JwtClaims {
  readonly iss: string
  readonly aud: string | readonly string[]
  readonly exp: EpochSeconds
  readonly iat: EpochSeconds
  readonly jti: string
  readonly sid?: string
}

/**
 * Makes a verifier of logout tokens for one client.
 * Refuses (the verifier): all reasons of `JwtRefusal`; a token of another `typ`; one without the logout
 * event, without both `sub` and `sid`, or with a `nonce`, which would make it an ID token.
 * Throws: on a policy that is incomplete or contradicts itself.
 * Not checked: whether the `jti` was used before.
 * Source: OpenID Connect Back-Channel Logout 1.0 §2.4, §2.6.
 */
export function createLogoutTokenVerifier(
  policy: ProfilePolicy,
): (token: string, now?: EpochSeconds) => Result<Verified<LogoutToken>, ProfileRefusal> {
  const verify = createJwtVerifier({
    ...policy,
    typ: 'logout+jwt',
    require: ['iat', 'jti', 'events'],
  })
  return (token, now) => {
    const verified = verify(token, now)
    return verified.ok ? toVerified(verified.value, checkLogout(verified.value.claims)) : verified
  }
}

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'

function checkLogout(claims: JwtClaims): ProfileRefusal | undefined {
  const { events, nonce, sub, sid } = claims
  if (nonce !== undefined) return { reason: 'claim_forbidden', claim: 'nonce' }
  if (!isJsonObject(events)) return claimInvalid('events')
  if (!isJsonObject(events[logoutEvent])) return claimMismatch('events')
  if (sid !== undefined && (typeof sid !== 'string' || sid === '')) return claimInvalid('sid')
  return sub === undefined && sid === undefined ? claimMissing('sub') : undefined
}
