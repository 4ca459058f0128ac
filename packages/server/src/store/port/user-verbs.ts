import type { EpochSeconds } from '@countersign/jwt'
import type { AuditContext } from '../../audit/events.ts'
import type { UserFactors } from './factor-records.ts'
import type {
  NameKey,
  PasswordRecord,
  UserAccess,
  UserId,
  UserName,
  UserProfile,
  UserRecord,
} from './user-records.ts'

/** A user to be made, at version 1. */
export interface NewUser {
  readonly id: UserId
  /** The user id of WebAuthn: 32 random bytes. */
  readonly handle: Uint8Array
  readonly profile: UserProfile
  /** At least one. A name that is verified counts as proven now. */
  readonly names: readonly NewName[]
  readonly access: readonly UserAccess[]
  readonly password: NewPassword | null
}

export interface NewName extends Pick<UserName, 'key' | 'kind' | 'shown'> {
  readonly isVerified: boolean
}

export type NewPassword = Pick<PasswordRecord, 'hash' | 'pepperId' | 'mustChange'>

/** A name is of another user, or of none until a moment: tokens may still hold it. */
export interface NameTaken {
  readonly outcome: 'name_taken'
  readonly key: NameKey
  readonly freeAt: EpochSeconds | null
}

export type CreateOutcome = { readonly outcome: 'created' | 'no_resource' | 'id_taken' } | NameTaken
export type AddNameOutcome = { readonly outcome: 'added' | 'unknown' | 'too_many' } | NameTaken

/** The facts of a sign-in, read together. */
export interface SignInFacts {
  readonly user: UserRecord
  readonly password: PasswordRecord | null
}

export interface UserVerbs {
  /** The unique key of names decides between callers at once. `no_resource`: a resource or scope of `access` is gone. `id_taken`: a client or a user has this id. */
  create(user: NewUser, audit: AuditContext): Promise<CreateOutcome>
  find(id: UserId): Promise<UserRecord | undefined>
  /** Finds a user and the password by a name, in one statement. */
  findByName(key: NameKey): Promise<SignInFacts | undefined>
  /** Finds the password of a user; `undefined` where the user has none or is gone. */
  findPassword(id: UserId): Promise<PasswordRecord | undefined>
  /** Gives users in the order of their ids. */
  list(after: string | null, limit: number): Promise<readonly UserRecord[]>
  listAccess(id: UserId): Promise<readonly UserAccess[]>
  /** Counts the ways of a user to sign in. */
  factors(id: UserId): Promise<UserFactors>
  /** Disables, raises the version, writes the entry that revokes all tokens, ends the user's refresh families. */
  disable(id: UserId, audit: AuditContext): Promise<'disabled' | 'already' | 'unknown'>
  enable(id: UserId, audit: AuditContext): Promise<'enabled' | 'already' | 'unknown'>
  /** Revokes all tokens of the user as `disable` does. The user stays as before. */
  revokeTokens(id: UserId, audit: AuditContext): Promise<'revoked' | 'unknown'>
  /**
   * Deletes everything about the user, and revokes all tokens as `disable` does. The folded names stay reserved until
   * the last token that shows them has expired.
   */
  erase(id: UserId, audit: AuditContext): Promise<'erased' | 'unknown'>
  /**
   * Replaces the profile. Access tokens do not hold it, so the version stays. `stale`: the profile is no longer `was`.
   */
  setProfile(
    id: UserId,
    profile: UserProfile,
    audit: AuditContext,
    was?: UserProfile,
  ): Promise<'changed' | 'same' | 'unknown' | 'stale'>
  /**
   * Sets scopes and roles at one resource; with neither the access ends. Raises the version and writes a `claims_stale`
   * entry, so that holders of older tokens fetch new ones. `stale`: scopes and roles are no longer those of `was`.
   * `no_resource`: the resource or a scope of it is gone.
   */
  setAccess(
    id: UserId,
    access: UserAccess,
    audit: AuditContext,
    was?: Omit<UserAccess, 'audience'>,
  ): Promise<'changed' | 'same' | 'unknown' | 'no_resource' | 'stale'>
  /** Sets the password, revokes all tokens and ends all refresh families of the user. */
  setPassword(id: UserId, password: NewPassword, audit: AuditContext): Promise<'set' | 'unknown'>
  /**
   * Replaces the hash of the same password by compare-and-set. `lost`: it is another by now. No token dies.
   */
  rehashPassword(
    id: UserId,
    from: Pick<PasswordRecord, 'hash'>,
    to: Pick<PasswordRecord, 'hash' | 'pepperId'>,
    audit: AuditContext,
  ): Promise<'replaced' | 'lost'>
  /** Adds a name. Where tokens show another name from now on, the version is raised as in `setAccess`. */
  addName(id: UserId, name: NewName, audit: AuditContext): Promise<AddNameOutcome>
  /** Drops a name, which stays reserved as in `erase`. `last`: the user would have none. */
  dropName(id: UserId, key: NameKey, audit: AuditContext): Promise<'dropped' | 'last' | 'unknown'>
}
