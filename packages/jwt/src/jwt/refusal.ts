import type { JsonRefusal } from '../bytes/strict-json.ts'
import type { JwsRefusal } from '../jws/refusal.ts'
import type { EpochSeconds } from '../time.ts'

/**
 * The reason why claims were refused although the signature is right, with what was found and expected. Only names of
 * issuers and audiences are quoted; they are cut, and legible.
 */
export type ClaimsRefusal =
  | { readonly reason: 'claims_malformed'; readonly cause: JsonRefusal['reason'] | 'not_an_object' }
  | {
      readonly reason: 'issuer_mismatch'
      readonly found: string
      readonly expected: readonly string[]
    }
  | {
      readonly reason: 'audience_mismatch'
      readonly found: readonly string[]
      readonly expected: readonly string[]
    }
  | { readonly reason: 'expired'; readonly expiredAt: EpochSeconds; readonly now: EpochSeconds }
  | {
      readonly reason: 'not_yet_valid'
      readonly validFrom: EpochSeconds
      readonly now: EpochSeconds
    }
  | {
      readonly reason: 'issued_in_future'
      readonly issuedAt: EpochSeconds
      readonly now: EpochSeconds
    }
  | { readonly reason: 'claim_missing'; readonly claim: string }
  | { readonly reason: 'claim_invalid'; readonly claim: string }

/** The reason why a token was refused. */
export type JwtRefusal = JwsRefusal | ClaimsRefusal

/** Every reason there is, for tables and tests. */
export const jwtRefusalReasons = [
  'too_large',
  'malformed',
  'header_unsupported',
  'algorithm_not_allowed',
  'key_unknown',
  'signature_invalid',
  'typ_mismatch',
  'claims_malformed',
  'issuer_mismatch',
  'audience_mismatch',
  'expired',
  'not_yet_valid',
  'issued_in_future',
  'claim_missing',
  'claim_invalid',
] as const satisfies readonly JwtRefusal['reason'][]

const provenFrom = jwtRefusalReasons.indexOf('typ_mismatch')

/**
 * Tells whether the signature had been proven when a token was refused for a reason.
 * Why: only then may the requester learn the reason. Earlier refusals share one public answer.
 */
export function isProvenReason(reason: string): boolean {
  return jwtRefusalReasons.findIndex((name) => name === reason) >= provenFrom
}
