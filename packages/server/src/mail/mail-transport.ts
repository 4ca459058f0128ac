import type { EpochSeconds } from '@countersign/jwt'
import type { RenderedMail } from './render-mail.ts'

/** One mail for a transport. */
export interface OutgoingMail extends RenderedMail {
  readonly id: string
  readonly createdAt: EpochSeconds
  readonly to: string
}

/** Why a mail did not leave. */
export type MailTrouble =
  | 'host_unknown'
  | 'connection_refused'
  | 'connection_lost'
  | 'timeout'
  | 'tls_missing'
  | 'tls_failed'
  | 'authentication'
  | 'sender_refused'
  | 'recipient_refused'
  | 'message_refused'
  | 'later'
  | 'unreadable'
  | 'unknown'

/**
 * The outcome of one try. `isFinal`: another try would be refused too. `concerns`: whether other mail would be refused as
 * well. `reply`: the words of the mail server, which may hold the address, so they are for a terminal and never for a log.
 */
export type SendOutcome =
  | { readonly outcome: 'sent'; readonly reply: string }
  | {
      readonly outcome: 'refused'
      readonly trouble: MailTrouble
      readonly isFinal: boolean
      readonly concerns: 'mail' | 'server'
      /** The code of the reply of the mail server, where there was one. */
      readonly code: number | undefined
      readonly reply: string
    }

/** The way on which mail leaves. */
export interface MailTransport {
  /** Never throws for a mail server that refuses or does not answer. */
  readonly send: (mail: OutgoingMail) => Promise<SendOutcome>
  /** Closes its connections. A mail that is being sent fails. */
  readonly close: () => Promise<void> | void
}
