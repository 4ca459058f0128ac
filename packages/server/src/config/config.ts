import type { z } from 'zod'
import { defaults } from './defaults.ts'
import {
  completePostgresAddress,
  isPostgresAddress,
  readPostgresAddress,
} from './postgres-address.ts'
import { isPublishedSecret } from './published-secrets.ts'
import { mailProblems } from './mail-settings.ts'
import { settings, type SettingName } from './settings.ts'
import { publishedPassword, shapes } from './shapes.ts'
import { gather, type Found, type Sources } from './sources.ts'

const fallbacks = {
  port: defaults.port,
  host: 'localhost',
  dataDir: defaults.dataFolder,
  databasePoolMax: defaults.databasePoolMax,
  migrate: false,
  proxies: [] as readonly string[],
  corsOrigins: [] as readonly string[],
  auditIssuance: 'counted',
  logLevel: 'info',
  feed: 'open',
  signUp: 'off',
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
  /** All problems at once. A command that needs the config must not go on. */
  readonly problems: readonly string[]
}

/** Reads the configuration from flags, environment and file, in this order of strength, over the defaults. */
export function loadConfig(sources: Sources): LoadedConfig {
  const { found, problems } = gather(sources)
  const told = [...problems]
  const values: Record<string, unknown> = { ...fallbacks }
  for (const [name, { value, origin }] of found) {
    const parsed = shapes[name].safeParse(value)
    if (parsed.success)
      values[name] = completed(name, parsed.data, sources, (message) =>
        told.push(`${origin} ${message}`),
      )
    else for (const { message } of parsed.error.issues) told.push(`${origin} ${message}`)
  }
  const config = Object.freeze(values) as Config
  return { config, lines: describe(config, found), problems: told }
}

/** A value as it is used: a Postgres address takes what it leaves open from the variables of libpq. */
function completed(
  name: SettingName,
  value: unknown,
  { environment }: Sources,
  onProblem: (message: string) => void,
): unknown {
  const isAddress = name === 'database' || name === 'databaseListen'
  if (!isAddress || typeof value !== 'string' || !isPostgresAddress(value)) return value
  const read = readPostgresAddress(value)
  const whole = read.ok ? completePostgresAddress(read.value, environment) : read
  if (!whole.ok) onProblem(whole.refusal.problem)
  else if (isPublishedSecret(passwordOf(whole.value))) onProblem(publishedPassword)
  return whole.ok ? whole.value : value
}

function passwordOf(address: string): string {
  const read = readPostgresAddress(address)
  return read.ok ? (read.value.password ?? '') : ''
}

/**
 * The demands of `serve` beyond shapes.
 * Why: a public service has no unsafe default.
 */
export function serveProblems(config: Config): readonly string[] {
  const problems: string[] = []
  const { issuer, keyEncryptionKey, plainHttpIssuerUnsafe: plainHost } = config
  if (issuer === undefined)
    problems.push(
      'COUNTERSIGN_ISSUER is missing: give the https address under which this service is reached.',
    )
  else if (!issuer.startsWith('https://') && plainHost !== new URL(issuer).hostname)
    problems.push(
      `COUNTERSIGN_ISSUER is no https address: put TLS in front, or in a private network state the exception with COUNTERSIGN_PLAIN_HTTP_ISSUER_UNSAFE=${new URL(issuer).hostname}.`,
    )
  if (keyEncryptionKey === undefined)
    problems.push(
      'COUNTERSIGN_KEY_ENCRYPTION_KEY is missing: make one with "countersign keys new-kek <file>", keep it apart from the database, and name the file with COUNTERSIGN_KEY_ENCRYPTION_KEY_FILE.',
    )
  return [...problems, ...mailProblems(config)]
}

function describe(config: Config, found: ReadonlyMap<SettingName, Found>): LoadedConfig['lines'] {
  return settings.map(({ name, secret }) => {
    const origin = found.get(name)?.origin ?? (config[name] === undefined ? 'not set' : 'default')
    const value = config[name] ?? null
    return { name, value: secret === true && value !== null ? '(secret)' : value, origin }
  })
}
