import type { englishAddresses } from '../english/addresses.ts'
import type { Translation } from '../texts.ts'

/** The texts of sign-up, of codes and links by mail, of reset, invitation and addresses. */
export const germanAddresses: Translation<typeof englishAddresses> = {
  checkMail: 'Sehen Sie in Ihre Post',
}
