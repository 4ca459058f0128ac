import type { Result } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import type { PasskeyActor, PasskeyVerbs } from '../store/port/passkey-verbs.ts'
import type { NewMail } from '../store/port/outbox-verbs.ts'
import type { Store } from '../store/port/store.ts'
import type { UserId, UserRecord } from '../store/port/user-records.ts'
import type { VerifiedUser } from '../users/verified-user.ts'
import type { CopyRule } from './judge-counter.ts'
import type { CreationOptions, RequestOptions } from './passkey-options.ts'
import type { ReadRefusal } from './read-response.ts'
import type { RelyingParty } from './relying-party.ts'
import type { AssertionRefusal } from './verify-assertion.ts'
import type { RegistrationRefusal } from './verify-registration.ts'

/** The use of a challenge. It is kept with the challenge, and never taken from a request. */
export type PasskeyMode =
  /** The passkey alone signs in. */
  | 'sign_in'
  /** A user who is known already proves to be there. */
  | 'confirm'
  /** A user adds a passkey. */
  | 'add'
  /** The browser adds a passkey without asking, after a sign-in by password. */
  | 'add_unasked'

/** A user whose passkey was verified. */
export interface ProvenPasskey {
  readonly user: VerifiedUser
  /** Whether the authenticator verified its user, so that the passkey counts as two factors. */
  readonly isUserVerified: boolean
  /** How the passkey proved it. Source: RFC 8176 §2. */
  readonly methods: readonly ('hwk' | 'swk' | 'user')[]
}

/** Why a use of a passkey proves nothing: exact for the audit log. */
export type PasskeyRefusal =
  | ReadRefusal
  | AssertionRefusal
  /** The challenge is spent, has expired, or is of another browser, user or mode. */
  | { readonly reason: 'challenge_unknown' }
  /** No account has a passkey of this id. */
  | { readonly reason: 'passkey_unknown'; readonly credentialId: string }
  /** The passkey is one of another user than the one who is known, or holds another user id. */
  | { readonly reason: 'passkey_of_other' }
  | { readonly reason: 'user_not_verified' }
  | { readonly reason: 'user_disabled' }
  | { readonly reason: 'passkey_copied' }
  /** Another use of the passkey was noted meanwhile. */
  | { readonly reason: 'passkey_used_meanwhile' }

/** A refusal, with the user where the passkey has one. */
export interface RefusedPasskey {
  readonly refusal: PasskeyRefusal
  readonly user: UserRecord | undefined
}

/** `passkey_exists`: the account, or another one, has it already. `session_ended`: nothing was added. */
export type AddRefusal =
  | ReadRefusal
  | RegistrationRefusal
  | { readonly reason: 'challenge_unknown' }
  | { readonly reason: 'passkey_exists' }
  | { readonly reason: 'too_many_passkeys' }
  | { readonly reason: 'session_ended' }

/** A new passkey, as the page shows it. */
export interface AddedPasskey extends Pick<ProvenPasskey, 'methods'> {
  readonly credentialId: string
  readonly name: string
  /** Whether the user asked for it and was there. */
  readonly wasAsked: boolean
}

export interface Passkeys {
  readonly party: RelyingParty
  /** Gives options for a sign-in by any passkey, with a challenge for this browser. */
  readonly beginSignIn: (browserHash: string) => Promise<RequestOptions>
  /** Gives options for a proof by a passkey of this user; `undefined` where the user has none. */
  readonly beginConfirm: (
    userId: UserId,
    browserHash: string,
  ) => Promise<RequestOptions | undefined>
  /** Gives options for a new passkey; `undefined` where the user is gone. */
  readonly beginAdd: (
    user: UserRecord,
    browserHash: string,
    mode: 'add' | 'add_unasked',
  ) => Promise<CreationOptions | undefined>
  /** Verifies a posted use, and notes it. The challenge is spent, whatever comes of it. */
  readonly signIn: (
    posted: string,
    browserHash: string,
    audit: AuditContext,
  ) => Promise<Result<ProvenPasskey, RefusedPasskey>>
  /** Does the same for a user who is known. */
  readonly confirm: (
    posted: string,
    userId: UserId,
    browserHash: string,
    audit: AuditContext,
  ) => Promise<Result<ProvenPasskey, RefusedPasskey>>
  /** Verifies a posted new passkey, and adds it. The challenge is spent, whatever comes of it. */
  readonly add: (
    posted: string,
    actor: PasskeyActor & {
      readonly browserHash: string
      /** The name of a passkey whose authenticator is not known by name. */
      readonly fallbackName: string
      /** Gives the mail that tells the user of a passkey with this name. */
      readonly mailsFor: (name: string) => readonly NewMail[]
    },
    audit: AuditContext,
  ) => Promise<Result<AddedPasskey, AddRefusal>>
}

export interface PasskeyDeps {
  readonly party: RelyingParty
  readonly store: {
    readonly passkeys: Pick<PasskeyVerbs, 'find' | 'listOf' | 'add' | 'use'>
    readonly tickets: Pick<Store['tickets'], 'create' | 'redeem'>
    readonly audit: Pick<Store['audit'], 'append'>
  }
  readonly copyRule: CopyRule
  readonly randomBytes: (length: number) => Uint8Array
}
