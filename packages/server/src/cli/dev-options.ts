import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { defaults } from '../config/defaults.ts'
import { settings, type SettingName } from '../config/settings.ts'
import { gather, type Gathered } from '../config/sources.ts'
import { startFault } from '../config/start-fault.ts'
import { isSigningAlg, signingAlgs } from '../keys/material.ts'
import type { Flags } from './load.ts'
import { readSettingsFile } from './settings-file.ts'

/** The options of `countersign dev`. */
export interface DevOptions {
  readonly port: number
  readonly host: string
  readonly dataFolder: string
  readonly tokenAlg: string
  readonly claimsModule: string | undefined
  readonly sessionAudience: string | undefined
  readonly serviceName: string | undefined
  readonly pageTheme: string | undefined
  readonly mailTexts: string | undefined
}

/** The settings that `dev` uses. All others belong to `serve`. */
const usedByDev: ReadonlySet<SettingName> = new Set([
  'port',
  'host',
  'dataDir',
  'claimsModule',
  'sessionAudience',
  'serviceName',
  'pageTheme',
  'mailTexts',
])

/**
 * Reads the options of `dev` from flags, environment and file.
 * Throws: a start fault for a value that does not fit, and for a setting that `dev` does not use.
 * Why: a database that is named and not used would surprise.
 */
export async function readDevOptions(
  flags: Flags,
  environment: NodeJS.ProcessEnv,
): Promise<DevOptions> {
  const readFile = (path: string) => readFileSync(path, 'utf8')
  const file = await readSettingsFile(readFile)
  const gathered = gather({ flags, environment, file, readFile })
  const problems = [...gathered.problems, ...unusedSettings(gathered)]
  if (problems.length > 0) throw startFault(problems.join('\n'))
  const tokenAlg = flags['alg'] ?? defaults.tokenAlg
  if (typeof tokenAlg !== 'string' || !isSigningAlg(tokenAlg)) {
    throw startFault(
      `${String(tokenAlg)} signs no tokens here: use one of ${signingAlgs.join(', ')}.`,
    )
  }
  return {
    tokenAlg,
    host: readHost(textOf(gathered, 'host')),
    port: readPort(textOf(gathered, 'port')),
    dataFolder: resolve(textOf(gathered, 'dataDir') ?? defaults.dataFolder),
    claimsModule: textOf(gathered, 'claimsModule'),
    sessionAudience: textOf(gathered, 'sessionAudience'),
    serviceName: textOf(gathered, 'serviceName'),
    pageTheme: textOf(gathered, 'pageTheme'),
    mailTexts: textOf(gathered, 'mailTexts'),
  }
}

/** Names the settings that `dev` does not use, each where it was found. */
function unusedSettings({ found }: Gathered): readonly string[] {
  const names = settings.flatMap(({ name }) => {
    const value = usedByDev.has(name) ? undefined : found.get(name)
    return value === undefined ? [] : [value.origin]
  })
  return names.length === 0
    ? []
    : [
        `"countersign dev" does not use ${names.join(', ')}: remove ${names.length === 1 ? 'it' : 'them'}, or use "countersign serve".`,
      ]
}

/** A file of settings may hold a number. */
function textOf({ found }: Gathered, name: SettingName): string | undefined {
  const setting = found.get(name)
  if (setting === undefined) return undefined
  const { value, origin } = setting
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  throw startFault(`${origin} must be a text.`)
}

const loopback: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1', '[::1]'])

function readHost(host = 'localhost'): string {
  if (loopback.has(host)) return host
  throw startFault(
    `"countersign dev" has a demo client and so listens on loopback only, not on ${host}: use "countersign serve" to be reached from elsewhere.`,
  )
}

function readPort(text: string | undefined): number {
  const port = text === undefined ? defaults.port : Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw startFault(`${text} is no port: give a number from 1 to 65535 with PORT or --port.`)
}
