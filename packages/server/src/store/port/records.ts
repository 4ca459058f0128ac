import type { EpochSeconds, JsonObject } from '@countersign/jwt'
import type { RevocationTarget } from './revocation-target.ts'
import type { ClientSignIn } from './client-sign-in.ts'
import type { UserId } from './user-records.ts'

/** A client as the database holds it. Secrets are only hashes. */
export interface ClientRecord {
  /** The public `client_id`. */
  readonly id: string
  /** The opaque internal id (128 random bits, base64url); `cid` in tokens and in the revocation log. */
  readonly internalId: string
  /** Raised when the client is disabled or something is taken from it; `cv` in tokens. */
  readonly version: number
  readonly enabled: boolean
  /** The method by which the client proves itself: `client_secret`, `private_key_jwt`, or `none` (a public client). */
  readonly authentication: string
  readonly secrets: readonly ClientSecretRecord[]
  /** Public keys of a `private_key_jwt` client: a JWK set as JSON text. */
  readonly jwks: string | null
  readonly grantTypes: readonly string[]
  /** The resources and scopes that it may ask for, the default resource first. */
  readonly access: readonly { readonly audience: string; readonly scopes: readonly string[] }[]
  /** Whether tokens are only given with a DPoP proof. */
  readonly dpopRequired: boolean
  /** The `roles` claim of tokens that speak for the client itself; no such claim where empty. */
  readonly roles: readonly string[]
  /** More claims of these tokens. */
  readonly claims: JsonObject
  /** The settings for users who sign in to it; absent where none can. */
  readonly signIn?: ClientSignIn | undefined
  readonly createdAt: EpochSeconds
}

/** The most secrets of one client at a time. */
export const clientSecretsMax = 5

/** One of a client's overlapping secrets. */
export interface ClientSecretRecord {
  readonly id: string
  /** `generated`: `cs_` and 43 characters, kept as a keyed hash; `chosen`: kept as an argon2id PHC string. */
  readonly form: 'generated' | 'chosen'
  readonly hash: string
  readonly createdAt: EpochSeconds
}

/** An API that tokens are made for (RFC 8707). */
export interface ResourceRecord {
  readonly audience: string
  readonly scopes: readonly string[]
  readonly tokenAlg: string
  /** Units: seconds. */
  readonly tokenTtlSeconds: number
  /** Units: bytes of claims, without the signature and before encryption. */
  readonly tokenBytesMax: number
  /** How tokens are encrypted to this resource; `null` for signed only. */
  readonly encryption: ResourceEncryption | null
  /** Whether its tokens are referenced from a Token Status List. */
  readonly statusList: boolean
  /** Client that acts for this resource at introspection and token exchange, if any. */
  readonly clientId: string | null
  readonly createdAt: EpochSeconds
}

export type ResourceEncryption =
  | { readonly source: 'jwk'; readonly jwk: string; readonly alg: string; readonly enc: string }
  | {
      readonly source: 'jwks_uri'
      readonly jwksUri: string
      readonly alg: string
      readonly enc: string
    }
  | {
      readonly source: 'managed'
      readonly alg: string
      readonly enc: string
      /** The curve of ECDH-ES keys. Default: X25519. */
      readonly curve?: 'X25519' | 'P-256' | 'P-384' | 'P-521'
    }

export type KeyState = 'announced' | 'active' | 'retired'

/** A key that this service holds; its private part is sealed under the key-encryption key. */
export interface KeyRecord {
  readonly kid: string
  readonly alg: string
  /** `token` signs access tokens, `feed` signs the revocation feed, `encryption` belongs to a managed resource, `server` is a secret of ours (hash keys, tags). */
  readonly purpose: 'token' | 'feed' | 'encryption' | 'server'
  /** The resource it belongs to: HS* secrets and encryption keys; `null` for keys of the issuer. */
  readonly audience: string | null
  readonly state: KeyState
  /** The public JWK as JSON text; `null` for secrets. */
  readonly publicJwk: string | null
  readonly sealed: Uint8Array
  readonly announcedAt: EpochSeconds
  readonly activatedAt: EpochSeconds | null
  readonly retiredAt: EpochSeconds | null
  /** Tokens under this key expire at this moment at the latest. */
  readonly verifiableUntil: EpochSeconds
}

