import type { MailCatalogues } from './mail-texts.ts'
import { englishFrame, englishMail } from './texts/english.ts'
import { germanFrame, germanMail } from './texts/german.ts'

/** Our texts. An operator may replace single ones. */
export const ourMailTexts: MailCatalogues = {
  en: { frame: englishFrame, texts: englishMail },
  de: { frame: germanFrame, texts: germanMail },
}
