/** One thing that can be set, and every place where it can be. */
export interface Setting {
  readonly name: SettingName
  /** Without the two dashes. */
  readonly flag?: string
  /** The flag alone says yes. */
  readonly isSwitch?: true
  readonly environment: string
  /** Never printed; also taken from the file that `<environment>_FILE` names, and never from a flag or the toml file. */
  readonly secret?: true
  /** Several values: commas in the environment, a list in the toml file. */
  readonly list?: true
  readonly help: string
}

export type SettingName =
  | 'issuer'
  | 'port'
  | 'host'
  | 'dataDir'
  | 'database'
  | 'databaseListen'
  | 'databasePoolMax'
  | 'migrate'
  | 'keyEncryptionKey'
  | 'proxies'
  | 'corsOrigins'
  | 'plainHttpIssuerUnsafe'
  | 'auditIssuance'
  | 'logLevel'
  | 'refreshIdleSeconds'
  | 'refreshAbsoluteSeconds'
  | 'claimsModule'
  | 'trustedIssuers'
  | 'feed'
  | 'loginClientId'
  | 'sessionAudience'
  | 'signUp'
  | 'serviceName'
  | 'pageTheme'
  | 'mailServer'
  | 'mailPassword'
  | 'mailFrom'
  | 'mailTexts'
  | 'mailPlainUnsafe'
  | 'passwordBlocklist'
  | 'passwordLengthMinUnsafe'

