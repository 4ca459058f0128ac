import type { englishProof } from '../english/proof.ts'
import type { Translation } from '../texts.ts'

/** The texts of the second factor and of the fresh proof. */
export const germanProof: Translation<typeof englishProof> = {
  startAgain: 'Von vorn beginnen',

  factorApp: 'Geben Sie den Code aus Ihrer App ein',
  factorSigningInAs: 'Anmeldung als {who}.',
  factorAppLabel: 'Code mit 6 Ziffern',
  factorAppHint: 'Öffnen Sie Ihre Authenticator-App und suchen Sie {place}.',
  factorRecovery: 'Geben Sie einen Ihrer Notfallcodes ein',
  factorRecoveryLabel: 'Notfallcode',
  factorRecoveryHint: 'Jeder gilt einmal. Leerzeichen und große Buchstaben sind egal.',
  factorPasskey: 'Bestätigen Sie mit Ihrem Passkey',
  factorPasskeyHint: 'Ihr Gerät fragt nach Gesicht, Finger oder PIN.',
  factorOnlyHere: 'Niemand von {place} fragt Sie nach diesem Code. Geben Sie ihn nur hier ein.',
  factorGoOn: 'Weiter',
  factorSummary: 'Sie sind noch nicht angemeldet',
  factorMissing: 'Geben Sie die 6 Ziffern ein; Leerzeichen sind egal',
  factorWrong:
    'Dieser Code passt nicht. Geben Sie den ein, den Ihre App jetzt zeigt. Noch {count} Versuche',
  factorWrongLast:
    'Dieser Code passt nicht. Geben Sie den ein, den Ihre App jetzt zeigt. Noch ein Versuch',
  factorWrongPlain: 'Dieser Code passt nicht. Geben Sie den ein, den Ihre App jetzt zeigt',
  factorRecoveryMissing: 'Geben Sie die 16 Buchstaben und Ziffern eines Codes ein',
  factorRecoveryWrong:
    'Dieser Code passt nicht oder war schon benutzt. Nehmen Sie einen anderen. Noch {count} Versuche',
  factorRecoveryWrongLast: 'Dieser Code passt nicht oder war schon benutzt. Noch ein Versuch',
  factorRecoveryWrongPlain:
    'Dieser Code passt nicht oder war schon benutzt. Nehmen Sie einen anderen',
  factorUsedTitle: 'Dieser Code war schon benutzt',
  factorUsed: 'Warten Sie auf den nächsten: Er kommt in {duration}.',
  factorOtherWays: 'Kein Zugang zu Ihrer App?',
  factorOtherWaysRecovery: 'Kein Code zur Hand?',
  factorOtherWaysPasskey: 'Kein Passkey zur Hand?',
  factorUsePasskey: 'Stattdessen einen Passkey nehmen',
  factorUseApp: 'Einen Code aus Ihrer App nehmen',
  factorUseRecovery: 'Einen Ihrer Notfallcodes nehmen',
  factorUseNone: 'Ich habe nichts davon',
  factorLocked: 'Bitte beginnen Sie von vorn',
  factorLockedHint: 'Zu Ihrer Sicherheit fragen wir noch einmal nach Ihrem Passwort.',
  factorTooOld: 'Das hat länger als 10 Minuten gedauert',
  factorTooOldHint: 'Bitte melden Sie sich noch einmal an.',
  factorNoWay: 'Bitten Sie um Hilfe beim Anmelden',
  factorNoWayHint: 'Wer {place} betreibt, kann Ihnen helfen. Per E-Mail geht es nicht.',
  factorFewCodes: 'Sie haben noch {count} Notfallcodes',
  factorOneCode: 'Sie haben noch einen Notfallcode',
  factorNoCodes: 'Das war Ihr letzter Notfallcode',
  factorFewCodesHint: 'Machen Sie heute neue. Die alten gelten dann nicht mehr.',
  factorMakeCodes: 'Neue Codes machen',
  factorLater: 'Später',

  confirmTitle: 'Bestätigen Sie, dass Sie es sind',
  confirmTo: 'Bestätigen Sie, dass Sie es sind, um {act}',
  confirmAs: 'Sie sind angemeldet als {who}.',
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
