import type { MailLanguage } from './mail-templates.ts'
import type { MailTextName } from './texts/english.ts'
import type { MailFrameText, MailText } from './texts/mail-text.ts'

/** The texts of one language. */
export interface MailCatalogue {
  readonly frame: MailFrameText
  readonly texts: Readonly<Record<MailTextName, MailText>>
}

/** The texts of all languages. */
export type MailCatalogues = Readonly<Record<MailLanguage, MailCatalogue>>
