import type { MailLimits } from '../limits/mail-limits.ts'
import type { MailComposer } from '../mail/compose-mail.ts'

/** Mail, for the routes that cause it. */
export interface MailService extends MailComposer, MailLimits {
  /** Whether mail leaves this service. Without it no page may ask for a code by mail. */
  readonly enabled: boolean
}
