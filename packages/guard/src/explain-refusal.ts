import type { JweRefusal, JwtRefusal, KeyRefusal, ProfileRefusal } from '@countersign/jwt'
import { explainMissingKeys } from './keys/missing-keys.ts'
import { describeFetchRefusal } from './outbound/fetch-document.ts'
import { nearestDifference } from './outbound/name-difference.ts'
import type { RevokingEntry } from './policy/revocation-entry.ts'
import type { GuardRefusal } from './refusal.ts'

/**
 * Explains in one line why a request was refused, with the found and expected values. For the owner's log.
 * Not checked: whether a client may read it. `guard.answer` renders the answer for clients.
 */
export function explainRefusal(refusal: GuardRefusal): string {
  const facts = sayFacts(refusal)
  const line = facts === undefined ? refusal.reason : `${refusal.reason}: ${facts}`
  const { claimedIssuer } = refusal
  return claimedIssuer === undefined
    ? line
    : `${line} (the token names the issuer ${claimedIssuer})`
}

function sayFacts(refusal: GuardRefusal): string | undefined {
  switch (refusal.reason) {
    case 'credential_missing':
    case 'plain_token':
    case 'proof_missing':
    case 'proof_replayed':
    case 'proof_memory_full':
    case 'denied_by_rule':
      return plainFacts[refusal.reason]
    case 'credential_malformed':
    case 'credentials_ambiguous':
      return `in the ${refusal.place}`
    case 'scheme_unsupported':
      return refusal.found === 'none'
        ? 'the header has one word, without a scheme'
        : `the scheme is ${refusal.found}`
    case 'cross_site':
      return sayBoth(refusal.check, refusal.found, refusal.expected)
    case 'issuer_unknown':
      return sayIssuers(refusal)
    case 'keys_unavailable':
      return sayMissingKeys(refusal)
    case 'decryption_failed':
      return refusal.cause.reason === 'key_missing'
        ? 'no decryptionKeys'
        : explainTokenRefusal(refusal.cause, refusal)
    case 'token_inactive':
      return refusal.expiredAt === undefined ? undefined : sayPast(refusal.expiredAt, refusal.now)
    case 'introspection_unavailable':
      return refusal.cause.reason === 'busy'
        ? 'too many calls at a time'
        : describeFetchRefusal(refusal.cause)
    case 'claims_invalid':
      return refusal.path
    case 'binding_missing':
    case 'binding_absent':
    case 'binding_unsupported':
    case 'binding_mismatch':
    case 'proof_invalid':
    case 'proof_nonce_required':
    case 'revoked':
    case 'claims_stale':
    case 'revocations_stale':
    case 'insufficient_scope':
    case 'insufficient_role':
    case 'insufficient_permission':
    case 'authentication_too_old':
    case 'authentication_too_weak':
      return sayCallerFacts(refusal)
    case 'check_failed':
      return refusal.fault
    case 'malformed':
    case 'too_large':
    case 'header_unsupported':
    case 'algorithm_not_allowed':
    case 'key_unknown':
    case 'signature_invalid':
    case 'typ_mismatch':
    case 'claims_malformed':
    case 'issuer_mismatch':
    case 'audience_mismatch':
    case 'expired':
    case 'not_yet_valid':
    case 'issued_in_future':
    case 'claim_missing':
    case 'claim_invalid':
      return sayTokenFacts(refusal, refusal)
  }
}

/** The texts of reasons without facts. */
const plainFacts = {
  credential_missing: 'the request has no token',
  plain_token: 'the token is not encrypted',
  proof_missing: 'the request has no header DPoP',
  proof_replayed: 'an earlier request had the same proof',
  proof_memory_full: 'too many proofs are remembered',
  denied_by_rule: 'allow of the route did not return true',
} as const

