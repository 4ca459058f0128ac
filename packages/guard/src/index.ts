export { createGuard, type Guard, type Outcome } from './guard/guard.ts'
export type { GuardDeps, GuardOptions, RemoteKeyOptions, SchemaOptions } from './guard/options.ts'
export type { IssuerChange, IssuerPart } from './guard/issuer-watch.ts'
export type { GuardHealth, IssuerHealth } from './guard/health.ts'
export type { CookieSource } from './credentials/cookie.ts'
export { createNonces } from './sender/nonces.ts'
export { createReplayMemory } from './sender/replay-memory.ts'
export type { DpopOptions, NonceSource, ReplayMemory, ReplayVerdict } from './sender/options.ts'
export type { DecryptionKeys, DecryptionOptions } from './token/envelopes.ts'
export type { IntrospectionOptions } from './introspection/introspect.ts'
export { decryptionKeysMetadata, type ManagedKeys } from './keys/managed.ts'
export { fileSnapshot, type KeySnapshot, type SnapshotPort } from './keys/snapshot.ts'
export type { PreparedRequirement, Requirement } from './permissions/requirement.ts'
export type { Admission, Scheme, VerifiedClaims } from './policy/admission.ts'
export type { GivenKeys, IssuerLookup, TrustedIssuer, TrustedIssuers } from './policy/issuers.ts'
export type { KeySource, KeysHealth } from './policy/key-source.ts'
export type { PermissionClaims, TokenProfile } from './policy/profile.ts'
export {
  fetchReader,
  nodeReader,
  type FetchRequest,
  type NodeRequest,
  type RequestReader,
} from './policy/request.ts'
export type { EntryKind, RevokingEntry } from './policy/revocation-entry.ts'
export type { RevocationFacts, RevocationHealth, RevocationView } from './policy/revocation-view.ts'
export {
  fileRevocations,
  type RevocationSnapshot,
  type RevocationSnapshotPort,
} from './revocations/snapshot.ts'
export type { RevocationPolicy } from './policy/revocation-policy.ts'
export type { FeedHealth } from './revocations/view.ts'
export type { StandardSchema } from './policy/standard-schema.ts'
export { explainRefusal, explainTokenRefusal } from './explain-refusal.ts'
export {
  GuardRefused,
  guardReasons,
  type AboutToken,
  type Answer,
  type CredentialPlace,
  type DecryptionCause,
  type FoundScheme,
  type GuardReason,
  type GuardRefusal,
  type ProofCause,
  type RefusalFacts,
} from './refusal.ts'
