import type { EpochSeconds } from '@countersign/jwt'

declare const userId: unique symbol
declare const nameKey: unique symbol

/** The opaque id of a user (128 random bits, base64url); `sub` in tokens. */
export type UserId = string & { readonly [userId]: true }

/** A folded name. Only `users/fold-name.ts` makes one, and every verb that takes a name takes this. */
export type NameKey = string & { readonly [nameKey]: true }

/** `unverified`: the user signed up and proved no address yet. Only that proof is possible. */
export type UserStatus = 'active' | 'disabled' | 'unverified'

/** A user as the database holds it, without the password. */
export interface UserRecord {
  readonly id: UserId
  readonly status: UserStatus
  /** Raised whenever older tokens must die or must be fetched again; `uv` in tokens. */
  readonly version: number
  readonly profile: UserProfile
  /** When the profile last changed; `updated_at` of OpenID Connect. */
  readonly profileAt: EpochSeconds
  readonly createdAt: EpochSeconds
  /** When the user is to be erased; absent for a user who asked for no deletion. */
  readonly eraseAt?: EpochSeconds | undefined
  /** When a session of the user was first opened; absent for never, and for times before this was noted. */
  readonly signedInAt?: EpochSeconds | undefined
  /** In order: user names before addresses, then the oldest first. Tokens show the first one as `username`. */
  readonly names: readonly UserName[]
}

/** A name by which a user signs in. User names and mail addresses share one space of keys. */
export interface UserName {
  readonly key: NameKey
  readonly kind: 'username' | 'address'
  /** The name as it was typed. Mail goes to this text. */
  readonly shown: string
  /** When the user proved to own the address; `null` for never. */
  readonly verifiedAt: EpochSeconds | null
  readonly addedAt: EpochSeconds
}

/** The scopes and roles of a user at one resource. */
export interface UserAccess {
  readonly audience: string
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
}

/** A password as the database holds it. */
export interface PasswordRecord {
  /** An argon2id PHC string over a keyed hash of the password. */
  readonly hash: string
  /** The id of the key of that keyed hash. */
  readonly pepperId: string
  readonly setAt: EpochSeconds
  /** Whether the user must choose another at the next sign-in. */
  readonly mustChange: boolean
}

/** The claims about a person, with the names of OpenID Connect. Source: OpenID Connect Core 1.0 §5.1. */
export interface UserProfile {
  readonly name?: string | undefined
  readonly given_name?: string | undefined
  readonly family_name?: string | undefined
  readonly middle_name?: string | undefined
  readonly nickname?: string | undefined
  readonly preferred_username?: string | undefined
  readonly profile?: string | undefined
  readonly picture?: string | undefined
  readonly website?: string | undefined
  readonly gender?: string | undefined
  readonly birthdate?: string | undefined
  readonly zoneinfo?: string | undefined
  readonly locale?: string | undefined
  readonly phone_number?: string | undefined
  readonly address?: UserAddress | undefined
}

/** A postal address. Source: OpenID Connect Core 1.0 §5.1.1. */
export interface UserAddress {
  readonly formatted?: string | undefined
  readonly street_address?: string | undefined
  readonly locality?: string | undefined
  readonly region?: string | undefined
  readonly postal_code?: string | undefined
  readonly country?: string | undefined
}
