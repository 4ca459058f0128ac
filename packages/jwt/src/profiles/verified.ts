import { ok, type Result } from '../result.ts'
import type { JwtClaims } from '../jwt/claims.ts'
import type { VerifyPolicy } from '../jwt/policy.ts'
import type { JwtRefusal } from '../jwt/refusal.ts'
import type { VerifiedJwt } from '../jwt/verify-jwt.ts'

declare const proof: unique symbol

/**
 * A token that a profile accepted; only the profiles of this package make it.
 * Why: a function that asks for this type cannot be given claims that nobody checked.
 */
export type Verified<C extends JwtClaims> = Omit<VerifiedJwt, 'claims'> & {
  readonly claims: C
  readonly [proof]: true
}

/** What a profile leaves open of a policy: the type is its own. */
export type ProfilePolicy = Omit<VerifyPolicy, 'typ' | 'require' | 'allowOtherAudiences'>

/** Why a profile refused a token whose signature is right, beyond the reasons of `JwtRefusal`. */
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

/** Gives a token its type, after `objection` has been looked for. */
export function settle<C extends JwtClaims>(
  token: VerifiedJwt,
  objection: ProfileRefusal | undefined,
): Result<Verified<C>, ProfileRefusal> {
  return objection === undefined
    ? ok(token as unknown as Verified<C>)
    : { ok: false, refusal: objection }
}

/** Says that a claim is there but is not what it has to be. */
export function mismatch(claim: string): ProfileRefusal {
  return { reason: 'claim_mismatch', claim }
}

/** Says that a claim has a wrong type. */
export function invalid(claim: string): ProfileRefusal {
  return { reason: 'claim_invalid', claim }
}

/** Says that a claim is not there. */
export function missing(claim: string): ProfileRefusal {
  return { reason: 'claim_missing', claim }
}
