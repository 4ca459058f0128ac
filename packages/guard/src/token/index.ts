/** Internal: the token reader that guard and service share. It may change in any release. */
export { createTokenCache, defaultCacheLimits } from './cache.ts'
export { isEnvelope, type EnvelopeOpener, type Opened } from './envelopes.ts'
export { createIssuerVerifier, type IssuerPolicy, type IssuerVerifier } from './issuer-verifier.ts'
export type { Proof, ProvenToken, TokenRefusal } from './proven-token.ts'
export {
  createTokenReader,
  type ProvenTokenCache,
  type ReadToken,
  type TokenIssuers,
  type TokenReaderParts,
} from './reader.ts'