/** Explains the facts about the sender, the revocation and the permissions of a proven token. */
function sayCallerFacts(
  refusal: Extract<GuardRefusal, { readonly reason: CallerReason }>,
): string | undefined {
  switch (refusal.reason) {
    case 'binding_missing':
      return `the token is bound to a key, and was sent as ${refusal.scheme}`
    case 'binding_absent':
      return 'the token is bound to no key'
    case 'binding_unsupported':
      return `cnf has ${listOf(refusal.found)}`
    case 'binding_mismatch':
      return `the token is bound to ${refusal.expected}, the proof is of ${refusal.found}`
    case 'proof_invalid':
      return explainTokenRefusal(refusal.cause, refusal)
    case 'proof_nonce_required':
      return refusal.found === 'none' ? 'the proof has no nonce' : 'the nonce is stale'
    case 'revoked':
    case 'claims_stale':
      return refusal.by === undefined ? undefined : sayEntry(refusal.by)
    case 'revocations_stale':
      return Number.isFinite(refusal.ageSeconds)
        ? `the revocations are ${Math.round(refusal.ageSeconds)} s old`
        : 'no revocations are loaded yet'
    case 'insufficient_scope': {
      const slip = refusal.required.some((name) => name.includes(',')) ? spacesBetween : ''
      return `the route requires ${refusal.required.join(' ')}, the caller has ${listOf(refusal.held)}${slip}`
    }
    case 'insufficient_role':
    case 'insufficient_permission':
      return `the route requires ${refusal.required.join(' ')}, the caller has ${listOf(refusal.held)}`
    case 'authentication_too_old':
      return refusal.authenticatedAt === undefined
        ? 'the token names no login'
        : `the login was ${Math.round(refusal.now - refusal.authenticatedAt)} s ago, ${refusal.maxAgeSeconds} s at most`
    case 'authentication_too_weak':
      return `the route requires ${refusal.required.join(' or ')}, the login reached ${refusal.held ?? 'none'}`
  }
}

type CallerReason =
  | 'binding_missing'
  | 'binding_absent'
  | 'binding_unsupported'
  | 'binding_mismatch'
  | 'proof_invalid'
  | 'proof_nonce_required'
  | 'revoked'
  | 'claims_stale'
  | 'revocations_stale'
  | 'insufficient_scope'
  | 'insufficient_role'
  | 'insufficient_permission'
  | 'authentication_too_old'
  | 'authentication_too_weak'

/** Explains in one line why a token, an envelope, an assertion or a proof was refused. */
export function explainTokenRefusal(
  refusal: JwtRefusal | ProfileRefusal | JweRefusal,
  names: TokenNames = {},
): string {
  const facts = sayTokenFacts(refusal, names)
  return facts === undefined ? refusal.reason : `${refusal.reason}: ${facts}`
}

const spacesBetween = ' (put spaces between scopes)'
const cutOrForged = 'the signature is cut, or another key made it'

interface TokenNames {
  readonly kid?: string
  readonly alg?: string
  readonly isPadded?: true
}

