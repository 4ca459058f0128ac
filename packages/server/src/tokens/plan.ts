import type { EpochSeconds } from '@countersign/jwt'
import type { ClientRecord, ResourceRecord } from '../store/port/records.ts'

/** The access token that a grant has decided on; nothing of it is asked again. */
export interface TokenPlan {
  readonly client: ClientRecord
  readonly resource: ResourceRecord
  readonly scopes: readonly string[]
  readonly subject: string
  readonly username: string
  /** The refresh family or session that it belongs to. */
  readonly sid: string | undefined
  /** Thumbprint of the key that it is bound to. */
  readonly jkt: string | undefined
  readonly grant: string
  readonly now: EpochSeconds
  /** Set where the token is in the name of a user of this service. */
  readonly user?: TokenUser | undefined
  /** Set where the token stands on another one: what it takes over, and the moment it must not outlive. */
  readonly parent?: TokenParent | undefined
}

/** The facts of a user that are in a token. */
export interface TokenUser {
  /** `uv` in the token. */
  readonly version: number
  /** The roles at the resource. */
  readonly roles: readonly string[]
  /** When the user signed in. */
  readonly authTime: EpochSeconds
  /** `1` for one factor, `2` for two. */
  readonly acr: '1' | '2'
  /** How the user signed in. Source: RFC 8176. */
  readonly amr: readonly string[]
}

/** The facts that an exchanged token inherits from its parent (RFC 8693). */
export interface TokenParent {
  readonly cid: string
  readonly cv: number
  readonly uv: number | undefined
  readonly act: object
  /** The ids of all tokens above; an entry against any of them ends this one too. */
  readonly ancestors: readonly string[]
  /** The keys that those were signed with, each named once. */
  readonly ancestorKids: readonly string[]
  /** When the first of those was issued. */
  readonly ancestorIat: EpochSeconds
  readonly expiresAt: EpochSeconds
}

/** The place where a verifier without a feed reads whether the token was revoked. */
export interface StatusClaim {
  readonly status_list: { readonly idx: number; readonly uri: string }
}

export interface MintedToken {
  readonly token: string
  readonly jti: string
  readonly expiresAt: EpochSeconds
}

export interface TokenSizeRefusal {
  readonly reason: 'token_too_large'
  readonly bytes: number
  readonly bytesMax: number
  readonly fattest: readonly string[]
}

/** The key to encrypt with cannot be had at present; `detail` says what failed. */
export interface EncryptionRefusal {
  readonly reason: 'encryption_key_unavailable'
  readonly detail: string
}

/** The issuer was revoked up to a moment that the clock of this node has not reached. */
export interface ClockRefusal {
  readonly reason: 'clock_behind'
  readonly bySeconds: number
}

export type MintRefusal = TokenSizeRefusal | EncryptionRefusal | ClockRefusal

/** The facts for a function of the operator that adds claims. */
export interface ClaimsRequest {
  readonly clientId: string
  readonly subject: string
  readonly username: string
  readonly audience: string
  readonly scopes: readonly string[]
  readonly grant: string
}

/** A typed function in the configuration that adds claims; a name that is ours is a fault, never a silent loss. */
export type AddClaims = (request: ClaimsRequest) => Readonly<Record<string, unknown>>
