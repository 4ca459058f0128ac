import type { AuditContext } from '../../audit/events.ts'
import type { FactorUse } from './factor-records.ts'
import type { NewMail } from './outbox-verbs.ts'
import type {
  MailProof,
  NewMailTicket,
  NextTicket,
  TicketKey,
  UnprovenOutcome,
} from './ticket-verbs.ts'
import type { NameKey, PasswordRecord, UserAccess, UserId } from './user-records.ts'
import type { NewPassword, NewUser } from './user-verbs.ts'

/** The payloads of tickets, by purpose. The database keeps them as JSON. */
export interface TicketPayloads {
  /** `password` was typed in the browser that asked. Absent: the one of the account stays. */
  readonly verify_address: {
    readonly address: string
    readonly password?: Pick<PasswordRecord, 'hash' | 'pepperId'> | undefined
    readonly returnTo?: string | undefined
  }
  /** `address` is the one that gets the mail; absent where nobody does. `typed` is shown. */
  readonly reset_password: {
    readonly typed: string
    readonly address?: string | undefined
    readonly returnTo?: string | undefined
  }
  /** `formerKey` is the address that goes; absent where one is added. */
  readonly change_address: {
    readonly address: string
    readonly formerKey?: NameKey | undefined
  }
  readonly undo_address: {
    readonly former: string
    readonly address: string
  }
  readonly invite: {
    readonly address: string
    readonly access: readonly UserAccess[]
    readonly by?: string | undefined
  }
  readonly choose_password: {
    readonly from: 'verify_address' | 'reset_password' | 'undo_address' | 'sign_in'
    readonly because?: 'listed' | 'too_short' | 'asked' | undefined
    readonly returnTo?: string | undefined
    readonly isPersistent?: boolean | undefined
    /** The methods of a user who proved a second factor before. The sign-in that follows has level 2 then. */
    readonly amr?: readonly string[] | undefined
  }
}

/** A second factor that was proven before a password may be chosen. */
export interface ProvenFactor {
  /** The ticket of the sign-in that waits for the factor. */
  readonly ticket: TicketKey
  readonly userId: UserId
  /** The code that is used up; absent for a passkey, whose use is noted already. */
  readonly use: FactorUse | undefined
  readonly mail: readonly NewMail[]
  readonly payload: TicketPayloads['choose_password']
}

/** A person who signs up. */
export interface SignUp {
  readonly user: Pick<NewUser, 'id' | 'handle'>
  readonly name: { readonly key: NameKey; readonly shown: string }
  readonly password: NewPassword
  /** Its user is set by the verb: nobody where the address has an account. */
  readonly ticket: NewMailTicket
  /** The mail for a free address, and the one for an address that has an account. */
  readonly mail: { readonly free: readonly NewMail[]; readonly taken: readonly NewMail[] }
}

/** A change of an address, and the ways back for the former one. */
export interface AddressChange {
  readonly proof: MailProof
  /**
   * The ticket with which a proven address undoes the change: the one that goes, else the one that the ticket names. Absent
   * where there is none.
   */
  readonly undo?: NewMailTicket | undefined
  readonly mail: readonly NewMail[]
}

/** The person who accepts an invitation: a new user, or the signed-in one who has the address already. */
export type Invitee =
  | {
      readonly kind: 'new'
      readonly id: UserId
      readonly handle: Uint8Array
      readonly password: NewPassword
    }
  | { readonly kind: 'present'; readonly id: UserId }

/** The days for which a former address can undo a change, and stays reserved. Units: seconds. */
export const undoSeconds = 7 * 86_400

/** How long an account may wait for the proof of its address. Units: seconds. */
export const unverifiedSeconds = 7 * 86_400

/**
 * The effects of proofs: sign-up, confirmed addresses, chosen passwords, invitations. Each verb spends its ticket in the
 * same transaction, so of callers at once exactly one succeeds.
 */
export interface ProofVerbs {
  /**
   * Makes an account that is unverified, or a ticket of nobody where the address has an account. An address of an
   * unverified account gets a ticket too: the proof decides whose password counts.
   * Why no outcome: the caller must not know.
   */
  signUp(signUp: SignUp, audit: AuditContext): Promise<void>
  /**
   * Makes an unverified account active, with the password of the ticket. Everything else that was held under it goes.
   * `ended`: the account is gone, or was proven by another ticket.
   */
  verifyAddress(
    proof: MailProof,
    audit: AuditContext,
  ): Promise<
    | { readonly outcome: 'verified'; readonly userId: UserId }
    | { readonly outcome: 'ended' }
    | UnprovenOutcome
  >
  /**
   * Spends the ticket, and the code where there is one, of a sign-in whose password must change, and makes the ticket for choosing one.
   * Why: a password alone must not change the password of a user who has a second factor.
   */
  proveFactor(
    proven: ProvenFactor,
    next: NextTicket,
    audit: AuditContext,
  ): Promise<'proven' | 'spent' | 'used'>
  /**
   * Sets the password that a `choose_password` ticket allows, revokes all tokens and ends all sign-ins. After a proven
   * address it makes the unverified account active as `verifyAddress` does. `unknown`: the ticket or its user is gone.
   */
  choosePassword(
    key: Omit<TicketKey, 'purpose'>,
    password: NewPassword,
    mail: readonly NewMail[],
    audit: AuditContext,
  ): Promise<{ readonly outcome: 'set'; readonly userId: UserId } | { readonly outcome: 'unknown' }>
  /**
   * Puts a proven address in the place of another, or adds it. The former one stays reserved while the change can be
   * undone. `taken`: another user has the address by now. `ended`: the user is gone or disabled.
   */
  changeAddress(
    change: AddressChange,
    audit: AuditContext,
  ): Promise<
    | { readonly outcome: 'changed'; readonly userId: UserId }
    | { readonly outcome: 'taken' }
    | { readonly outcome: 'ended' }
    | UnprovenOutcome
  >
  /**
   * Gives the former address back, drops each address that came since, drops the password, revokes all tokens and ends
   * all sign-ins. `next` is the ticket for choosing a password.
   */
  undoAddress(
    linkHash: string,
    next: NextTicket,
    audit: AuditContext,
  ): Promise<'undone' | 'unknown'>
  /** Makes an invitation, in the place of earlier ones for the same address, and writes its mail. */
  invite(ticket: NewMailTicket, mail: readonly NewMail[], audit: AuditContext): Promise<void>
  /**
   * Makes the user of an invitation with the address as proven, or gives its access to the user who has that address.
   * `taken`: another user has it. `no_resource`: a resource or scope is gone.
   */
  acceptInvite(
    linkHash: string,
    invitee: Invitee,
    audit: AuditContext,
  ): Promise<
    | { readonly outcome: 'accepted'; readonly userId: UserId }
    | { readonly outcome: 'unknown' | 'taken' | 'no_resource' | 'ended' }
  >
}
