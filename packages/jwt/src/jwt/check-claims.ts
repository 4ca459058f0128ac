import { legible, legibleNames, nameLettersMax } from '../bytes/legible.ts'
import type { JsonObject, JsonValue } from '../bytes/strict-json.ts'
import type { EpochSeconds } from '../time.ts'
import type { ClaimsRefusal } from './refusal.ts'

/** The demands of a policy on claims, prepared once. */
export interface ClaimRules {
  readonly issuers: readonly string[]
  readonly audiences: readonly string[]
  readonly allowOtherAudiences: boolean
  readonly require: readonly string[]
  readonly expRequired: boolean
  /** Units: seconds. */
  readonly leeway: number
}

/**
 * Checks claims against the rules of a policy at a moment; `undefined` when they hold.
 * Refuses: all reasons of `ClaimsRefusal` but `claims_malformed`. `plain`: no text in the claims has an
 * escape, a letter beyond ASCII, or DEL.
 * Why: types first, then the comparison, so that no value is coerced into a match.
 * Source: RFC 7519 §4.1; RFC 9068 §4; RFC 8725 §3.8, §3.9.
 */
export function checkClaims(
  claims: JsonObject,
  rules: ClaimRules,
  now: EpochSeconds,
  plain = false,
): ClaimsRefusal | undefined {
  const { issuers, audiences, require, leeway } = rules
  const { iss, sub, aud, exp, nbf, iat, jti } = claims
  if (iss !== issuers[0] && issuers.length > 0) {
    if (iss === undefined) return claimMissing('iss')
    if (typeof iss !== 'string') return claimInvalid('iss')
    if (!issuers.includes(iss)) {
      const found = legible(iss, nameLettersMax)
      return { reason: 'issuer_mismatch', found, expected: issuers }
    }
  }
  if (aud !== audiences[0] && audiences.length > 0) {
    const objection = checkAudience(aud, rules)
    if (objection !== undefined) return objection
  }
  if (!isMoment(exp)) {
    if (exp !== undefined) return claimInvalid('exp')
    if (rules.expRequired) return claimMissing('exp')
  } else if (now >= exp + leeway) return { reason: 'expired', expiredAt: exp, now }
  if (nbf !== undefined) {
    if (!isMoment(nbf) || (isMoment(exp) && nbf > exp)) return claimInvalid('nbf')
    if (nbf > now + leeway) return { reason: 'not_yet_valid', validFrom: nbf, now }
  }
  if (iat !== undefined) {
    if (!isMoment(iat) || (isMoment(exp) && iat > exp)) return claimInvalid('iat')
    if (iat > now + leeway) return { reason: 'issued_in_future', issuedAt: iat, now }
  }
  if (sub !== undefined && !isName(sub, plain)) return claimInvalid('sub')
  if (jti !== undefined && !isName(jti, plain)) return claimInvalid('jti')
  for (const claim of require) {
    if (!Object.hasOwn(claims, claim) || claims[claim] === null) return claimMissing(claim)
  }
  return undefined
}

function checkAudience(
  aud: JsonValue | undefined,
  { audiences, allowOtherAudiences }: ClaimRules,
): ClaimsRefusal | undefined {
  if (aud === undefined) return claimMissing('aud')
  if (typeof aud === 'string') {
    if (aud === '') return claimInvalid('aud')
    return audiences.includes(aud) ? undefined : audienceMismatch([aud], audiences)
  }
  if (!Array.isArray(aud) || aud.length === 0) return claimInvalid('aud')
  const values: readonly unknown[] = aud
  if (!values.every(isAudience)) return claimInvalid('aud')
  const ours = (value: string): boolean => audiences.includes(value)
  const fits = allowOtherAudiences ? values.some(ours) : values.every(ours)
  return fits ? undefined : audienceMismatch(values, audiences)
}

function isAudience(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function audienceMismatch(found: readonly string[], expected: readonly string[]): ClaimsRefusal {
  return { reason: 'audience_mismatch', found: legibleNames(found), expected }
}

/** The end of the year 9999; a later moment is a mistake or an attack. Units: seconds. */
const momentMax = 253_402_300_799

function isMoment(value: JsonValue | undefined): value is EpochSeconds {
  return typeof value === 'number' && value >= 0 && value <= momentMax
}

const nameLengthMax = 1024

/**
 * Identifiers are text without control characters and without marks that reverse the shown text. `plain`
 * text cannot hold any of them: it is ASCII, without escapes and without DEL.
 */
export function isName(value: JsonValue | undefined, plain = false): value is string {
  if (typeof value !== 'string' || value === '' || value.length > nameLengthMax) return false
  if (plain) return true
  for (let at = 0; at < value.length; at += 1) {
    const unit = value.charCodeAt(at)
    if (unit < 0x20) return false
    if (unit >= 0x7f && isHidden(unit)) return false
  }
  return true
}

function isHidden(unit: number): boolean {
  if (unit <= 0x9f) return true
  if (unit < 0x200e || unit > 0x2069) return false
  return unit <= 0x200f || (unit >= 0x202a && unit <= 0x202e) || unit >= 0x2066
}

function claimMissing(claim: string): ClaimsRefusal {
  return { reason: 'claim_missing', claim }
}

function claimInvalid(claim: string): ClaimsRefusal {
  return { reason: 'claim_invalid', claim }
}
