import {
  createAccessTokenVerifier,
  createJwtVerifier,
  keySetOf,
  type EpochSeconds,
  type JwsAlgorithm,
  type JwtRefusal,
  type KeySet,
  type Result,
  type VerifiedJwt,
} from '@countersign/jwt'
import type { KeyHolder } from '../policy/key-source.ts'
import type { TokenProfile } from '../policy/profile.ts'
import type { RevocationView } from '../policy/revocation-view.ts'

/** The proven part of a signed token of any profile. */
export type VerifiedToken = Pick<VerifiedJwt, 'claims' | 'key'>

/** One issuer's keys, revocations and verifier. */
export interface IssuerVerifier {
  readonly issuer: string
  readonly audience: string | readonly string[]
  /** `required` refuses a token without its envelope. */
  readonly envelope: EnvelopeRule
  readonly keys: KeyHolder
  readonly revocation: RevocationView | undefined
  /** Units: seconds. */
  readonly leewaySeconds: number
  /** Verifies with this key set. The prepared verifier is kept until the set changes. */
  readonly verify: (
    keySet: KeySet,
    token: string,
    now: EpochSeconds,
  ) => Result<VerifiedToken, JwtRefusal>
  /** Stops the key fetches and the feed of this issuer. */
  readonly close: () => void
}

/** Whether tokens must have an envelope. */
export type EnvelopeRule = 'required' | 'optional'

/** The requirements for the tokens of one issuer. */
export interface IssuerPolicy {
  readonly issuer: string
  readonly audience: string | readonly string[]
  /** Accepts tokens for several APIs if one of the names is ours. */
  readonly allowOtherAudiences: boolean
  readonly algorithms: readonly JwsAlgorithm[]
  readonly profile: TokenProfile | undefined
  readonly leewaySeconds: number
  readonly envelope: EnvelopeRule
}

/**
 * Creates the verifier of one issuer.
 * Throws: TypeError for a policy that does not protect.
 * Why: it has only this issuer's name and keys, so a key of another issuer can never prove one of its tokens.
 */
export function createIssuerVerifier(
  { envelope, ...policy }: IssuerPolicy,
  keys: KeyHolder,
  revocation: RevocationView | undefined,
  close: () => void,
): IssuerVerifier {
  // The policy is prepared at once, so that an unfit guard never starts.
  let preparedFor = keys.current() ?? keySetOf([])
  let prepared = prepareVerifier(policy, preparedFor)
  const { issuer, audience, leewaySeconds } = policy

  return {
    issuer,
    audience,
    envelope,
    keys,
    revocation,
    leewaySeconds,
    close,
    verify: (keySet, token, now) => {
      if (preparedFor !== keySet) {
        prepared = prepareVerifier(policy, keySet)
        preparedFor = keySet
      }
      return prepared(token, now)
    },
  }
}

/** Closes verifiers and their views of revocations. */
export function closeVerifiers(verifiers: Iterable<IssuerVerifier>): void {
  for (const { close, revocation } of verifiers) {
    close()
    revocation?.close?.()
  }
}

type Verify = (token: string, now?: EpochSeconds) => Result<VerifiedToken, JwtRefusal>

function prepareVerifier(
  { profile, ...policy }: Omit<IssuerPolicy, 'envelope'>,
  keys: KeySet,
): Verify {
  if (profile === undefined) return createAccessTokenVerifier({ ...policy, keys })
  return createJwtVerifier({ ...policy, keys, typ: profile.typ, require: profile.require ?? [] })
}
