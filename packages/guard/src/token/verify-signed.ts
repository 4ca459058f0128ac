import {
  decodeUnverified,
  isProvenReason,
  legible,
  ok,
  refuse,
  type EpochSeconds,
  type JwtRefusal,
  type KeySet,
  type Result,
  type UnverifiedJwt,
} from '@countersign/jwt'
import type { KeysHealth } from '../policy/key-source.ts'
import { after, type MaybePromise } from '../policy/maybe-promise.ts'
import type { AboutToken } from '../refusal.ts'
import type { IssuerVerifier, VerifiedToken } from './issuer-verifier.ts'
import { burntBy, provenFacts, type Proof, type TokenRefusal } from './proven-token.ts'

type Outcome = Result<Proof, TokenRefusal>

/**
 * Verifies a signed token with the keys of one issuer.
 * Refuses: the core's reasons; `keys_unavailable` while there are no keys.
 * Why: it is synchronous if the keys are present. A request waits only for a missing or unknown key.
 */
export function verifySigned(
  verifier: IssuerVerifier,
  token: string,
  now: EpochSeconds,
): MaybePromise<Outcome> {
  return after(keysInForce(verifier), (keySet) =>
    keySet === undefined
      ? refuse(keysUnavailable('verify', verifier.keys.health(), verifier.issuer))
      : attempt(verifier, keySet, token, now, fetchesMax),
  )
}

/** Units: fetches for one unknown key: one that runs already, and one of its own. */
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

/** Whether a newer key may have signed the token. A signature that fits no unnamed key may come from its successor. */
function isOfUnknownKey({ reason }: JwtRefusal, { keys }: KeySet): boolean {
  if (reason === 'key_unknown') return true
  return reason === 'signature_invalid' && keys.some(({ kid }) => kid === undefined)
}

function proofOf({ claims, key }: VerifiedToken, keySet: KeySet, by: IssuerVerifier): Proof {
  return {
    claims,
    key,
    keySet,
    validFrom: Math.max(claims.nbf ?? 0, claims.iat ?? 0) - by.leewaySeconds,
    // The core refuses every token without `exp`.
    validUntil: claims.exp ?? (0 as EpochSeconds),
  }
}

/** Units: seconds. The wait of a client while keys are missing. */
const retryAfterSeconds = 5

/** Makes the refusal for missing keys, with the last failure and the skipped keys. */
export function keysUnavailable(
  purpose: Extract<TokenRefusal, { readonly reason: 'keys_unavailable' }>['purpose'],
  health?: Pick<KeysHealth, 'failure' | 'skipped'>,
  issuer?: string,
): TokenRefusal {
  const { failure, skipped = [] } = health ?? {}
  return {
    reason: 'keys_unavailable',
    proven: false,
    purpose,
    ...(issuer === undefined ? {} : { issuer }),
    ...(failure === undefined ? {} : { failure }),
    skipped,
    retryAfterSeconds,
  }
}

function keysInForce({ keys }: IssuerVerifier): MaybePromise<KeySet | undefined> {
  const current = keys.current()
  if (current !== undefined || keys.load === undefined) return current
  return keys.load().then(() => keys.current())
}

/** Makes a refusal of the guard from one of the core, and adds the names in the token. */
function explain(
  refusal: JwtRefusal,
  token: string,
  { issuer, revocation }: IssuerVerifier,
): TokenRefusal {
  const decoded = decodeUnverified(token)
  if (isProvenReason(refusal.reason))
    return { ...refusal, ...provenFacts(decoded.ok ? namesOf(decoded.value) : {}) }
  const names = unprovenNames(decoded, issuer)
  const kid = decoded.ok ? decoded.value.header.kid : undefined
  const by = refusal.reason === 'key_unknown' ? burntBy(revocation, kid) : undefined
  if (by !== undefined) return { reason: 'revoked', by, ...names }
  if (refusal.reason === 'malformed' && token.includes('='))
    return { ...refusal, isPadded: true, ...names }
  return { ...refusal, ...names }
}

function namesOf({ header: { kid }, claims: { jti } }: UnverifiedJwt) {
  return { kid, jti: typeof jti === 'string' ? jti : undefined }
}

/** Reads the names in an unproven token, for the owner only: key, algorithm, and another issuer. */
export function unprovenNames(
  decoded: ReturnType<typeof decodeUnverified>,
  issuer?: string,
): AboutToken {
  if (!decoded.ok) return { proven: false }
  const { header, claims } = decoded.value
  const { kid, alg } = header
  const { iss } = claims
  const isOther = issuer !== undefined && typeof iss === 'string' && iss !== issuer
  return {
    proven: false,
    alg: legible(alg, algLettersMax),
    ...(kid === undefined ? {} : { kid: legible(kid, kidLettersMax) }),
    ...(isOther ? { claimedIssuer: legible(iss, issuerLettersMax) } : {}),
  }
}

/** Units: letters of a refusal's facts. */
const algLettersMax = 32
const kidLettersMax = 64
export const issuerLettersMax = 200
