import { createHash } from 'node:crypto'
import type { EpochSeconds } from '@countersign/jwt'

/** The algorithms of id tokens. */
export const idTokenAlgs = ['RS256', 'ES256', 'EdDSA'] as const
export type IdTokenAlg = (typeof idTokenAlgs)[number]

/** The facts of an id token. */
export interface IdTokenPlan {
  readonly alg: IdTokenAlg
  readonly clientId: string
  readonly subject: string
  /** The browser session, by which a logout names it. */
  readonly sid: string
  readonly authTime: EpochSeconds
  readonly acr: string
  readonly amr: readonly string[]
  /** Absent after a refresh. */
  readonly nonce: string | null
  readonly accessToken: string
  /** Claims about the person that were asked for here. */
  readonly person: Readonly<Record<string, unknown>>
  readonly now: EpochSeconds
}

/** Units: seconds. */
const idTokenTtlSeconds = 600

/**
 * Builds the claims of an id token. Pure.
 * Why our own claims come last: a claim about the person never replaces one of them.
 * Source: OpenID Connect Core 1.0 §2 and §3.1.3.6 (`at_hash`); OpenID Connect Back-Channel Logout 1.0 §2.1 (`sid`).
 */
export function idTokenClaims(
  issuer: string,
  { alg, clientId, subject, sid, authTime, acr, amr, nonce, accessToken, person, now }: IdTokenPlan,
): Readonly<Record<string, unknown>> {
  const iat = Math.floor(now)
  return {
    ...person,
    iss: issuer,
    aud: clientId,
    sub: subject,
    iat,
    exp: iat + idTokenTtlSeconds,
    auth_time: Math.floor(authTime),
    acr,
    amr,
    sid,
    at_hash: accessTokenHash(alg, accessToken),
    ...(nonce !== null && { nonce }),
  }
}

/** The left half of the hash that belongs to the algorithm. EdDSA keys are Ed25519, whose hash is SHA-512. */
function accessTokenHash(alg: IdTokenAlg, accessToken: string): string {
  const digest = createHash(alg === 'EdDSA' ? 'sha512' : 'sha256')
    .update(accessToken)
    .digest()
  return digest.subarray(0, digest.length / 2).toString('base64url')
}
