import { constantTimeEqual } from '../bytes/constant-time-equal.ts'
import { halfHash } from '../crypto/half-hash.ts'
import type { JwtClaims } from '../jwt/claims.ts'
import { readNumber } from '../jwt/policy.ts'
import { createJwtVerifier, type VerifiedJwt } from '../jwt/verify-jwt.ts'
import type { Result } from '../result.ts'
import { leewaySecondsDefault, type EpochSeconds } from '../time.ts'
import {
  claimInvalid,
  claimMismatch,
  claimMissing,
  textOf,
  toVerified,
  type ProfilePolicy,
  type ProfileRefusal,
  type Verified,
} from './verified.ts'

/** The claims of an ID token. */
export interface IdToken extends JwtClaims {
  readonly iss: string
  readonly sub: string
  readonly aud: string | readonly string[]
  readonly exp: EpochSeconds
  readonly iat: EpochSeconds
}

/** A policy for ID tokens. `audience` is the client's own id. */
export type IdTokenPolicy = Omit<ProfilePolicy, 'audience'> & { readonly audience: string }

/** Facts of the client's own request. An `undefined` member was not part of it. */
export interface IdTokenRequest {
  readonly nonce?: string | undefined
  /** The access token, compared with `at_hash` where the token has one. */
  readonly accessToken?: string | undefined
  /**
   * The largest age of the user's login.
   * Units: seconds.
   */
  readonly maxAgeSeconds?: number | undefined
  readonly now?: EpochSeconds | undefined
}

/**
 * Makes a verifier of ID tokens for one client.
 * Refuses (the verifier): all reasons of `JwtRefusal`; a token for other clients too or with another
 * `azp`. A `nonce` that was not sent or differs, a wrong `at_hash`, and a login too long ago are refused
 * too.
 * Throws: on a policy that is incomplete or contradicts itself; on a `maxAgeSeconds` that is no number.
 * Not checked: `acr`, `amr`.
 * Source: OpenID Connect Core 1.0 §3.1.3.7, §3.1.3.8, §3.1.2.1 (`max_age`).
 */
export function createIdTokenVerifier(
  policy: IdTokenPolicy,
): (token: string, request?: IdTokenRequest) => Result<Verified<IdToken>, ProfileRefusal> {
  const verify = createJwtVerifier({ ...policy, typ: ['JWT', ''], require: ['sub', 'iat'] })
  const { audience, leewaySeconds = leewaySecondsDefault } = policy
  return (token, request = {}) => {
    const { now = (Date.now() / 1000) as EpochSeconds, maxAgeSeconds } = request
    if (maxAgeSeconds !== undefined)
      readNumber('maxAgeSeconds', maxAgeSeconds, 0, Number.MAX_SAFE_INTEGER)
    const verified = verify(token, now)
    if (!verified.ok) return verified
    const { claims } = verified.value
    const objection =
      checkParty(claims, audience) ??
      checkNonce(claims['nonce'], request.nonce) ??
      checkAccessToken(verified.value, request.accessToken) ??
      checkLogin(claims['auth_time'], maxAgeSeconds, now - leewaySeconds)
    return toVerified(verified.value, objection)
  }
}

function checkParty({ azp }: JwtClaims, clientId: string): ProfileRefusal | undefined {
  if (azp === undefined || azp === clientId) return undefined
  return claimMismatch('azp', { found: textOf(azp), expected: clientId })
}

function checkNonce(given: unknown, sent: string | undefined): ProfileRefusal | undefined {
  if (given === undefined) return sent === undefined ? undefined : claimMissing('nonce')
  if (typeof given !== 'string') return claimInvalid('nonce')
  return sent !== undefined && constantTimeEqual(given, sent) ? undefined : claimMismatch('nonce')
}

function checkAccessToken(
  { claims, key }: VerifiedJwt,
  accessToken: string | undefined,
): ProfileRefusal | undefined {
  const given = claims['at_hash']
  if (given === undefined || accessToken === undefined) return undefined
  const hash = halfHash(key.alg, accessToken)
  return hash !== undefined && given === hash ? undefined : claimMismatch('at_hash')
}

function checkLogin(
  at: unknown,
  maxAgeSeconds: number | undefined,
  now: number,
): ProfileRefusal | undefined {
  if (at === undefined) return maxAgeSeconds === undefined ? undefined : claimMissing('auth_time')
  if (typeof at !== 'number') return claimInvalid('auth_time')
  if (maxAgeSeconds === undefined || now - at <= maxAgeSeconds) return undefined
  const oldest = (now - maxAgeSeconds) as EpochSeconds
  return { reason: 'too_old', claim: 'auth_time', at: at as EpochSeconds, oldest }
}
