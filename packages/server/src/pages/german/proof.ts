import type { englishProof } from '../english/proof.ts'
import type { Translation } from '../texts.ts'

/** The texts of the second factor and of the fresh proof. */
export const germanProof: Translation<typeof englishProof> = {
  startAgain: 'Von vorn beginnen',

  confirmTitle: 'Bestätigen Sie, dass Sie es sind',
  confirmTo: 'Bestätigen Sie, dass Sie es sind, um {act}',
  confirmAs: 'Sie sind angemeldet als {who}.',
  confirmButton: 'Bestätigen',
  confirmCancel: 'Abbrechen',
  confirmSummary: 'Noch ist nichts bestätigt',
  confirmPasswordWrong:
    'Dieses Passwort stimmt nicht. Prüfen Sie es und versuchen Sie es noch einmal',
  confirmBusy: 'Gerade werden viele Passwörter geprüft. Versuchen Sie es in {duration} noch einmal',
  confirmNoWay:
    'Ihr Konto hat auf dieser Seite keinen Weg dafür. Melden Sie sich stattdessen neu an.',
  confirmPasswordAct: 'Ihr Passwort zu ändern',
  confirmFactorAct: 'Ihren zweiten Schritt zu ändern',
  confirmPasskeysAct: 'Ihre Passkeys zu ändern',
  confirmAddressesAct: 'Ihre Adressen zu ändern',
  confirmSessionsAct: 'andere Geräte abzumelden',
  confirmAppsAct: 'den Zugriff von Apps zu ändern',
  confirmExportAct: 'eine Kopie Ihrer Daten zu bekommen',
  confirmDeleteAct: 'Ihr Konto zu löschen',
  confirmAccountAct: 'Ihr Konto zu öffnen',
}
