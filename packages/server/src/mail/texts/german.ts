import type { MailTextName } from './english.ts'
import type { MailFrameText, MailText } from './mail-text.ts'

const asked = 'Angefordert am {time}, mit {browser}.'
const notYou =
  'Waren Sie das nicht? Melden Sie sich an, ändern Sie Ihr Passwort und melden Sie alle anderen Geräte ab.'

/** The frame of each mail in German. */
export const germanFrame: MailFrameText = {
  sentBy: 'Gesendet von einer Maschine unter {host}.',
  noPassword: 'Wir fragen nie per E-Mail nach Ihrem Passwort.',
}

/** The texts of all mails in German. A missing one does not compile. */
export const germanMail: Readonly<Record<MailTextName, MailText>> = {
  verify_address: {
    subject: 'Ihr Code für {site} ist {code}',
    heading: 'Ihr Code ist {code}',
    lines: [
      'Geben Sie ihn auf der Seite ein, die danach fragt. So bestätigen Sie, dass {address} Ihnen gehört.',
    ],
    action: {
      lead: 'In dem Browser, in dem Sie ihn angefordert haben, genügt auch dieser Link:',
      button: 'Adresse bestätigen',
    },
    notes: [
      'Beide gelten einmal: der Code bis {codeUntil}, der Link bis {linkUntil}.',
      asked,
      'Haben Sie nichts angefordert? Dann tun Sie nichts: Ohne den Code kann niemand Ihre Adresse verwenden.',
    ],
  },
  verify_address_link: {
    subject: 'Bestätigen Sie Ihre Adresse für {site}',
    heading: 'Bestätigen Sie, dass {address} Ihnen gehört',
    lines: [],
    action: {
      lead: 'Öffnen Sie diesen Link in dem Browser, in dem Sie begonnen haben:',
      button: 'Adresse bestätigen',
    },
    notes: [
      'Der Link gilt einmal, bis {linkUntil}. Fordern Sie in einem anderen Browser einen neuen Code an.',
      asked,
      'Haben Sie nichts angefordert? Dann tun Sie nichts: Ohne den Link kann niemand Ihre Adresse verwenden.',
    ],
  },
  reset_password: {
    subject: 'Ihr Code für {site} ist {code}',
    heading: 'Ihr Code ist {code}',
    lines: [
      'Geben Sie ihn auf der Seite ein, die danach fragt. Dann wählen Sie ein neues Passwort.',
    ],
    action: {
      lead: 'In dem Browser, in dem Sie ihn angefordert haben, genügt auch dieser Link:',
      button: 'Neues Passwort wählen',
    },
    notes: [
      'Beide gelten einmal: der Code bis {codeUntil}, der Link bis {linkUntil}.',
      asked,
      'Haben Sie nichts angefordert? Dann tun Sie nichts: Ihr Passwort bleibt, wie es ist.',
    ],
  },
  reset_password_link: {
    subject: 'Wählen Sie ein neues Passwort für {site}',
    heading: 'Wählen Sie ein neues Passwort',
    lines: [],
    action: {
      lead: 'Öffnen Sie diesen Link in dem Browser, in dem Sie begonnen haben:',
      button: 'Neues Passwort wählen',
    },
    notes: [
      'Der Link gilt einmal, bis {linkUntil}. Fordern Sie in einem anderen Browser einen neuen Code an.',
      asked,
      'Haben Sie nichts angefordert? Dann tun Sie nichts: Ihr Passwort bleibt, wie es ist.',
    ],
  },
  sign_up_taken: {
    subject: 'Sie haben ein Konto bei {site}',
    heading: 'Diese Adresse hat schon ein Konto',
    lines: [
      'Jemand wollte damit ein Konto anlegen. Melden Sie sich mit dem an, das Sie schon haben.',
    ],
    action: { lead: 'Hier melden Sie sich an:', button: 'Anmelden' },
    notes: [
      'Passwort vergessen? Wählen Sie ein neues: {reset}',
      asked,
      'Haben Sie nichts angefordert? Dann tun Sie nichts: Ihr Konto bleibt, wie es ist.',
    ],
  },
  change_address: {
    subject: 'Ihr Code für {site} ist {code}',
    heading: 'Ihr Code ist {code}',
    lines: [
      'Geben Sie ihn auf der Seite ein, die danach fragt. Dann gehört {address} zu Ihrem Konto.',
    ],
    action: {
      lead: 'In dem Browser, in dem Sie ihn angefordert haben, genügt auch dieser Link:',
      button: 'Diese Adresse verwenden',
    },
    notes: [
      'Beide gelten einmal: der Code bis {codeUntil}, der Link bis {linkUntil}.',
      asked,
      'Haben Sie nichts angefordert? Dann tun Sie nichts: Ohne den Code kann niemand Ihre Adresse verwenden.',
    ],
  },
  change_address_link: {
    subject: 'Bestätigen Sie Ihre neue Adresse für {site}',
    heading: 'Verwenden Sie {address} für Ihr Konto',
    lines: [],
    action: {
      lead: 'Öffnen Sie diesen Link in dem Browser, in dem Sie begonnen haben:',
      button: 'Diese Adresse verwenden',
    },
    notes: [
      'Der Link gilt einmal, bis {linkUntil}. Fordern Sie in einem anderen Browser einen neuen Code an.',
      asked,
      'Haben Sie nichts angefordert? Dann tun Sie nichts: Ohne den Link kann niemand Ihre Adresse verwenden.',
    ],
  },
  address_changed: {
    subject: 'Ihre Adresse bei {site} wurde geändert',
    heading: 'Ihre Adresse wurde geändert',
    lines: ['Ihr Konto hat jetzt die Adresse {address} anstelle von {former}.'],
    action: {
      lead: 'Waren Sie das nicht? Dieser Link stellt die alte Adresse wieder her und meldet alle Geräte ab:',
      button: 'Adresse wiederherstellen',
    },
    notes: ['Der Link gilt bis {linkUntil}.', 'Geändert am {time}, mit {browser}.'],
  },
  address_added: {
    subject: 'Eine Adresse wurde bei {site} hinzugefügt',
    heading: 'Ihr Konto hat eine weitere Adresse',
    lines: [
      '{address} gehört jetzt zu Ihrem Konto. Damit lässt sich ein neues Passwort anfordern.',
    ],
    action: {
      lead: 'Waren Sie das nicht? Dieser Link entfernt die Adresse und meldet alle Geräte ab:',
      button: 'Adresse entfernen',
    },
    notes: ['Der Link gilt bis {linkUntil}.', 'Hinzugefügt am {time}, mit {browser}.'],
  },
  invite: {
    subject: 'Sie sind zu {site} eingeladen',
    heading: 'Sie sind zu {site} eingeladen',
    lines: ['Der Betreiber von {site} lädt {address} ein, ein Konto anzulegen.'],
    action: { lead: 'Hier nehmen Sie an oder lehnen ab:', button: 'Einladung ansehen' },
    notes: [
      'Der Link gilt einmal, bis {linkUntil}.',
      'Kennen Sie {site} nicht? Dann tun Sie nichts: Ohne Sie entsteht kein Konto.',
    ],
  },
  invite_by: {
    subject: 'Sie sind zu {site} eingeladen',
    heading: 'Sie sind zu {site} eingeladen',
    lines: ['{by} lädt {address} ein, ein Konto anzulegen.'],
    action: { lead: 'Hier nehmen Sie an oder lehnen ab:', button: 'Einladung ansehen' },
    notes: [
      'Der Link gilt einmal, bis {linkUntil}.',
      'Kennen Sie {site} nicht? Dann tun Sie nichts: Ohne Sie entsteht kein Konto.',
    ],
  },
  new_device: {
    subject: 'Neue Anmeldung bei {site}',
    heading: 'Ihr Konto wurde in einem neuen Browser verwendet',
    lines: ['{browser} hat sich am {time} angemeldet.'],
    action: {
      lead: 'Sehen Sie alle Geräte an und melden Sie fremde ab:',
      button: 'Geräte ansehen',
    },
    notes: [notYou],
  },
  password_changed: {
    subject: 'Ihr Passwort bei {site} wurde geändert',
    heading: 'Ihr Passwort wurde geändert',
    lines: ['Es wurde am {time} mit {browser} geändert. Alle anderen Geräte wurden abgemeldet.'],
    action: {
      lead: 'Waren Sie das nicht? Wählen Sie sofort ein neues Passwort:',
      button: 'Neues Passwort wählen',
    },
    notes: [],
  },
  app_added: {
    subject: 'Neue Authenticator-App bei {site}',
    heading: 'Eine Authenticator-App schützt jetzt Ihr Konto',
    lines: ['Sie wurde am {time} mit {browser} hinzugefügt.'],
    action: { lead: 'Sehen Sie, wie Sie sich anmelden:', button: 'Sicherheit' },
    notes: [notYou],
  },
  app_removed: {
    subject: 'Authenticator-App bei {site} entfernt',
    heading: 'Ihr Konto hat keine Authenticator-App mehr',
    lines: ['Sie wurde am {time} mit {browser} entfernt.'],
    action: { lead: 'Sehen Sie, wie Sie sich anmelden:', button: 'Sicherheit' },
    notes: [notYou],
  },
  codes_made: {
    subject: 'Neue Notfallcodes bei {site}',
    heading: 'Ihr Konto hat neue Notfallcodes',
    lines: ['Sie wurden am {time} mit {browser} erstellt. Die älteren gelten nicht mehr.'],
    action: { lead: 'Sehen Sie, wie Sie sich anmelden:', button: 'Sicherheit' },
    notes: [notYou],
  },
  factors_reset: {
    subject: 'Ihr zweiter Schritt bei {site} wurde entfernt',
    heading: 'Ihr zweiter Schritt wurde entfernt',
    lines: [
      'Das geschah am {time} durch den Betreiber. Alle Geräte wurden abgemeldet. Ihr Passwort allein meldet Sie an.',
    ],
    action: { lead: 'Richten Sie einen neuen zweiten Schritt ein:', button: 'Sicherheit' },
    notes: [notYou],
  },
  passkey_added: {
    subject: 'Neuer Passkey bei {site}',
    heading: 'Ihr Konto hat einen neuen Passkey',
    lines: ['„{passkey}“ wurde am {time} mit {browser} hinzugefügt.'],
    action: { lead: 'Sehen Sie Ihre Passkeys:', button: 'Sicherheit' },
    notes: [notYou],
  },
  passkey_removed: {
    subject: 'Passkey bei {site} entfernt',
    heading: 'Ein Passkey wurde aus Ihrem Konto entfernt',
    lines: ['„{passkey}“ wurde am {time} mit {browser} entfernt.'],
    action: { lead: 'Sehen Sie Ihre Passkeys:', button: 'Sicherheit' },
    notes: [notYou],
  },
  recovery_used: {
    subject: 'Notfallcode bei {site} verwendet',
    heading: 'Jemand hat sich mit einem Notfallcode angemeldet',
    lines: ['Er wurde am {time} mit {browser} verwendet. Übrige Codes: {codesLeft}.'],
    action: { lead: 'Erstellen Sie neue, wenn nur wenige übrig sind:', button: 'Sicherheit' },
    notes: [notYou],
  },
  account_deletion: {
    subject: 'Ihr Konto bei {site} wird gelöscht',
    heading: 'Ihr Konto wird am {until} gelöscht',
    lines: ['Angefordert am {time}, mit {browser}. Bis dahin können Sie es behalten.'],
    action: { lead: 'Mit diesem Link behalten Sie Ihr Konto:', button: 'Konto behalten' },
    notes: ['Nach diesem Tag kann es niemand wiederherstellen.'],
  },
  mail_test: {
    subject: 'Ein Test der E-Mails von {site}',
    heading: 'E-Mails von {site} kommen hier an',
    lines: ['Ein Betreiber hat diesen Test am {time} gesendet. Es ist nichts zu tun.'],
    notes: [],
  },
}
