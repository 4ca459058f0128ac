import { ok, type Result } from '../result.ts'
import type { JwtClaims } from '../jwt/claims.ts'
import type { VerifyPolicy } from '../jwt/policy.ts'
import type { JwtRefusal } from '../jwt/refusal.ts'
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

/** The reason why a profile refused a token, in addition to the reasons of `JwtRefusal`. */
export type ProfileRefusal =
  | JwtRefusal
  | { readonly reason: 'claim_mismatch'; readonly claim: string }
  | { readonly reason: 'claim_forbidden'; readonly claim: string }
  | { readonly reason: 'lifetime_too_long'; readonly claim: string }
  | { readonly reason: 'too_old'; readonly claim: string }
  | { readonly reason: 'key_mismatch' }

/** The reasons that only profiles have, for tables and tests. */
export const profileRefusalReasons = [
  'claim_mismatch',
  'claim_forbidden',
  'lifetime_too_long',
  'too_old',
  'key_mismatch',
] as const satisfies readonly ProfileRefusal['reason'][]

/** Gives a token its proven type, or returns the objection as a refusal. */
export function toVerified<C extends JwtClaims>(
  token: VerifiedJwt,
  objection: ProfileRefusal | undefined,
): Result<Verified<C>, ProfileRefusal> {
  return objection === undefined
    ? ok(token as unknown as Verified<C>)
    : { ok: false, refusal: objection }
}

/** Refuses a claim with a wrong value. */
export function claimMismatch(claim: string): ProfileRefusal {
  return { reason: 'claim_mismatch', claim }
}

/** Refuses a claim of a wrong type. */
export function claimInvalid(claim: string): ProfileRefusal {
  return { reason: 'claim_invalid', claim }
}

/** Refuses a token without a claim. */
export function claimMissing(claim: string): ProfileRefusal {
  return { reason: 'claim_missing', claim }
}
