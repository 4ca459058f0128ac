/** Internal: the token reader that guard and service share. It may change in any release. */
export { holdGivenKeys } from '../keys/given.ts'
export { noUsableKey } from '../keys/fetched-step.ts'
export { createKeysAt, type KeysAtDeps } from '../keys/keys-at.ts'
export { after, type MaybePromise } from '../policy/maybe-promise.ts'
export { createTokenCache, defaultCacheLimits } from './cache.ts'
export {
  envelopeKid,
  envelopeNames,
  isEnvelope,
  type EnvelopeOpener,
  type Opened,
} from './envelopes.ts'
export { createIssuerVerifier, type IssuerPolicy, type IssuerVerifier } from './issuer-verifier.ts'
export {
  burntBy,
  isBurnt,
  type Proof,
  type ProofContext,
  type ProvenToken,
  type TokenRefusal,
} from './proven-token.ts'
export {
  createTokenReader,
  type ProvenTokenCache,
  type ReadToken,
  type TokenIssuers,
  type TokenReaderParts,
} from './reader.ts'
