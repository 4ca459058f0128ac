import {
  decodeUnverified,
  isProvenReason,
  jwtRefusalReasons,
  ok,
  refuse,
  type EpochSeconds,
  type KeySet,
  type ProfileRefusal,
  type Result,
  type UnverifiedJwt,
} from '@countersign/jwt'
import { explainMissingKeys } from '../keys/missing-keys.ts'
import { after, type MaybePromise } from '../policy/maybe-promise.ts'
import { legible } from '../refusal.ts'
import type { IssuerVerifier, VerifiedToken } from './issuer-verifier.ts'
import { isBurnt, provenFacts, type Proof, type TokenRefusal } from './proven-token.ts'

type Outcome = Result<Proof, TokenRefusal>

/**
 * Verifies a signed token with the keys of one issuer.
 * Refuses: the core's reasons; `keys_unavailable` while there are no keys.
 * Why: it is synchronous whenever the keys are there. Only a missing or unknown key makes a request wait.
 */
export function verifySigned(
  verifier: IssuerVerifier,
  token: string,
  now: EpochSeconds,
): MaybePromise<Outcome> {
  return after(keysInForce(verifier), (keySet) =>
    keySet === undefined
      ? refuse({ ...keysUnavailable.refusal, detail: explainMissingKeys(verifier.keys.health()) })
      : attempt(verifier, keySet, token, now, fetchesMax),
  )
}

/** Units: fetches for one unknown key: one that was under way already, and one of its own. */
const fetchesMax = 2

function attempt(
  verifier: IssuerVerifier,
  keySet: KeySet,
  token: string,
  now: EpochSeconds,
  fetchesLeft: number,
): MaybePromise<Outcome> {
  const verified = verifier.verify(keySet, token, now)
  if (verified.ok) return ok(proofOf(verified.value, keySet, verifier))
  if (isOfUnknownKey(verified.refusal, keySet) && fetchesLeft > 0) {
    const fetching = verifier.keys.fetchUnknown?.()
    if (fetching !== undefined)
      return fetching.then(() => {
        const fetched = verifier.keys.current() ?? keySet
        return attempt(verifier, fetched, token, now, fetchesLeft - 1)
      })
  }
  return refuse(explain(verified.refusal, token, verifier))
}

/** A signature that does not fit a key without a name may be of the key that came after it. */
function isOfUnknownKey({ reason }: ProfileRefusal, { keys }: KeySet): boolean {
  if (reason === 'key_unknown') return true
  return reason === 'signature_invalid' && keys.some(({ kid }) => kid === undefined)
}

function proofOf({ claims, key }: VerifiedToken, keySet: KeySet, by: IssuerVerifier): Proof {
  return {
    claims,
    key,
    keySet,
    validFrom: Math.max(claims.nbf ?? 0, claims.iat ?? 0) - by.leewaySeconds,
    // The core has refused every token without `exp`.
    validUntil: claims.exp ?? (0 as EpochSeconds),
  }
}

/** Units: seconds. How long a client waits while there are no keys. */
const retryAfterSeconds = 5

/** The refusal while the keys of an issuer cannot be had. */
export const keysUnavailable = refuse<TokenRefusal>({
  reason: 'keys_unavailable',
  proven: false,
  retryAfterSeconds,
})

function keysInForce({ keys }: IssuerVerifier): MaybePromise<KeySet | undefined> {
  const current = keys.current()
  if (current !== undefined || keys.load === undefined) return current
  return keys.load().then(() => keys.current())
}

/** Turns a refusal of the core into one of the guard. It carries only the facts that were proven. */
function explain(
  refusal: ProfileRefusal,
  token: string,
  { revocation }: IssuerVerifier,
): TokenRefusal {
  const reason = reasonOf(refusal)
  if (!isProvenReason(reason)) {
    const kid = headerKid(token)
    const isRevoked = reason === 'key_unknown' && isBurnt(revocation, kid)
    const named = kid === undefined ? {} : { kid: legible(kid, 64) }
    const known = { proven: false, ...named, ...hint(reason, token) } as const
    return { reason: isRevoked ? 'revoked' : reason, ...known }
  }
  const detail = 'claim' in refusal ? { detail: refusal.claim } : {}
  const decoded = decodeUnverified(token)
  if (!decoded.ok) return { reason, proven: true, ...detail }
  const { header, claims } = decoded.value
  if (reason === 'typ_mismatch')
    return { reason, ...provenFacts(namesOf(header, claims)), detail: describeTyp(header) }
  return { reason, ...provenFacts(namesOf(header, claims)), ...detail }
}

function namesOf(header: UnverifiedJwt['header'], { jti }: UnverifiedJwt['claims']) {
  return { kid: header.kid, jti: typeof jti === 'string' ? jti : undefined }
}

/** Says which type a token has that has the wrong one. */
function describeTyp({ typ }: UnverifiedJwt['header']): string {
  return typ === undefined ? 'no typ' : `typ ${JSON.stringify(legible(typ, 64))}`
}

/** Names the one slip of a foreign signer that looks like any other text: padding, which JWS does not have. */
function hint(reason: string, token: string): { readonly detail?: string } {
  const isPadded = reason === 'malformed' && token.includes('=')
  return isPadded ? { detail: 'base64 padding in the token' } : {}
}

/** A reason that only other profiles have is, for an access token, a claim that does not fit. */
function reasonOf({ reason }: ProfileRefusal): (typeof jwtRefusalReasons)[number] {
  return jwtRefusalReasons.find((known) => known === reason) ?? 'claim_invalid'
}

/** The key id that an unproven token names. */
export function unprovenKid(token: string): { readonly kid?: string } {
  const kid = headerKid(token)
  return kid === undefined ? {} : { kid: legible(kid, 64) }
}

function headerKid(token: string): string | undefined {
  const decoded = decodeUnverified(token)
  const kid = decoded.ok ? decoded.value.header.kid : undefined
  return typeof kid === 'string' ? kid : undefined
}
