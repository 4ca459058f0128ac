import type { englishWelcome } from '../english/welcome.ts'
import type { Translation } from '../texts.ts'

/** The texts of the welcome page and of the inbox of `dev`. */
export const germanWelcome: Translation<typeof englishWelcome> = {
  inbox: 'Posteingang',
  inboxEmpty:
    'Noch keine E-Mail. Legen Sie ein Konto an oder setzen Sie ein Passwort zurück, dann kommt sie hier an.',
  inboxTo: 'An {to}.',
  inboxBack: 'Alle E-Mails',
  inboxAsHtml: 'Als HTML zeigen',

  welcomeTitle: 'Countersign läuft',
  welcomeRunning: 'Läuft seit {duration}',
  welcomeAt: 'Ihr Token-Dienst ist unter {issuer}',
  welcomeLead: 'Er ist nur auf diesem Rechner erreichbar. Seine Daten liegen in {folder}.',
  welcomeClient: 'Der Demo-Client heißt {client} und hat das Geheimnis {secret}.',
  welcomeStop: 'Strg-C beendet ihn, und nichts geht verloren.',

  welcomeFlow:
    'Ein Client schickt sein Geheimnis an Countersign und bekommt ein signiertes Token. Er schickt das Token an Ihre API. Der Guard vor Ihrer API prüft es im Speicher. Countersign schickt dem Guard Schlüssel und Widerrufe.',
  welcomeFlowClient: 'Ein Client',
  welcomeFlowClientHint: 'App, Dienst, Agent',
  welcomeFlowServiceHint: 'signiert und widerruft',
  welcomeFlowToken: 'ein Token',
  welcomeFlowPush: 'Schlüssel und Widerrufe',
  welcomeFlowApi: 'Ihre API',
  welcomeFlowApiHint: 'typisierter Aufrufer',
  welcomeFlowSecret: 'Geheimnis',
  welcomeFlowRevocations: 'Widerrufe',
  welcomeFlowCaption:
    'Der Guard fragt niemanden, während eine Anfrage wartet. Ein widerrufenes Token lehnt er binnen einer Sekunde ab, weil Widerrufe ihn sofort erreichen.',

  welcomeTry: 'In einer Minute ausprobiert',
  welcomeToken: 'Ein Token holen',
  welcomeCall: 'Die geschützte Route aufrufen',
  welcomeRevoke: 'Die Tokens von {client} widerrufen und noch einmal aufrufen',
  welcomeGuard: 'Die eigene API schützen',
  welcomeGuardHint:
    'Ihr Handler bekommt einen geprüften, typisierten Aufrufer, oder er läuft nicht.',
  welcomeGuardMore: 'Express, Hono, Fastify, Koa, Nest und fetch stehen in {file}.',
  welcomeCopy: 'Kopieren',
  welcomeCopied: 'Kopiert',
  welcomeCopyNamed: 'Kopieren: {name}',

  welcomePeople: 'Für Menschen',
  welcomePerson: 'Als Person anmelden',
  welcomeUser: 'Als {name}, mit dem Passwort {password}.',
  welcomeAddUser: 'Der Demo-Nutzer wurde geändert. Einen anderen legt {command} an.',
  welcomeSignedIn: 'Angemeldet',
  welcomeAccount: 'Ihr Konto',
  welcomeInbox: 'Posteingang',
  welcomeInboxHint:
    'Hier kommen die E-Mails des Dienstes an, während Sie entwickeln. Keine verlässt diesen Rechner.',
  welcomeOpenInbox: 'Posteingang öffnen',
  welcomeCommands: 'Kommandozeile',
  welcomeCommandsHint: 'Clients, Nutzer, Ressourcen, Schlüssel, Widerrufe und das Audit-Log.',

  welcomeAddresses: 'Adressen dieses Dienstes',
  welcomeMetadata: 'Metadaten',
  welcomeKeys: 'Öffentliche Schlüssel',
  welcomeMetrics: 'Metriken',
}