function sayTokenFacts(
  refusal: JwtRefusal | ProfileRefusal | JweRefusal,
  { kid = 'none', alg = 'unknown', isPadded }: TokenNames,
): string | undefined {
  switch (refusal.reason) {
    case 'signature_invalid':
      // Without a `kid` the token may also be cut, so that nothing of it can be read.
      return kid === 'none' ? cutOrForged : `kid ${kid}`
    case 'decryption_failed':
      return `kid ${kid}, alg ${alg}`
    case 'content_type_mismatch':
    case 'payload_not_signed':
    case 'nesting_too_deep':
      return undefined
    case 'malformed':
      return isPadded ? 'base64 padding in the token' : refusal.part
    case 'too_large':
      return `${refusal.bytes} of ${refusal.bytesMax} bytes`
    case 'header_unsupported':
      return refusal.member
    case 'algorithm_not_allowed':
      return `alg ${alg}, allowed are ${refusal.allowed.join(' ')}`
    case 'encryption_not_allowed':
      return `allowed are ${refusal.allowed.join(' ')}`
    case 'key_unknown':
      return 'key' in refusal && refusal.key !== undefined
        ? sayKey(refusal.key)
        : `kid ${kid}, alg ${alg}`
    case 'typ_mismatch':
      return `typ ${quote(refusal.found)}, expected ${refusal.expected.map(quote).join(' or ')}`
    case 'claims_malformed':
      return refusal.cause
    case 'issuer_mismatch':
      return sayIssuers(refusal)
    case 'audience_mismatch':
      return `the token is for ${listOf(refusal.found)}, this API is ${listOf(refusal.expected)}${sayDifference(refusal.found, refusal.expected)}`
    case 'expired':
      return sayPast(refusal.expiredAt, refusal.now)
    case 'not_yet_valid':
      return `${ahead(refusal.validFrom, refusal.now)}, by nbf`
    case 'issued_in_future':
      return `${ahead(refusal.issuedAt, refusal.now)}, by iat: compare the clocks`
    case 'claim_missing':
    case 'claim_invalid':
    case 'claim_forbidden':
      return refusal.claim
    case 'claim_mismatch':
      return sayBoth(refusal.claim, refusal.found, refusal.expected)
    case 'lifetime_too_long':
      return `${refusal.claim} is ${Math.ceil(refusal.expiresAt - refusal.latest)} s too late`
    case 'too_old':
      return `${refusal.claim} is ${Math.ceil(refusal.oldest - refusal.at)} s too early`
    case 'key_mismatch':
      return `found ${refusal.found}, expected ${refusal.expected}`
  }
}

function sayMissingKeys({
  purpose,
  issuer,
  failure,
  skipped,
}: Extract<GuardRefusal, { readonly reason: 'keys_unavailable' }>): string {
  if (purpose === 'busy') return 'too many look-ups of issuers are pending'
  const keys = purpose === 'decrypt' ? 'keys that decrypt' : `keys of ${issuer ?? 'the issuer'}`
  return failure === undefined
    ? `no ${keys} yet`
    : `no ${keys}: ${explainMissingKeys({ failure, skipped })}`
}

function sayKey(key: KeyRefusal): string {
  return 'member' in key ? `${key.reason} ${key.member}` : key.reason
}

function sayEntry({ kind, id, belowVersion }: RevokingEntry): string {
  const name = id === '' ? kind : `${kind} ${id}`
  if (belowVersion === undefined) return `by ${name}`
  return kind === 'issuer'
    ? `by ${name}, issued at ${belowVersion} or before`
    : `by ${name}, versions below ${belowVersion}`
}

function sayBoth(what: string, found: string | undefined, expected: string | undefined): string {
  const parts = [
    ...(found === undefined ? [] : [`found ${found}`]),
    ...(expected === undefined ? [] : [`expected ${expected}`]),
  ]
  const difference =
    found === undefined || expected === undefined ? '' : sayDifference([found], [expected])
  return parts.length === 0 ? what : `${what}, ${parts.join(', ')}${difference}`
}

function sayIssuers({ found, expected }: FoundIssuer): string {
  const trusted = expected.length === 0 ? '' : `, this guard trusts ${expected.join(' ')}`
  return `the token is of ${found}${trusted}${sayDifference([found], expected)}`
}

interface FoundIssuer {
  readonly found: string
  readonly expected: readonly string[]
}

/** Names the slip between two names that look alike. */
function sayDifference(found: readonly string[], expected: readonly string[]): string {
  const difference = nearestDifference(found, expected)
  return difference === undefined ? '' : ` (the only difference: ${difference})`
}

function listOf(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(' ')
}

function quote(typ: string | undefined): string {
  return typ === undefined || typ === '' ? 'none' : JSON.stringify(typ)
}

function sayPast(at: number, now: number): string {
  return `${Math.round(now - at)} s ago`
}

function ahead(at: number, now: number): string {
  return `${Math.round(at - now)} s ahead`
}