/** A live refresh family. Of its tokens only the hashes of two generations are kept. */
export interface FamilyRecord {
  /** The family's random id; `sid` in its access tokens. */
  readonly sid: string
  readonly clientId: string
  readonly subject: string
  readonly username: string
  readonly access: readonly { readonly audience: string; readonly scopes: readonly string[] }[]
  /** RFC 7638 thumbprint of the DPoP key it is bound to. */
  readonly jkt: string | null
  readonly generation: number
  readonly currentHash: string
  readonly previousHash: string | null
  /** The current refresh token, sealed under a key derived from the previous token and a server secret. */
  readonly successorSeal: Uint8Array | null
  /** When the seal must be erased; `null` for a seal that lasts until the next rotation. */
  readonly sealUntil: EpochSeconds | null
  readonly rotatedAt: EpochSeconds
  readonly openedAt: EpochSeconds
  readonly idleExpiresAt: EpochSeconds
  readonly expiresAt: EpochSeconds
  /** The client's version when it was opened. */
  readonly clientVersion: number
  /** The user who signed in, with the version then; absent where a client speaks for itself. */
  readonly user?: FamilyUser | undefined
}

/** A family to be opened, at generation 1. */
export interface NewFamily extends Pick<
  FamilyRecord,
  | 'sid'
  | 'clientId'
  | 'clientVersion'
  | 'subject'
  | 'username'
  | 'access'
  | 'jkt'
  | 'currentHash'
  | 'user'
> {
  readonly idleTtlSeconds: number
  readonly absoluteTtlSeconds: number
}

/** The user of a refresh family. */
export interface FamilyUser {
  readonly id: UserId
  readonly version: number
}

/** An entry of the revocation log. Sequences have no gaps and become visible in commit order. */
export interface RevocationEntry {
  readonly sequence: number
  readonly target: RevocationTarget
  readonly at: EpochSeconds
  /** After this moment every token that it revokes has expired, so the entry may be deleted. */
  readonly until: EpochSeconds
}

/**
 * The last number and hash of both logs. A hash is base64url. It is empty where the log has none at that number: an
 * older program wrote the entry, or the hash was pruned.
 */
export interface LogHead {
  readonly epoch: string
  /** Units: whole seconds. When this epoch began, rounded up; 0 for the first one. */
  readonly epochStart: EpochSeconds
  /** When a restore or a revocation of the issuer last began an epoch; 0 for never. */
  readonly fencedAt: EpochSeconds
  /** The last number of the log of revocations. */
  readonly sequence: number
  readonly hash: string
  /** The last number of the log of changes. */
  readonly changes: number
  readonly changesHash: string
}

/** The end of a committed batch of revocations, and the chain's hash there. */
export interface LogLink {
  readonly sequence: number
  readonly hash: string
}

/** The client that revoked a single token, by its internal id, and the family of the token if that is the client's own. */
export interface TokenOwner {
  readonly cid: string
  readonly sid?: string | undefined
}

/** An entry to be written, with the moment of its end. */
export interface DatedEntry {
  readonly target: RevocationTarget
  readonly until: EpochSeconds
}

/** The disabled clients and users, 10,000 of each at most, as of one number of the log of changes. */
export interface DisabledRecords extends Pick<LogHead, 'epoch' | 'changes' | 'changesHash'> {
  /** Internal ids of clients. */
  readonly clients: readonly string[]
  readonly users: readonly string[]
}

/** A change of a record that other processes cache; they must forget their copy. */
export interface ChangeRecord {
  readonly sequence: number
  readonly table: 'clients' | 'resources' | 'keys' | 'users' | 'foreign_schemes'
  readonly id: string
}
