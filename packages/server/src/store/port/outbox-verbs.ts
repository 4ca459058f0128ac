import type { AuditContext } from '../../audit/events.ts'
import type { EpochSeconds } from '@countersign/jwt'
import type { UserId } from './user-records.ts'

/** A mail to be sent. A verb writes it in the transaction of its cause. */
export interface NewMail {
  /** A random id. It is also in the `Message-ID`, so that a mail server can recognize a repeat. */
  readonly id: string
  /** A keyed hash of the address. */
  readonly recipientHash: string
  /** The user that it concerns; `null` where there is none. */
  readonly userId: UserId | null
  /** Which text it has. */
  readonly template: string
  /** The address, the language and the values of the text, encrypted, because codes and links are secrets. */
  readonly sealed: Uint8Array
  /** How long the mail is of use: its code or its link expires then. */
  readonly ttlSeconds: number
}

/** A mail that one node may send. */
export interface ClaimedMail extends Omit<NewMail, 'ttlSeconds'> {
  readonly createdAt: EpochSeconds
  /** The count of tries, this one included. */
  readonly tries: number
}

/** The node and the try that a claim belongs to. */
export interface MailClaim {
  readonly id: string
  readonly claim: string
}

/** A try that failed. */
export interface MailFailure extends MailClaim {
  readonly reason: string
  /** The pause until the next try; `null` gives up. */
  readonly againAfterSeconds: number | null
}

/** The state of the outbox. `waiting` counts up to 10,000. */
export interface OutboxState {
  readonly waiting: number
  /** The moment at which the oldest waiting mail was written. */
  readonly oldestAt: EpochSeconds | null
  /** Whether there is a mail to take now, or an expired one to drop. */
  readonly isDue: boolean
}

export interface OutboxVerbs {
  /** Writes mail that has no other change as its cause. */
  enqueue(mails: readonly NewMail[]): Promise<void>
  /**
   * Claims mail that is due, for a lease by the clock of the database. Of callers at once exactly one gets each mail. Drops
   * expired mail, each with an event.
   */
  take(
    claim: string,
    limit: number,
    leaseSeconds: number,
    audit: AuditContext,
  ): Promise<readonly ClaimedMail[]>
  /** Deletes a mail that was sent. `gone`: it was deleted before. */
  sent(claim: MailClaim, audit: AuditContext): Promise<'sent' | 'gone'>
  /** `again`: it waits. `gave_up`: it was deleted, with an event. `lost`: another node claimed it by now. */
  failed(failure: MailFailure, audit: AuditContext): Promise<'again' | 'gave_up' | 'lost'>
  state(): Promise<OutboxState>
  /** Calls the listener after each commit of this process that writes mail. */
  onMail(listener: () => void): () => void
}
