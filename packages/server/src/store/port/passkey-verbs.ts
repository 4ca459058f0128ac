import type { EpochSeconds } from '@countersign/jwt'
import type { AuditContext } from '../../audit/events.ts'
import type { NewMail } from './outbox-verbs.ts'
import type { UserId, UserRecord } from './user-records.ts'

/** The facts of a passkey that never change. */
interface PasskeyFacts {
  /** The id that its authenticator gave it, base64url. */
  readonly credentialId: string
  /** A COSE key. */
  readonly publicKey: Uint8Array
  /** The COSE number of its algorithm. */
  readonly alg: number
  /** Whether the passkey may leave its device, such as one that a password manager syncs. */
  readonly isBackupEligible: boolean
  /** The ways to reach the authenticator, for the next request to it. */
  readonly transports: readonly string[]
  /** The id of the kind of authenticator. */
  readonly aaguid: string
}

/** The facts that each use reports again. */
interface PasskeyState {
  readonly counter: number
  /** Whether it has ever verified its user, by a PIN or a body. Only then may it be the only factor. */
  readonly hasVerifiedUser: boolean
  readonly isBackedUp: boolean
}

/** A passkey to be added. */
export interface NewPasskey extends PasskeyFacts, PasskeyState {
  readonly name: string
  /** Whether the user asked for it and was there, so that its making counts as its first use. */
  readonly wasAsked: boolean
}

/** A passkey as the database holds it. */
export interface PasskeyRecord extends PasskeyFacts, PasskeyState {
  readonly name: string
  readonly userId: UserId
  readonly createdAt: EpochSeconds
  /** The last use. A passkey that was never used is no factor of its account yet. */
  readonly usedAt: EpochSeconds | null
}

/** A passkey with its user, read together. */
export interface PasskeyOwner {
  readonly passkey: PasskeyRecord
  readonly user: UserRecord
  /** The user id of WebAuthn. */
  readonly handle: Uint8Array
}

/** The passkeys of a user, the oldest first, and the facts that an offer of another one depends on. */
export interface UserPasskeys {
  readonly handle: Uint8Array
  readonly passkeys: readonly PasskeyRecord[]
  /** Whether a page may offer a passkey after a sign-in now. */
  readonly mayBeOffered: boolean
}

/** The user who changes the own passkeys, and the session in which that happens. */
export interface PasskeyActor {
  readonly userId: UserId
  readonly sid: string
}

/** One use of a passkey whose signature was verified. */
export interface PasskeyUse {
  readonly credentialId: string
  /** The counter that the decision relied on. */
  readonly wasCounter: number
  readonly counter: number
  readonly isUserVerified: boolean
  readonly isBackedUp: boolean
  /** Whether the counter did not rise, which a copy of the passkey would cause. */
  readonly isSuspect: boolean
}

/** The most passkeys of one user. */
export const passkeysPerUserMax = 20

export interface PasskeyVerbs {
  /** Finds a passkey and its user by the id of the passkey. */
  find(credentialId: string): Promise<PasskeyOwner | undefined>
  /** Gives the passkeys of a user; `undefined` where there is no such user. */
  listOf(userId: UserId): Promise<UserPasskeys | undefined>
  /**
   * Adds a passkey. Of callers at once with one id exactly one adds it. `exists`: a user has it. `gone`: the session has
   * ended, or the user may not sign in.
   */
  add(
    passkey: NewPasskey,
    actor: PasskeyActor,
    mails: readonly NewMail[],
    audit: AuditContext,
  ): Promise<'added' | 'exists' | 'too_many' | 'gone'>
  /** Notes a use by compare-and-set. `stale`: the counter is another by now, or the passkey is gone. */
  use(use: PasskeyUse, audit: AuditContext): Promise<'used' | 'stale'>
  /** `gone`: the session has ended, or the user has no such passkey. */
  rename(
    credentialId: string,
    name: string,
    actor: PasskeyActor,
    audit: AuditContext,
  ): Promise<'renamed' | 'gone'>
  /**
   * Removes a passkey, and lowers the sessions that used a passkey to level 1. Of callers at once none removes the last
   * way in. `last`: the user could not sign in any more. `gone`: as for `rename`.
   */
  remove(
    credentialId: string,
    actor: PasskeyActor,
    mails: readonly NewMail[],
    audit: AuditContext,
  ): Promise<'removed' | 'last' | 'gone'>
  /** Notes that the user wants no offer for some time. */
  postponeOffer(userId: UserId, seconds: number): Promise<void>
}
