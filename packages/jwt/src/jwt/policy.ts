import type { JwsAlgorithm } from '../crypto/signature-algorithms.ts'
import type { Key } from '../jwk/key.ts'
import type { KeySet } from '../jwk/key-set.ts'
import { normaliseTyp } from '../jws/header.ts'
import type { ReaderPolicy } from '../jws/reader.ts'
import { asList, readAlgorithms, readKeys } from '../jws/verify-jws.ts'
import { leewaySecondsDefault, leewaySecondsMax } from '../time.ts'
import type { ClaimRules } from './check-claims.ts'

/** The demands of a verifier. No default weakens a check. */
export interface VerifyPolicy {
  /** The trusted keys. Required. */
  readonly keys: Key | readonly Key[] | KeySet
  /** The accepted values of `iss`. Required. */
  readonly issuer: string | readonly string[]
  /** The accepted audiences. Each value of a token's `aud` must be one of these. Required. */
  readonly audience: string | readonly string[]
  /** Accepts further audiences too, as long as one value of `aud` is ours. Default: `false`. */
  readonly allowOtherAudiences?: boolean
  /** The accepted algorithms. Required. */
  readonly algorithms: readonly JwsAlgorithm[]
  /** The types that fit, compared as media types; '' fits a header without `typ`. Required. */
  readonly typ: string | readonly string[]
  /**
   * The largest difference between clocks.
   * Units: seconds, 60 at most. Default: 10.
   */
  readonly leewaySeconds?: number
  /** Claims that must be there, beyond `iss`, `aud` and `exp`. Default: none. */
  readonly require?: readonly string[]
  /**
   * The largest token.
   * Units: bytes. Default: 16384.
   */
  readonly tokenBytesMax?: number
}

export interface PreparedPolicy {
  readonly reader: ReaderPolicy
  readonly rules: ClaimRules
}

/**
 * Checks a policy and prepares it for the hot path. Later changes to the policy have no effect.
 * Throws: on a policy that is incomplete, contradicts itself or names an unknown algorithm.
 */
export function preparePolicy(policy: VerifyPolicy): PreparedPolicy {
  const algorithms = readAlgorithms(policy.algorithms)
  return {
    reader: {
      keys: readKeys(policy.keys, algorithms),
      algorithms,
      typ: readNames('typ', policy.typ, true).map(normaliseTyp),
      tokenBytesMax: readNumber('tokenBytesMax', policy.tokenBytesMax ?? 16_384, 1, 1_048_576),
    },
    rules: {
      issuers: readNames('issuer', policy.issuer),
      audiences: readNames('audience', policy.audience),
      allowOtherAudiences: policy.allowOtherAudiences === true,
      require: policy.require === undefined ? [] : [...policy.require],
      expRequired: true,
      leeway: readLeeway(policy.leewaySeconds),
    },
  }
}

function readNames(
  name: string,
  value: string | readonly string[],
  mayBeEmpty = false,
): readonly string[] {
  const list = typeof value === 'string' || Array.isArray(value) ? asList(value) : []
  const fits = (text: unknown): boolean => typeof text === 'string' && (mayBeEmpty || text !== '')
  if (list.length === 0 || !list.every(fits)) {
    throw new TypeError(`policy: ${name} must be a text or a list of texts`)
  }
  return list
}

/**
 * Reads the leeway of a policy, or its default. Units: seconds.
 * Throws: for anything that is no number, or that is larger than a verifier may be given.
 */
export function readLeeway(leewaySeconds: number | undefined = leewaySecondsDefault): number {
  return readNumber('leewaySeconds', leewaySeconds, 0, leewaySecondsMax)
}

/**
 * Reads a number of a policy.
 * Throws: for a value that is no number, or that is out of its bounds.
 */
export function readNumber(name: string, value: number, least: number, most: number): number {
  // A text added to a time would be joined as text.
  if (typeof value !== 'number' || !(value >= least && value <= most)) {
    throw new TypeError(`policy: ${name} must be a number from ${least} to ${most}`)
  }
  return value
}
