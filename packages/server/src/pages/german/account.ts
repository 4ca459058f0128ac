import type { englishAccount } from '../english/account.ts'
import type { Translation } from '../texts.ts'

/** The texts of the account pages. */
export const germanAccount: Translation<typeof englishAccount> = {
  account: 'Konto',
}
