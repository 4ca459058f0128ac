import type { EpochSeconds } from '@countersign/jwt'
import type { UserId } from './user-records.ts'

/** The use of a ticket. A ticket of one purpose is nothing at the route of another. */
export type TicketPurpose =
  | 'verify_address'
  | 'reset_password'
  | 'change_address'
  | 'undo_address'
  | 'invite'
  | 'second_factor'
  | 'totp_setup'
  | 'webauthn'
  | 'delete_account'

/** Names one ticket. All three must fit. */
export interface TicketKey {
  readonly purpose: TicketPurpose
  /** The SHA-256 of its secret, base64url. */
  readonly hash: string
  /** The SHA-256 of the secret of the browser that it belongs to, base64url. */
  readonly browserHash: string
}

/** A ticket to be made. */
export interface NewTicket extends TicketKey {
  readonly userId: UserId | null
  /** The folded name that it is about, where nobody has it yet. */
  readonly nameKey: string | null
  /** The hash of a code that `guess` compares; absent for a ticket without a code. */
  readonly codeHash?: string | undefined
  /** The exact new value, as JSON text. */
  readonly payload: string
  /** The count of codes that may be tried. */
  readonly attemptsMax: number
  readonly ttlSeconds: number
}

/** A ticket that was spent. */
export interface SpentTicket {
  readonly userId: UserId | null
  readonly nameKey: string | null
  readonly payload: string
}

/** `locked`: no code is compared any more. `unknown`: expired, spent, or of another browser or purpose. */
export type GuessOutcome =
  | { readonly outcome: 'right'; readonly ticket: SpentTicket }
  | { readonly outcome: 'wrong'; readonly attemptsLeft: number }
  | { readonly outcome: 'locked' | 'unknown' }

/** A ticket that is still there. */
export interface FoundTicket extends SpentTicket {
  /** How often `countTry` allows a further try. */
  readonly triesLeft: number
  readonly expiresAt: EpochSeconds
}

/** `locked`: no try is left. `unknown`: expired, spent, or of another browser or purpose. */
export type TryOutcome =
  | { readonly outcome: 'counted'; readonly ticket: FoundTicket }
  | { readonly outcome: 'locked' | 'unknown' }

export interface TicketVerbs {
  /** Makes a ticket, in the place of earlier ones of the same purpose, browser and user, and of one with this hash. */
  create(ticket: NewTicket): Promise<void>
  /** Spends a ticket. Of callers at once exactly one gets it. `undefined`: it is spent, expired, locked or of others. */
  redeem(key: TicketKey): Promise<SpentTicket | undefined>
  /** Reads a ticket, which stays. `undefined`: as for `redeem`. */
  find(key: TicketKey): Promise<FoundTicket | undefined>
  /**
   * Counts a try at a proof that the caller judges. A ticket of `attemptsMax` allows one try fewer, because `redeem` needs
   * one that is left.
   */
  countTry(key: TicketKey): Promise<TryOutcome>
  /** Counts a try, then compares the code; the right one spends the ticket. */
  guess(key: TicketKey, codeHash: string): Promise<GuessOutcome>
}
