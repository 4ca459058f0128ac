import type { englishPasskeys } from '../english/passkeys.ts'
import type { Translation } from '../texts.ts'

/** The texts of passkeys. */
export const germanPasskeys: Translation<typeof englishPasskeys> = {
  usePasskey: 'Passkey verwenden',
  passkeyOr: 'oder',
  passkeyNeedsScript: 'Passkeys brauchen JavaScript. Mit Ihrem Passwort geht es auch ohne.',
  passkeyAddNeedsScript:
    'Passkeys brauchen JavaScript. Erlauben Sie es für diese Seite und laden Sie sie neu.',
  passkeyNotUsed: 'Es wurde kein Passkey verwendet',
  passkeyNotUsedHint: 'Versuchen Sie es noch einmal oder auf einem anderen Weg.',
  passkeyLate: 'Das hat zu lange gedauert',
  passkeyLateHint: 'Drücken Sie noch einmal „{button}“.',
  passkeyUnknown: 'Dieser Passkey gehört zu keinem Konto mehr',
  passkeyUnknownHint: 'Melden Sie sich auf einem anderen Weg an.',
  passkeyRefused: 'Dieser Passkey hat Sie nicht angemeldet',
  passkeyRefusedHint: 'Versuchen Sie es noch einmal oder auf einem anderen Weg.',
  passkeyUnverified: 'Ihr Passkey hat nicht geprüft, dass Sie es sind',
  passkeyUnverifiedHint:
    'Melden Sie sich mit Ihrem Passwort an. Der Passkey kann der zweite Schritt sein.',

  passkeys: 'Passkeys',
  passkeysHint:
    'Melden Sie sich mit Gesicht, Finger oder PIN an. Nichts zu merken, nichts zu stehlen.',
  passkeysNone:
    'Noch kein Passkey. Legen Sie einen an und melden Sie sich mit Gesicht, Finger oder PIN an.',
  passkeySynced: 'Synchronisiert',
  passkeyOneDevice: 'Nur ein Gerät',
  passkeySecondStep: 'Nur zweiter Schritt',
  passkeyUsed: 'Angelegt am {day}. Zuletzt verwendet: {ago}',
  passkeyNeverUsed: 'Angelegt am {day}. Nie verwendet',
  passkeyAdd: 'Passkey anlegen',
  passkeyAddHint:
    'Ihr Browser fragt, wo er liegen soll, und fragt nach Ihrem Gesicht, Finger oder der PIN.',
  passkeyCreate: 'Den Passkey anlegen',
  passkeyCancel: 'Abbrechen',
  passkeyAdded: '{name} meldet Sie jetzt an',
  passkeyAddedHint: 'Eine Anmeldung mit Passwort fragt ab jetzt nach einem zweiten Schritt.',
  passkeyThere: 'Dieses Gerät hat schon einen Passkey für dieses Konto',
  passkeyThereHint: 'Wählen Sie ein anderes Gerät oder entfernen Sie erst den alten.',
  passkeyTooMany: 'Sie haben so viele Passkeys, wie ein Konto haben kann',
  passkeyTooManyHint: 'Entfernen Sie einen, den Sie nicht mehr verwenden.',
  passkeyNotAdded: 'Es wurde kein Passkey angelegt',
  passkeyNotAddedHint: 'Versuchen Sie es noch einmal oder wählen Sie ein anderes Gerät.',
  passkeyRename: 'Umbenennen',
  passkeyRenameFull: '{name} umbenennen',
  passkeyRenamed: '{name} hat den neuen Namen',
  passkeyName: 'Name',
  passkeyNameHint: 'Ein Name, an dem Sie das Gerät erkennen, etwa „Laptop im Büro“.',
  passkeyNameSummary: 'Der Name ist noch nicht gespeichert',
  passkeyNameWrong: 'Geben Sie einen Namen mit 1 bis 64 Zeichen ein',
  passkeySave: 'Den Namen speichern',
  passkeyRemove: 'Entfernen',
  passkeyRemoveFull: '{name} entfernen',
  passkeyRemoveAsked: '{name} entfernen?',
  passkeyRemoveHint: 'Er meldet Sie nicht mehr an. Dann melden Sie sich an mit: {ways}.',
  passkeyKeep: 'Behalten',
  passkeyRemoved: 'Der Passkey ist entfernt',
  passkeyLast: 'Das ist Ihr einziger Weg zum Anmelden',
  passkeyLastHint: 'Legen Sie erst einen anderen an, dann entfernen Sie ihn.',
  passkeyWayPassword: 'Ihrem Passwort',
  passkeyWayPasswordAndCode: 'Ihrem Passwort und einem Code',
  passkeyWayOthers: 'einem anderen Passkey',

  passkeyOtherWay: 'Ein anderer Weg',
  passkeyOffer: 'Nächstes Mal schneller anmelden',
  passkeyOfferHint:
    'Legen Sie auf diesem Gerät einen Passkey an. Dann genügt Ihr Gesicht, Finger oder die PIN, ohne Passwort.',
  passkeyLater: 'Nicht jetzt',
  passkeyOnward: 'Sie sind angemeldet',
  passkeyOnwardHint: 'Es geht weiter zu {place}.',
}
