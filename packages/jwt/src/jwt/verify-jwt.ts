import { isJsonObject, parseStrictJsonLetters } from '../bytes/strict-json.ts'
import type { Key } from '../jwk/key.ts'
import type { JwsHeader } from '../jws/header.ts'
import { createReader } from '../jws/reader.ts'
import { refuse, type Result } from '../result.ts'
import type { EpochSeconds } from '../time.ts'
import { checkClaims } from './check-claims.ts'
import { claimLimits, type JwtClaims } from './claims.ts'
import { preparePolicy, type VerifyPolicy } from './policy.ts'
import type { JwtRefusal } from './refusal.ts'

/** A token that a policy accepted. Signature, type, times, issuer and audience are right. */
export interface VerifiedJwt {
  readonly header: JwsHeader
  readonly claims: JwtClaims
  readonly key: Key
}

/** Verifies one token at a moment. `now`: default the system's clock. */
export type Verifier = (token: string, now?: EpochSeconds) => Result<VerifiedJwt, JwtRefusal>

/**
 * Verifies one token: first its signature, then its type and claims.
 * Refuses: all reasons of `JwtRefusal`.
 * Throws: on a policy that is incomplete or contradicts itself.
 * Why: each call prepares the policy again. `createJwtVerifier` is the prepared form for many tokens.
 * Source: RFC 7519 §7.2; RFC 8725 §3.
 * @example
 * const policy = { keys, issuer: 'https://id.example', audience: 'https://api.example' } as const
 * verifyJwt(token, { ...policy, algorithms: ['ES256'], typ: 'at+jwt' })
 */
export function verifyJwt(
  token: string,
  policy: VerifyPolicy & { readonly now?: EpochSeconds },
): Result<VerifiedJwt, JwtRefusal> {
  return createJwtVerifier(policy)(token, policy.now)
}

/**
 * Prepares a policy once and returns its verifier. Later changes to the policy object have no effect.
 * Refuses (the verifier): all reasons of `JwtRefusal`.
 * Throws: on a policy that is incomplete or contradicts itself.
 * Source: RFC 7519 §7.2; RFC 8725 §3.
 */
export function createJwtVerifier(policy: VerifyPolicy): Verifier {
  const { reader, rules } = preparePolicy(policy)
  const read = createReader(reader)
  return (token, now = systemNow()) => {
    if (!Number.isFinite(now)) throw new TypeError('now must be a finite number of seconds')
    const proven = read(token)
    if (!proven.ok) return proven
    const { header, key, letters, nested } = proven.value
    if (nested) return nestedToken
    const parsed = parseStrictJsonLetters(letters, claimLimits)
    if (!parsed.ok) return refuse({ reason: 'claims_malformed', cause: parsed.refusal.reason })
    const claims = parsed.value
    if (!isJsonObject(claims)) return notAnObject
    const objection = checkClaims(claims, rules, now, parsed.plain)
    if (objection !== undefined) return refuse(objection)
    return { ok: true, value: { header, claims, key } }
  }
}

const notAnObject = refuse({ reason: 'claims_malformed', cause: 'not_an_object' })
const nestedToken = refuse({ reason: 'header_unsupported', member: 'cty' })

function systemNow(): EpochSeconds {
  return (Date.now() / 1000) as EpochSeconds
}
