import type { MailTextName } from './texts/english.ts'
import type { MailText } from './texts/mail-text.ts'

/** The texts of all mails in one language. */
export type MailTexts = Readonly<Record<MailTextName, MailText>>
