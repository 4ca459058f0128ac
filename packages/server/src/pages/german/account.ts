import type { englishAccount } from '../english/account.ts'
import type { Translation } from '../texts.ts'

/** The texts of the account pages. */
export const germanAccount: Translation<typeof englishAccount> = {
  account: 'Ihr Konto',
  accountSecurity: 'Sicherheit',
  accountDevices: 'Geräte',
  accountAddresses: 'Adressen',
  accountApps: 'Verbundene Apps',
  accountData: 'Ihre Daten',

  accountPasswordAndStep: 'Passwort und zweiter Schritt',
  accountPasswordAndStepHint: 'Für Geräte, auf denen ein Passkey nicht geht.',
  accountPasswordSet: 'Gesetzt am {day}',
  accountPasswordNone: 'Sie haben kein Passwort',
  accountPasswordChange: 'Ändern',
  accountPasswordChangeFull: 'Das Passwort ändern',
  accountPasswordAdd: 'Anlegen',
  accountPasswordAddFull: 'Ein Passwort anlegen',
}
