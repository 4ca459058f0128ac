import type { EpochSeconds } from '@countersign/jwt'
import type { NewMail } from './outbox-verbs.ts'
import type { UserId } from './user-records.ts'

/** The use of a ticket. A ticket of one purpose is nothing at the route of another. */
export type TicketPurpose =
  | MailPurpose
  | 'choose_password'
  | 'second_factor'
  | 'totp_setup'
  | 'login_factor'
  | 'webauthn'
  | 'delete_account'

/** The uses of tickets whose secrets travel by mail. */
export type MailPurpose =
  | 'verify_address'
  | 'reset_password'
  | 'change_address'
  | 'undo_address'
  | 'invite'

/** The `browserHash` of a ticket that belongs to no browser. No browser has it, because it is no hash. */
export const anyBrowser = ''

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

/** The secrets of a ticket that leave by mail. The browser that asked knows neither. */
export interface MailedSecrets {
  /** The SHA-256 of the secret in the link, base64url. */
  readonly linkHash: string
  readonly codeHash: string
  /** How long the code is good. Units: seconds. */
  readonly codeTtlSeconds: number
}

/** A ticket whose secrets travel by mail. */
export interface NewMailTicket extends NewTicket, MailedSecrets {
  readonly purpose: MailPurpose
  readonly codeHash: string
}

/** A ticket that was spent. */
export interface SpentTicket {
  readonly userId: UserId | null
  readonly nameKey: string | null
  readonly payload: string
}

/** A live ticket that stays. */
export interface ShownTicket extends SpentTicket {
  readonly browserHash: string
  /** Zero: no code is compared any more. */
  readonly attemptsLeft: number
  /** Whether the code has not expired. */
  readonly isCodeLive: boolean
  /** The seconds until another mail may be sent; 0 for now. */
  readonly waitSeconds: number
}

/** Names a mail ticket by the secret of its flow, which the browser that asked has, or by the secret of its link. */
export type TicketName = { readonly hash: string } | { readonly linkHash: string }

/**
 * Proves that somebody reads the mail of an address: by the link in the browser that asked, by the code there, or by link
 * and code in any other browser.
 * Why the link alone is nothing elsewhere: mail scanners open links, run scripts and press buttons.
 */
export type MailProof =
  | { readonly by: 'link'; readonly linkHash: string; readonly browserHash: string }
  | {
      readonly by: 'code'
      readonly hash: string
      readonly browserHash: string
      readonly codeHash: string
    }
  | { readonly by: 'link_and_code'; readonly linkHash: string; readonly codeHash: string }

/** `locked`: no code is compared any more. `unknown`: expired, spent, or of another browser or purpose. */
export type UnprovenOutcome =
  | { readonly outcome: 'wrong'; readonly attemptsLeft: number }
  | { readonly outcome: 'locked' | 'unknown' | 'code_expired' }

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
/** Units: seconds. How long a code is good that may be sent again, and how long one waits before that. */
export const codeSeconds = 600
export const resendSecondsMin = 60

/** How a mail ticket is sent again. */
export interface RenewedSecrets extends MailedSecrets {
  readonly ttlSeconds: number
  readonly attemptsMax: number
}

/** The ticket of the step after a proof. It gets the user, the name and the payload of the ticket that was spent. */
export type NextTicket = Pick<NewTicket, 'hash' | 'browserHash' | 'ttlSeconds'>

export interface TicketVerbs {
  /** Makes a ticket, in the place of earlier ones of the same purpose, browser and user, and of one with this hash. */
  create(ticket: NewTicket): Promise<void>
  /** Makes a ticket as `create` does, and writes its mail. */
  createAndMail(ticket: NewMailTicket, mail: readonly NewMail[]): Promise<void>
  /** Reads a live ticket of this purpose. Not checked: its browser. */
  show(purpose: TicketPurpose, name: TicketName): Promise<ShownTicket | undefined>
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
  /** Gives a mail ticket new secrets, and writes its mail. `too_soon`: the last mail was sent a moment ago. */
  renew(
    key: TicketKey,
    secrets: RenewedSecrets,
    mail: readonly NewMail[],
  ): Promise<'renewed' | 'too_soon' | 'unknown'>
  /** Spends a mail ticket by its proof, and makes the ticket for choosing a password. Of callers at once one goes on. */
  exchange(
    purpose: MailPurpose,
    proof: MailProof,
    next: NextTicket,
  ): Promise<{ readonly outcome: 'exchanged' } | UnprovenOutcome>
}
