import {
  createTokenCache,
  createTokenReader,
  defaultCacheLimits,
  burntBy,
  type MaybePromise,
  type ProvenToken,
  type TokenRefusal,
} from '@countersign/guard/token'
import type { EpochSeconds, Result } from '@countersign/jwt'
import { createOwnEnvelopes, type OwnEnvelopeKey, type OwnEnvelopes } from './own-envelopes.ts'
import { readOwnToken, type OwnToken } from './own-token.ts'
import { createResourceVerifiers, type ResourceVerifiersDeps } from './resource-verifiers.ts'

/** Verifies an access token of this issuer for any resource. */
export type ReadOwnToken = (
  token: string,
  now: EpochSeconds,
) => MaybePromise<
  Result<
    Pick<ProvenToken<OwnToken>, 'prepared' | 'isRemembered'>,
    Pick<TokenRefusal, 'reason' | 'proven'>
  >
>

/** The reader of this issuer's access tokens, and its envelopes. */
export interface OwnReader {
  readonly readToken: ReadOwnToken
  readonly envelopes: Pick<OwnEnvelopes, 'knows'>
}

/**
 * Creates the reader of this issuer's own access tokens: the guard's reader over the keys and the log of
 * this service.
 * Refuses: every reason of the reader; an expired token at once, without leeway.
 */
export function createOwnReader(
  deps: ResourceVerifiersDeps & {
    /** The private key of that name that opens tokens of a resource, where it is kept here. */
    readonly decryptionKey: (kid: string) => OwnEnvelopeKey | undefined
  },
): OwnReader {
  const { decryptionKey, revocation } = deps
  const envelopes = createOwnEnvelopes(decryptionKey, (kid) => burntBy(revocation, kid))
  const readToken = createTokenReader<OwnToken>({
    issuers: createResourceVerifiers(deps),
    envelopes,
    remember: createTokenCache(defaultCacheLimits),
    prepare: readOwnToken,
  })
  return { readToken, envelopes }
}
