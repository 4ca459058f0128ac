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

  accountAgent: '{browser} auf {system}',
  accountAgentUnknown: 'Unbekannter Browser',
  accountDevicesSignedIn: 'Wo Sie angemeldet sind',
  accountDevicesHint: 'Eines gehört nicht Ihnen? Beenden Sie es und ändern Sie Ihr Passwort.',
  accountDevicesOnly: 'Sie sind nur auf diesem Gerät angemeldet.',
  accountDeviceThis: 'Dieses Gerät',
  accountDeviceSince: 'Angemeldet am {day}.',
  accountDeviceSeen: 'Zuletzt benutzt: {ago}.',
  accountDeviceUntil: 'Bleibt angemeldet bis {day}.',
  accountDeviceBrowser: 'Endet, wenn der Browser geschlossen wird.',
  accountDeviceSignOut: 'Abmelden von diesem Gerät',
  accountDeviceEnd: 'Beenden',
  accountDeviceEndFull: 'Beenden: die Sitzung von {device}',
  accountDeviceEnded: '{device} ist abgemeldet',
  accountOtherEnded: '{count} anderes Gerät wurde abgemeldet',
  accountOthersEnded: '{count} andere Geräte wurden abgemeldet',
  accountEndOtherLink: 'Das andere beenden',
  accountEndOthersLink: 'Die {count} anderen beenden',
  accountEndOther: 'Von {count} anderem Gerät abmelden?',
  accountEndOthers: 'Von {count} anderen Geräten abmelden?',
  accountEndOthersHint:
    'Sie verlieren den Zugang binnen einer Sekunde. Dieses Gerät bleibt angemeldet.',
  accountEndOtherDo: '{count} Gerät abmelden',
  accountEndOthersDo: '{count} Geräte abmelden',
  accountEndOthersKeep: 'Angemeldet lassen',
}
