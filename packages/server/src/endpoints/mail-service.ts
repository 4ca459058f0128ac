import type { MailLimits } from '../limits/mail-limits.ts'
import type { MailComposer } from '../mail/compose-mail.ts'
import type { Inbox } from '../mail/inbox.ts'
import type { MailState } from '../mail/start-sender.ts'

/** Mail, for the routes that cause it and for those that show its state. */
export interface MailService extends MailComposer, MailLimits {
  /** Whether mail leaves this service. Without it no page may ask for a code by mail. */
  readonly enabled: boolean
  /** The tries of this process, and the mail that waits. Absent where no mail leaves. */
  readonly state: (() => MailState) | undefined
  /** Present in `dev`, where mail stays on this machine. */
  readonly inbox: Inbox | undefined
}
