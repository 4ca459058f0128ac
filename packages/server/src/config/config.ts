import { isIP } from 'node:net'
import { z } from 'zod'
import { defaults } from './defaults.ts'
import { isPublishedSecret } from './published-secrets.ts'
import { gather, type Found, type Sources } from './sources.ts'
import { settings, type SettingName } from './settings.ts'
import { readSealingKey } from './sealing-key.ts'

const secondsMax = 10 * 365 * 86_400
const secondsError = `must be a whole number of seconds from 1 to ${secondsMax}.`
const seconds = z.coerce
  .number({ error: secondsError })
  .int(secondsError)
  .min(1, secondsError)
  .max(secondsMax, secondsError)
const flag = z
  .union([z.boolean(), z.enum(['true', 'false', '1', '0'])], { error: 'must be true or false.' })
  .transform((value) => value === true || value === 'true' || value === '1')
const list = z.union([
  z.array(z.string()),
  z.string().transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ),
])

/** Of a database. Not checked: a short password, which is the affair of that server. */
const address = z
  .string()
  .min(1)
  .refine(
    (text) => !isPublishedSecret(passwordOf(text)),
    'has a password that is in a public list of secrets, so others have it: give the database another.',
  )

const issuerError = 'must be an URL such as https://id.example.com.'
const poolError = 'must be a number from 1 to 1000.'
const portError = 'must be a port from 1 to 65535.'

/** Each message is a remedy; the key and where it came from are put in front. */
const shapes = {
  issuer: z
    .url({ error: issuerError, protocol: /^https?$/u })
    .refine(
      (text) => !text.includes('?') && !text.includes('#') && !text.includes('@'),
      'must have no query, no fragment and no credentials.',
    ),
  port: z.coerce
    .number({ error: portError })
    .int(portError)
    .min(1, portError)
    .max(65_535, portError),
  host: z.string().min(1),
  dataDir: z.string().min(1),
  database: address.refine(
    (text) => !text.includes('://') || /^postgres(?:ql)?:\/\//u.test(text),
    'must be a postgres:// address or the path of a SQLite file.',
  ),
  databaseListen: address,
  databasePoolMax: z.coerce
    .number({ error: poolError })
    .int(poolError)
    .min(1, poolError)
    .max(1_000, poolError),
  migrate: flag,
  keyEncryptionKey: z.string().transform((text, context) => {
    const read = readSealingKey(text)
    if (typeof read !== 'string') return read
    context.addIssue({ code: 'custom', message: read })
    return z.NEVER
  }),
  proxies: list.refine(
    (proxies) => proxies.every(isRange),
    'must be addresses or ranges such as 10.0.0.0/8, with commas between them.',
  ),
  plainHttpIssuer: flag,
  auditIssuance: z.enum(['counted', 'each'], { error: 'must be "counted" or "each".' }),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent'], {
    error: 'must be debug, info, warn, error or silent.',
  }),
  refreshIdleSeconds: seconds,
  refreshAbsoluteSeconds: seconds,
  claimsModule: z.string().min(1),
  trustedIssuers: z.string().min(1),
  feed: z.enum(['open', 'closed'], { error: 'must be "open" or "closed".' }),
} satisfies Readonly<Record<SettingName, z.ZodType>>

/** Whether it is an address, or a range of them in CIDR form. */
function isRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/', 3)
  const family = isIP(address)
  if (family === 0 || more.length > 0) return false
  if (bits === undefined) return true
  const length = Number(bits)
  return String(length) === bits && length >= 0 && length <= (family === 4 ? 32 : 128)
}

const fallbacks = {
  port: defaults.port,
  host: '0.0.0.0',
  dataDir: defaults.dataFolder,
  migrate: false,
  proxies: [] as readonly string[],
  plainHttpIssuer: false,
  auditIssuance: 'counted',
  logLevel: 'info',
  feed: 'open',
  refreshIdleSeconds: defaults.refreshIdleTtlSeconds,
  refreshAbsoluteSeconds: defaults.refreshAbsoluteTtlSeconds,
} as const

type Values = { [Name in SettingName]?: z.output<(typeof shapes)[Name]> }

/** The whole configuration, frozen. */
export type Config = Readonly<
  Omit<Values, keyof typeof fallbacks> & Required<Pick<Values, keyof typeof fallbacks>>
>

export interface LoadedConfig {
  readonly config: Config
  /** Name, value and origin of each setting, secrets masked. */
  readonly lines: readonly {
    readonly name: string
    readonly value: unknown
    readonly origin: string
  }[]
  /** What is wrong with it, all at once; a command that needs the config must not go on. */
  readonly problems: readonly string[]
}

/** Reads the configuration from flags, environment and file, in this order of strength, over the defaults. */
export function loadConfig(sources: Sources): LoadedConfig {
  const { found, problems } = gather(sources)
  const told = [...problems]
  const values: Record<string, unknown> = { ...fallbacks }
  for (const [name, { value, origin }] of found) {
    const parsed = shapes[name].safeParse(value)
    if (parsed.success) values[name] = parsed.data
    else for (const { message } of parsed.error.issues) told.push(`${origin} ${message}`)
  }
  const config = Object.freeze(values) as Config
  return { config, lines: describe(config, found), problems: told }
}

function passwordOf(address: string): string {
  const { password = '' } = URL.parse(address) ?? {}
  try {
    return decodeURIComponent(password)
  } catch {
    return password
  }
}

/** What `serve` demands beyond shapes. Why: a service that is reached by others has no default that would be unsafe. */
export function serveProblems(config: Config): readonly string[] {
  const problems: string[] = []
  const { issuer, keyEncryptionKey, plainHttpIssuer } = config
  if (issuer === undefined)
    problems.push(
      'COUNTERSIGN_ISSUER is missing: give the https address under which this service is reached.',
    )
  else if (!issuer.startsWith('https://') && !plainHttpIssuer)
    problems.push(
      'COUNTERSIGN_ISSUER is no https address: put TLS in front, or state the exception with COUNTERSIGN_PLAIN_HTTP_ISSUER=true.',
    )
  if (keyEncryptionKey === undefined)
    problems.push(
      'COUNTERSIGN_KEY_ENCRYPTION_KEY is missing: make one with "openssl rand -base64 32" and keep it apart from the database, or name its file with COUNTERSIGN_KEY_ENCRYPTION_KEY_FILE.',
    )
  return problems
}

function describe(config: Config, found: ReadonlyMap<SettingName, Found>): LoadedConfig['lines'] {
  return settings.map(({ name, secret }) => {
    const origin = found.get(name)?.origin ?? (config[name] === undefined ? 'not set' : 'default')
    const value = config[name] ?? null
    return { name, value: secret === true && value !== null ? '(secret)' : value, origin }
  })
}
