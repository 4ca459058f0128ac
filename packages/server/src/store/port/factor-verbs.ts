import type { EpochSeconds } from '@countersign/jwt'
import type { AuditContext } from '../../audit/events.ts'
import type { FactorUse } from './factor-records.ts'
import type { NewMail } from './outbox-verbs.ts'
import type { PasskeyActor } from './passkey-verbs.ts'
import type { TicketKey } from './ticket-verbs.ts'
import type { UserId } from './user-records.ts'

/** The secret of a code app, sealed under a secret of the server. */
export interface SealedTotp {
  /** The id of that secret of the server. */
  readonly sealId: string
  readonly sealed: Uint8Array
}

/** A code app that its user has confirmed. */
export interface TotpRecord extends SealedTotp {
  readonly confirmedAt: EpochSeconds
  /** The time step of the last code that was used. No code of it or of an earlier one works again. */
  readonly lastStep: number
}

/** A code app to be kept. */
export interface NewTotp extends SealedTotp {
  /** The step of the code by which the user confirmed it. */
  readonly step: number
  /** The ticket of the set-up. */
  readonly ticket: TicketKey
}

/** The hashes of a set of recovery codes, each once. */
export type RecoveryHashes = readonly string[]

export interface FactorVerbs {
  /** Gives the code app of a user. */
  findTotp(userId: UserId): Promise<TotpRecord | undefined>
  /** Whether the user has this recovery code, and has not used it. */
  findCode(userId: UserId, hash: string): Promise<boolean>
  /**
   * Spends a ticket and uses a code up, for a sign-in without a session. `spent`: the ticket was used, or has expired.
   * `used`: the code was used before; the ticket stays.
   */
  redeem(
    ticket: TicketKey,
    use: FactorUse,
    mails: readonly NewMail[],
    audit: AuditContext,
  ): Promise<'redeemed' | 'spent' | 'used'>
  /**
   * Keeps a code app, in the place of a former one, and spends the ticket of its set-up. `codes` become the recovery codes
   * of the user, where they are given. `spent`: the ticket was used, has expired, or is of another user. `gone`: the
   * session has ended, or the user may not sign in.
   */
  setTotp(
    totp: NewTotp,
    codes: RecoveryHashes | null,
    actor: PasskeyActor,
    mails: readonly NewMail[],
    audit: AuditContext,
  ): Promise<'set' | 'spent' | 'gone'>
  /**
   * Removes the code app, and lowers the sessions that used it to level 1. Recovery codes go with the last second factor.
   * Of callers at once none removes the last way in. `last`: the user could not sign in any more. `gone`: as for
   * `setTotp`, or the user has none.
   */
  removeTotp(
    actor: PasskeyActor,
    mails: readonly NewMail[],
    audit: AuditContext,
  ): Promise<'removed' | 'last' | 'gone'>
  /** Replaces all recovery codes. `gone`: as for `setTotp`, or the user has no second factor. */
  replaceCodes(
    codes: RecoveryHashes,
    actor: PasskeyActor,
    mails: readonly NewMail[],
    audit: AuditContext,
  ): Promise<'replaced' | 'gone'>
  /**
   * Removes every second factor of a user, ends all sign-ins and revokes all tokens. Passkeys stay where the user has no
   * password. `none`: there was no factor to remove.
   */
  reset(
    userId: UserId,
    mails: readonly NewMail[],
    audit: AuditContext,
  ): Promise<'reset' | 'none' | 'unknown'>
}