/** All settings; the name is also the key in `countersign.toml`. */
export const settings: readonly Setting[] = [
  {
    name: 'issuer',
    flag: 'issuer',
    environment: 'COUNTERSIGN_ISSUER',
    help: 'the https address that tokens name',
  },
  { name: 'port', flag: 'port', environment: 'PORT', help: 'the port to listen on' },
  {
    name: 'host',
    flag: 'host',
    environment: 'HOST',
    help: 'the address to listen on; localhost stands for both loopback addresses',
  },
  {
    name: 'dataDir',
    flag: 'data-dir',
    environment: 'COUNTERSIGN_DATA_DIR',
    help: 'the folder of the embedded database',
  },
  {
    name: 'database',
    environment: 'DATABASE_URL',
    secret: true,
    help: 'a postgres:// address, or the path of a SQLite file',
  },
  {
    name: 'databaseListen',
    environment: 'DATABASE_LISTEN_URL',
    secret: true,
    help: 'where LISTEN goes when DATABASE_URL leads through a pooler, or "poll"',
  },
  {
    name: 'databasePoolMax',
    flag: 'database-pool-max',
    environment: 'COUNTERSIGN_DATABASE_POOL_MAX',
    help: 'connections to Postgres at most',
  },
  {
    name: 'migrate',
    flag: 'migrate',
    isSwitch: true,
    environment: 'COUNTERSIGN_MIGRATE',
    help: 'whether serve may migrate a Postgres database',
  },
  {
    name: 'keyEncryptionKey',
    environment: 'COUNTERSIGN_KEY_ENCRYPTION_KEY',
    secret: true,
    help: '32 random bytes in base64url, hex or base64, under which keys are sealed',
  },
  {
    name: 'proxies',
    flag: 'proxies',
    environment: 'COUNTERSIGN_PROXIES',
    list: true,
    help: 'addresses and ranges of proxies whose forwarding header is believed',
  },
  {
    name: 'corsOrigins',
    flag: 'cors-origins',
    environment: 'COUNTERSIGN_CORS_ORIGINS',
    list: true,
    help: 'origins whose pages may call the token and revocation endpoints',
  },
  {
    name: 'plainHttpIssuerUnsafe',
    flag: 'plain-http-issuer-unsafe',
    environment: 'COUNTERSIGN_PLAIN_HTTP_ISSUER_UNSAFE',
    help: 'the host name of an issuer without TLS, which needs a private address',
  },
  {
    name: 'auditIssuance',
    flag: 'audit-issuance',
    environment: 'COUNTERSIGN_AUDIT_ISSUANCE',
    help: '"counted", or "each" for a row per token',
  },
  {
    name: 'logLevel',
    flag: 'log-level',
    environment: 'COUNTERSIGN_LOG_LEVEL',
    help: 'the least severe log lines that are written',
  },
  {
    name: 'refreshIdleSeconds',
    flag: 'refresh-idle-seconds',
    environment: 'COUNTERSIGN_REFRESH_IDLE_SECONDS',
    help: 'how long a refresh token may lie unused',
  },
  {
    name: 'refreshAbsoluteSeconds',
    flag: 'refresh-absolute-seconds',
    environment: 'COUNTERSIGN_REFRESH_ABSOLUTE_SECONDS',
    help: 'how long a login can be refreshed at all',
  },
  {
    name: 'claimsModule',
    flag: 'claims-module',
    environment: 'COUNTERSIGN_CLAIMS_MODULE',
    help: 'a module whose addClaims function adds claims to tokens',
  },
  {
    name: 'trustedIssuers',
    flag: 'trusted-issuers',
    environment: 'COUNTERSIGN_TRUSTED_ISSUERS',
    help: 'a JSON file with the issuers whose assertions are taken for tokens',
  },
  {
    name: 'feed',
    flag: 'feed',
    environment: 'COUNTERSIGN_FEED',
    help: 'whether the feed of revocations is "open", or "closed" to all but clients with a scope',
  },
  {
    name: 'loginClientId',
    environment: 'COUNTERSIGN_LOGIN_CLIENT_ID',
    help: 'the client that users sign in to with POST /login; without it no user can',
  },
  {
    name: 'sessionAudience',
    environment: 'COUNTERSIGN_SESSION_AUDIENCE',
    help: 'the resource whose tokens browser sessions carry; without it no browser can sign in',
  },
  {
    name: 'signUp',
    flag: 'sign-up',
    environment: 'COUNTERSIGN_SIGN_UP',
    help: 'the people who may make an account on the pages: all ("open"), the invited ("invite"), or nobody ("off")',
  },
  {
    name: 'serviceName',
    environment: 'COUNTERSIGN_SERVICE_NAME',
    help: 'the name of the service on its pages; without it they show the host of the issuer',
  },
  {
    name: 'pageTheme',
    environment: 'COUNTERSIGN_PAGE_THEME',
    help: 'a file of at most 20 lines with the colours of the pages',
  },
  {
    name: 'mailServer',
    environment: 'COUNTERSIGN_MAIL_SERVER',
    help: 'the mail server that sends mail to users; without it no mail leaves',
  },
  {
    name: 'mailPassword',
    environment: 'COUNTERSIGN_MAIL_PASSWORD',
    secret: true,
    help: 'the password for the mail server',
  },
  {
    name: 'mailFrom',
    environment: 'COUNTERSIGN_MAIL_FROM',
    help: 'the address that mail comes from; its name is that of the service',
  },
  {
    name: 'mailTexts',
    environment: 'COUNTERSIGN_MAIL_TEXTS',
    help: 'a TOML file with texts of mail in the place of ours',
  },
  {
    name: 'mailPlainUnsafe',
    environment: 'COUNTERSIGN_MAIL_PLAIN_UNSAFE',
    help: 'the host of a mail server without TLS, such as one on this machine',
  },
  {
    name: 'passwordBlocklist',
    environment: 'COUNTERSIGN_PASSWORD_BLOCKLIST',
    help: 'a text file of passwords that no user may choose, one a line',
  },
  {
    name: 'passwordLengthMinUnsafe',
    environment: 'COUNTERSIGN_PASSWORD_LENGTH_MIN_UNSAFE',
    help: 'the least length of a password, where it is not 15 letters',
  },
]

/** Secrets that single commands take from the environment, or from the file that `<name>_FILE` names. */
export const commandSecrets = {
  newKeyEncryptionKey: 'COUNTERSIGN_NEW_KEY_ENCRYPTION_KEY',
  clientSecret: 'COUNTERSIGN_CLIENT_SECRET',
} as const

/** The file that is read where the command is started, if it is there. */
export const settingsFile = 'countersign.toml'
