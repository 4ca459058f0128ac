import {
  checkClaims,
  legible,
  ok,
  refuse,
  type EpochSeconds,
  type JsonObject,
  type JwtClaims,
  type Result,
} from '@countersign/jwt'
import type { GuardRefusal } from '../refusal.ts'

/** A token that the introspection endpoint called active. */
export interface IntrospectedToken {
  readonly claims: JwtClaims
  readonly validUntil: EpochSeconds
}

/** The rules for answers. They are the guard's rules for signed tokens. */
export interface AnswerRules {
  readonly audiences: readonly string[]
  readonly allowOtherAudiences: boolean
  readonly acceptMissingAudience: boolean
  /** Units: seconds. */
  readonly leewaySeconds: number
  /** How long an answer stays in the cache. Units: seconds. */
  readonly keepSeconds: number
}

/**
 * Reads the answer about one token as strictly as the claims of a signed token. A null member is absent. Pure.
 * Refuses: `token_inactive`; `typ_mismatch` for a refresh or ID token; `audience_mismatch`, `not_yet_valid`,
 * `issued_in_future`, `claim_missing`, `claim_invalid`; `binding_unsupported` for DPoP without a key.
 * Not checked: whether `iss` is trusted.
 * Source: RFC 7662 §2.2, §4; RFC 9449 §6.2.
 */
export function readAnswer(
  document: Readonly<Record<string, unknown>>,
  rules: AnswerRules,
  now: EpochSeconds,
): Result<IntrospectedToken, GuardRefusal> {
  const given = Object.entries(document).filter(([, value]) => value !== null)
  const { jti, ...answer } = Object.fromEntries(given) as JsonObject
  const { exp, aud, client_id: client } = answer
  if (answer['active'] !== true) return refuse({ reason: 'token_inactive', proven: false, now })
  if (exp !== undefined && !(typeof exp === 'number' && exp > now)) {
    const ended = typeof exp === 'number' ? { expiredAt: exp } : {}
    return refuse({ reason: 'token_inactive', proven: false, ...ended, now })
  }
  const otherKind = findOtherKind(answer)
  if (otherKind !== undefined) return refuse({ reason: 'typ_mismatch', proven: true, ...otherKind })
  if (isDpop(answer['token_type']) && answer['cnf'] === undefined)
    return refuse({ reason: 'binding_unsupported', proven: true, found: [] })
  if (aud === undefined && !rules.acceptMissingAudience) {
    const facts = { found: [], expected: rules.audiences }
    return refuse({ reason: 'audience_mismatch', proven: true, ...facts })
  }
  // A token without a subject has its client as subject.
  const claims: JsonObject = { ...answer, sub: answer['sub'] ?? client ?? '' }
  if (claims['sub'] === '') return refuse({ reason: 'claim_missing', proven: true, claim: 'sub' })
  const objection = checkClaims(claims, claimRules(rules, aud === undefined), now)
  if (objection !== undefined) return refuse({ ...objection, proven: true })
  if (client !== undefined && checkClaims({ sub: client }, noRules, now) !== undefined)
    return refuse({ reason: 'claim_invalid', proven: true, claim: 'client_id' })
  const kept = now + rules.keepSeconds
  const validUntil = exp === undefined ? kept : Math.min(exp, kept)
  // The id is written to log lines only, after `legible`.
  const identified = typeof jti === 'string' ? { ...claims, jti } : claims
  return ok({ claims: identified, validUntil: validUntil as EpochSeconds })
}

const noRules = {
  issuers: [],
  audiences: [],
  allowOtherAudiences: false,
  require: [],
  expRequired: false,
  leeway: 0,
}

function claimRules(rules: AnswerRules, isForNobody: boolean) {
  const { allowOtherAudiences, audiences, leewaySeconds: leeway } = rules
  return { ...noRules, allowOtherAudiences, audiences: isForNobody ? [] : audiences, leeway }
}

/** The members in which servers name the kind of token, and their words for an access token. */
const kinds: Readonly<Record<string, ReadonlySet<string>>> = {
  token_type: new Set([
    'bearer',
    'dpop',
    'access_token',
    'urn:ietf:params:oauth:token-type:access_token',
  ]),
  token_use: new Set(['access', 'access_token']),
  typ: new Set(['bearer', 'dpop', 'jwt', 'at+jwt', 'application/at+jwt', 'access_token']),
}

/** Finds the member that says that a token is no access token: its word, and the words of one. */
function findOtherKind(
  answer: JsonObject,
): { readonly found?: string; readonly expected: readonly string[] } | undefined {
  for (const [member, words] of Object.entries(kinds)) {
    const word = answer[member]
    if (word === undefined || (typeof word === 'string' && words.has(word.toLowerCase()))) continue
    const found = typeof word === 'string' ? { found: legible(word, wordLettersMax) } : {}
    return { ...found, expected: [...words] }
  }
  return undefined
}

/** Units: letters of a refusal's fact. */
const wordLettersMax = 64

function isDpop(type: unknown): boolean {
  return typeof type === 'string' && type.toLowerCase() === 'dpop'
}
