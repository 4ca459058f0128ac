import type { MailSettings } from '../config/mail-settings.ts'
import type { InboxMail } from '../mail/inbox.ts'
import type { MailCatalogues } from '../mail/mail-texts.ts'

/** The settings of mail. */
export interface MailOptions {
  readonly settings?: MailSettings | undefined
  /** Texts of the operator. Default: ours. */
  readonly catalogues?: MailCatalogues | undefined
  /** Set in `dev`: takes each mail in the place of a mail server. */
  readonly show?: ((mail: InboxMail) => void) | undefined
}
