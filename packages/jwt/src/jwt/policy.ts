import type { JwsAlgorithm } from '../crypto/signature-algorithms.ts'
import type { Key } from '../jwk/key.ts'
import type { KeySet } from '../jwk/key-set.ts'
import { normaliseTyp } from '../jws/header.ts'
import type { ReaderPolicy } from '../jws/reader.ts'
import { asList, readAlgorithms, readKeys } from '../jws/verify-jws.ts'
import type { ClaimRules } from './check-claims.ts'

/** What a verifier demands. Nothing has a default that weakens a check. */
export interface VerifyPolicy {
  readonly keys: Key | readonly Key[] | KeySet
  readonly issuer: string | readonly string[]
  /** Whom a token must be for: each value of its `aud` must be one of these. */
  readonly audience: string | readonly string[]
  /** Takes tokens that are for others too, as long as one value of `aud` is ours. */
  readonly allowOtherAudiences?: boolean
  readonly algorithms: readonly JwsAlgorithm[]
  /** The types that fit, compared as media types; '' fits a header without `typ`. */
  readonly typ: string | readonly string[]
  /** How far clocks may differ. Units: seconds; 10 unless told, 60 at most. */
  readonly leewaySeconds?: number
  /** Claims that must be there, beyond `iss`, `aud` and `exp`. */
  readonly require?: readonly string[]
  /** Units: bytes of the whole token; 16384 unless told. */
  readonly tokenBytesMax?: number
}

export interface PreparedPolicy {
  readonly reader: ReaderPolicy
  readonly rules: ClaimRules
}

/**
 * Checks a policy and makes of it what the hot path needs; the policy is not looked at again.
 * Throws: on a policy that is incomplete, contradicts itself or names what does not exist.
 */
export function preparePolicy(policy: VerifyPolicy): PreparedPolicy {
  const algorithms = readAlgorithms(policy.algorithms)
  return {
    reader: {
      keys: readKeys(policy.keys, algorithms),
      algorithms,
      typ: names('typ', policy.typ, true).map(normaliseTyp),
      tokenBytesMax: readNumber('tokenBytesMax', policy.tokenBytesMax ?? 16_384, 1, 1_048_576),
    },
    rules: {
      issuers: names('issuer', policy.issuer),
      audiences: names('audience', policy.audience),
      allowOtherAudiences: policy.allowOtherAudiences === true,
      require: policy.require === undefined ? [] : [...policy.require],
      expRequired: true,
      leeway: readNumber('leewaySeconds', policy.leewaySeconds ?? 10, 0, 60),
    },
  }
}

function names(
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
 * Reads a number of a policy.
 * Throws: for anything that is none, or lies outside of its bounds.
 */
export function readNumber(name: string, value: number, least: number, most: number): number {
  // A text would be compared as one wherever it is added to a time.
  if (typeof value !== 'number' || !(value >= least && value <= most)) {
    throw new TypeError(`policy: ${name} must be a number from ${least} to ${most}`)
  }
  return value
}
