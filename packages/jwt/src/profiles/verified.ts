import { legible, nameLettersMax } from '../bytes/legible.ts'
import { ok, type Result } from '../result.ts'
import type { EpochSeconds } from '../time.ts'
import type { JwtClaims } from '../jwt/claims.ts'
import type { VerifyPolicy } from '../jwt/policy.ts'
import type { ClaimsRefusal, JwtRefusal } from '../jwt/refusal.ts'
import type { VerifiedJwt } from '../jwt/verify-jwt.ts'

declare const proof: unique symbol

/**
 * A token that a profile accepted. Only the profiles of this package make it.
 * Why: a function that asks for this type cannot receive unchecked claims.
 */
export type Verified<C extends JwtClaims> = Omit<VerifiedJwt, 'claims'> & {
  readonly claims: C
  readonly [proof]: true
}

/** The part of a policy that a profile leaves open. The profile sets the type. */
export type ProfilePolicy = Omit<VerifyPolicy, 'typ' | 'require' | 'allowOtherAudiences'>

/**
 * The reason why a profile refused a token, in addition to the reasons of `JwtRefusal`.
 * `claim_mismatch` has `found` and `expected` where neither is secret. Both thumbprints of `key_mismatch` are public.
 */
export type ProfileRefusal =
  | JwtRefusal
  | {
      readonly reason: 'claim_mismatch'
      readonly claim: string
      readonly found?: string
      readonly expected?: string
    }
  | { readonly reason: 'claim_forbidden'; readonly claim: string }
  | {
      readonly reason: 'lifetime_too_long'
      readonly claim: string
      readonly expiresAt: EpochSeconds
      readonly latest: EpochSeconds
    }
  | {
      readonly reason: 'too_old'
      readonly claim: string
      readonly at: EpochSeconds
      readonly oldest: EpochSeconds
    }
  | { readonly reason: 'key_mismatch'; readonly found: string; readonly expected: string }

/** The reasons that only profiles have, for tables and tests. */
export const profileRefusalReasons = [
  'claim_mismatch',
  'claim_forbidden',
  'lifetime_too_long',
  'too_old',
  'key_mismatch',
] as const satisfies readonly ProfileRefusal['reason'][]

/** Gives a token its proven type, or returns the objection as a refusal. */
export function toVerified<C extends JwtClaims, R extends ProfileRefusal = ProfileRefusal>(
  token: VerifiedJwt,
  objection: R | undefined,
): Result<Verified<C>, R> {
  return objection === undefined
    ? ok(token as unknown as Verified<C>)
    : { ok: false, refusal: objection }
}

/** Refuses a claim with a wrong value. The facts are for values that are not secret. */
export function claimMismatch(
  claim: string,
  facts: { readonly found?: string | undefined; readonly expected?: string | undefined } = {},
): ProfileRefusal {
  const { found, expected } = facts
  return {
    reason: 'claim_mismatch',
    claim,
    ...(found === undefined ? {} : { found: legible(found, nameLettersMax) }),
    ...(expected === undefined ? {} : { expected: legible(expected, nameLettersMax) }),
  }
}

/** Refuses a claim of a wrong type. */
export function claimInvalid(claim: string): ClaimsRefusal {
  return { reason: 'claim_invalid', claim }
}

/** Refuses a token without a claim. */
export function claimMissing(claim: string): ClaimsRefusal {
  return { reason: 'claim_missing', claim }
}

/** The value of a claim that may be shown: a text. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
