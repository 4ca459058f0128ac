import {
  decodeUnverified,
  isProvenReason,
  jwtRefusalReasons,
  ok,
  refuse,
  type EpochSeconds,
  type ProfileRefusal,
  type KeySet,
  type Result,
} from '@countersign/jwt'
import { isJwtShaped, type Introspect } from '../introspection/introspect.ts'
import type { Scheme } from '../policy/admission.ts'
import { legible, type GuardRefusal } from '../refusal.ts'
import type { Desk, VerifiedToken } from './desk.ts'
import type { EnvelopeOpener, Opened } from './decryption.ts'
import { hold, refusalFacts, type Held, type HeldSettings } from './held.ts'
import type { Issuers } from './issuers.ts'
import { after, type Soon } from './soon.ts'

export interface EstablishSettings<Claims> extends HeldSettings<Claims> {
  readonly issuers: Issuers
  readonly leewaySeconds: number
}

type Outcome<Claims> = Result<Held<Claims>, GuardRefusal>

/** What it takes to judge tokens of every form. */
export interface AnyTokenSettings<Claims> extends EstablishSettings<Claims> {
  readonly introspect: Introspect | undefined
  readonly openEnvelope: EnvelopeOpener | undefined
}

/** Turns a presented token into a verified one, by whatever this guard was told to use for its form. */
export function establishAny<Claims>(
  token: string,
  scheme: Scheme,
  now: EpochSeconds,
  settings: AnyTokenSettings<Claims>,
): Soon<Outcome<Claims>> {
  const { introspect, openEnvelope } = settings
  if (introspect === undefined || isJwtShaped(token)) {
    if (openEnvelope === undefined) return establish(token, scheme, now, settings)
    return after(openEnvelope.open(token), (opened) =>
      opened.ok
        ? after(establish(opened.value.token, scheme, now, settings), (established) =>
            established.ok ? ok(inEnvelope(established.value, opened.value)) : established,
          )
        : opened,
    )
  }
  return introspect(token, now).then((answer) => {
    if (!answer.ok) return answer
    const { claims, validUntil } = answer.value
    const proof = { desk: undefined, keySet: undefined, scheme, validFrom: now, validUntil }
    return hold({ claims, kid: undefined }, proof, settings)
  })
}

/** Remembers what a token was opened with: it dies with that key, like with the one that signed it. */
function inEnvelope<Claims>(
  held: Held<Claims>,
  { keySet: openedBy, kid: envelopeKid }: Opened,
): Held<Claims> {
  return { ...held, openedBy, facts: { ...held.facts, envelopeKid } }
}

/**
 * Turns a signed token into a verified one: finds the issuer's desk, its keys, verifies, prepares.
 * Why: it is synchronous whenever the keys are there; only a missing or unknown key makes anybody wait.
 */
function establish<Claims>(
  token: string,
  scheme: Scheme,
  now: EpochSeconds,
  settings: EstablishSettings<Claims>,
): Soon<Outcome<Claims>> {
  const { only, find } = settings.issuers
  if (only !== undefined) return judge(only, token, scheme, now, settings)
  const issuer = claimedIssuer(token)
  if (issuer === undefined) return refuse({ reason: 'malformed', proven: false })
  const found = find(issuer)
  if (found === 'busy') return keysUnavailable
  return after(found, (desk) =>
    desk === undefined
      ? refuse({ reason: 'issuer_unknown', proven: false, ...unprovenKid(token) })
      : judge(desk, token, scheme, now, settings),
  )
}

function judge<Claims>(
  desk: Desk,
  token: string,
  scheme: Scheme,
  now: EpochSeconds,
  settings: EstablishSettings<Claims>,
): Soon<Outcome<Claims>> {
  return after(keysInForce(desk), (keySet) =>
    keySet === undefined
      ? keysUnavailable
      : attempt(desk, keySet, token, scheme, now, settings, fetchesMax),
  )
}

/** Units: fetches for one unknown key: one that was under way already, and one of its own. */
const fetchesMax = 2

function attempt<Claims>(
  desk: Desk,
  keySet: KeySet,
  token: string,
  scheme: Scheme,
  now: EpochSeconds,
  settings: EstablishSettings<Claims>,
  fetchesLeft: number,
): Soon<Outcome<Claims>> {
  const verified = desk.verify(keySet, token, now)
  if (!verified.ok && verified.refusal.reason === 'key_unknown' && fetchesLeft > 0) {
    const fetching = desk.keys.fetchUnknown?.()
    if (fetching !== undefined)
      return fetching.then(() => {
        const fetched = desk.keys.current() ?? keySet
        return attempt(desk, fetched, token, scheme, now, settings, fetchesLeft - 1)
      })
  }
  return conclude(verified, keySet, desk, token, scheme, settings)
}

/** Units: seconds. What a client is told to wait while there are no keys. */
const retryAfterSeconds = 5

const keysUnavailable = refuse<GuardRefusal>({
  reason: 'keys_unavailable',
  proven: false,
  retryAfterSeconds,
})

function keysInForce({ keys }: Desk): Soon<KeySet | undefined> {
  const current = keys.current()
  if (current !== undefined || keys.load === undefined) return current
  return keys.load().then(keys.current)
}

function conclude<Claims>(
  verified: Result<VerifiedToken, ProfileRefusal>,
  keySet: KeySet,
  desk: Desk,
  token: string,
  scheme: Scheme,
  settings: EstablishSettings<Claims>,
): Soon<Outcome<Claims>> {
  if (!verified.ok) return refuse(describe(verified.refusal, token))
  const { claims, key } = verified.value
  const validFrom = Math.max(claims.nbf ?? 0, claims.iat ?? 0) - settings.leewaySeconds
  // The core has refused whatever has no `exp`.
  const validUntil = claims.exp ?? (0 as EpochSeconds)
  const proof = { desk, keySet, scheme, validFrom, validUntil }
  return hold({ claims, kid: key.kid }, proof, settings)
}

/** A refusal of the core in the guard's terms; what the token says of itself is told only as far as it was proven. */
function describe(refusal: ProfileRefusal, token: string): GuardRefusal {
  const reason = reasonOf(refusal)
  if (!isProvenReason(reason)) return { reason, proven: false, ...unprovenKid(token) }
  const detail = 'claim' in refusal ? { detail: refusal.claim } : {}
  const decoded = decodeUnverified(token)
  if (!decoded.ok) return { reason, proven: true, ...detail }
  const { header, claims } = decoded.value
  return { reason, ...refusalFacts({ kid: header.kid, claims }), ...detail }
}

/** What only other profiles can refuse is, for an access token, a claim that does not fit. */
function reasonOf({ reason }: ProfileRefusal): (typeof jwtRefusalReasons)[number] {
  return jwtRefusalReasons.find((known) => known === reason) ?? 'claim_invalid'
}

function unprovenKid(token: string): { readonly kid?: string } {
  const decoded = decodeUnverified(token)
  const kid = decoded.ok ? decoded.value.header.kid : undefined
  return typeof kid === 'string' ? { kid: legible(kid, 64) } : {}
}

function claimedIssuer(token: string): string | undefined {
  const decoded = decodeUnverified(token)
  const issuer = decoded.ok ? decoded.value.claims.iss : undefined
  return typeof issuer === 'string' ? issuer : undefined
}
