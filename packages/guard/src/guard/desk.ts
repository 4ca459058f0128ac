import {
  createJwtVerifier,
  keySetOf,
  createAccessTokenVerifier,
  type EpochSeconds,
  type JwsAlgorithm,
  type ProfileRefusal,
  type KeySet,
  type Result,
  type VerifiedJwt,
} from '@countersign/jwt'
import type { KeyHolder } from '../policy/key-source.ts'
import type { TokenProfile } from '../policy/profile.ts'
import type { RevocationView } from '../policy/revocation-view.ts'

/** What a desk has proven about a token, whatever its profile. */
export type VerifiedToken = Pick<VerifiedJwt, 'claims' | 'key'>

/** Everything that is prepared to judge the tokens of one issuer. */
export interface Desk {
  readonly issuer: string
  readonly keys: KeyHolder
  readonly revocation: RevocationView | undefined
  /** Judges by this key set; the prepared verifier is kept until another set comes. */
  readonly verify: (
    keySet: KeySet,
    token: string,
    now: EpochSeconds,
  ) => Result<VerifiedToken, ProfileRefusal>
  /** Ends what was begun for this issuer alone: the fetching of keys, and the following of its feed. */
  readonly close: () => void
}

/** What tokens of one issuer must be. */
export interface DeskPolicy {
  readonly issuer: string
  readonly audience: string | readonly string[]
  /** Takes tokens that are for others too. */
  readonly allowOtherAudiences: boolean
  readonly algorithms: readonly JwsAlgorithm[]
  readonly profile: TokenProfile | undefined
  readonly leewaySeconds: number
}

/**
 * Sets up the desk of one issuer.
 * Why: its verifier knows this issuer's name and this issuer's keys and nothing else, so that a key of another
 * issuer can never prove one of its tokens.
 */
export function createDesk(
  policy: DeskPolicy,
  keys: KeyHolder,
  revocation: RevocationView | undefined,
  close: () => void,
): Desk {
  // The policy is tried at once, with the keys in hand if there are any, so that an unfit guard never starts.
  let preparedFor = keys.current() ?? keySetOf([])
  let prepared = prepareVerifier(policy, preparedFor)

  return {
    issuer: policy.issuer,
    keys,
    revocation,
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

/** Ends what goes on behind desks, a view of revocations that was given included. */
export function closeDesks(desks: Iterable<Desk>): void {
  for (const { close, revocation } of desks) {
    close()
    revocation?.close?.()
  }
}

type Verify = (token: string, now?: EpochSeconds) => Result<VerifiedToken, ProfileRefusal>

function prepareVerifier({ profile, ...policy }: DeskPolicy, keys: KeySet): Verify {
  if (profile === undefined) return createAccessTokenVerifier({ ...policy, keys })
  return createJwtVerifier({ ...policy, keys, typ: profile.typ, require: profile.require ?? [] })
}
