import { existsSync, readFileSync } from 'node:fs'
import { startFault } from './start-fault.ts'
import type { Config } from './schema.ts'
import { configKeys, flagOf, nameInFile, settings, type ConfigKey } from './settings.ts'

/** What was given, before anything is believed. */
export interface ConfigSources {
  /** By key, as the command line gave them. */
  readonly flags: Partial<Readonly<Record<string, unknown>>>
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The file to read; one that was named must exist. */
  readonly file: { readonly path: string; readonly named: boolean }
}

/** A configuration and where each of its values came from. */
export interface LoadedConfig {
  readonly config: Config
  readonly origins: Readonly<Record<ConfigKey, string>>
}

/** The file that is read where none is named. */
export const configFile = 'countersign.toml'

/**
 * Reads the configuration: flags before environment before file before defaults.
 * Throws: one start fault that names every wrong value, where it came from and the remedy.
 */
export async function loadConfig(sources: ConfigSources): Promise<LoadedConfig> {
  const { configSchema } = await import('./schema.ts')
  const file = await readFile(sources.file)
  const problems = strangersIn(file, sources.file.path)
  const given: Partial<Record<ConfigKey, unknown>> = {}
  const origins = {} as Record<ConfigKey, string>
  for (const key of configKeys) {
    const found = find(key, sources, file)
    origins[key] = found.origin
    if (found.value !== undefined) given[key] = found.value
  }
  const parsed = configSchema.safeParse(given)
  if (parsed.success && problems.length === 0) {
    return { config: Object.freeze(parsed.data), origins }
  }
  for (const { path, message } of parsed.error?.issues ?? []) {
    const key = path[0] as ConfigKey
    problems.push(
      `${nameInFile(key)} (from ${origins[key]}) ${lower(message)}: ${settings[key].remedy}.`,
    )
  }
  throw startFault(problems.join('\n'))
}

/**
 * What `serve` needs beyond what is well formed.
 * Throws: one start fault that names all that is missing or unsafe.
 */
export function requireForServe({ config, origins }: LoadedConfig): ServeConfig {
  const { issuer, sealingKey } = config
  const problems: string[] = []
  const missing = (key: ConfigKey) =>
    problems.push(
      `${nameInFile(key)} is missing: ${settings[key].remedy} (${settings[key].environment}).`,
    )
  if (issuer === undefined) missing('issuer')
  else if (issuer.startsWith('http:') && !config.httpIssuerUnsafe) {
    problems.push(
      `issuer (from ${origins.issuer}) is not https, so tokens could be read on the way: give an https address, or say ${settings.httpIssuerUnsafe.environment}=true where that cannot happen.`,
    )
  }
  if (sealingKey === undefined) missing('sealingKey')
  if (issuer === undefined || sealingKey === undefined || problems.length > 0) {
    throw startFault(problems.join('\n'))
  }
  return { ...config, issuer, sealingKey }
}

export type ServeConfig = Config & Required<Pick<Config, 'issuer' | 'sealingKey'>>

/** Each setting with its value and where it came from; secrets are masked. */
export function renderConfig({ config, origins }: LoadedConfig): readonly ConfigRow[] {
  return configKeys.map((key) => {
    const value = config[key]
    const shown = value === undefined ? null : settings[key].secret ? '(set)' : value
    return { key: nameInFile(key), value: shown as ConfigRow['value'], origin: origins[key] }
  })
}

export interface ConfigRow {
  readonly key: string
  readonly value: string | number | boolean | readonly string[] | null
  readonly origin: string
}

type Found = { readonly value: unknown; readonly origin: string }

function find(
  key: ConfigKey,
  { flags, environment, file: { path } }: ConfigSources,
  file: Table,
): Found {
  const name = settings[key].environment
  if (flags[key] !== undefined) return { value: flags[key], origin: `--${flagOf(key)}` }
  const text = environment[name]
  if (text !== undefined && text !== '') return { value: text, origin: name }
  const secretFile = environment[`${name}_FILE`]
  if (settings[key].secret && secretFile !== undefined) {
    return { value: readSecret(secretFile, name), origin: `${name}_FILE` }
  }
  const inFile = file[nameInFile(key)]
  return inFile === undefined
    ? { value: undefined, origin: 'default' }
    : { value: inFile, origin: path }
}

type Table = Readonly<Record<string, unknown>>

async function readFile({ path, named }: ConfigSources['file']): Promise<Table> {
  if (!existsSync(path)) {
    if (!named) return {}
    throw startFault(`There is no configuration file ${path}: name one that exists with --config.`)
  }
  const { parse } = await import('smol-toml')
  try {
    return parse(readFileSync(path, 'utf8'))
  } catch (fault) {
    const line = fault instanceof Error ? (fault.message.split('\n')[0] ?? '') : ''
    throw startFault(`The configuration file ${path} is no TOML (${line}): mend it.`, fault)
  }
}

function strangersIn(file: Table, path: string): string[] {
  const known = new Set(configKeys.map(nameInFile))
  return Object.keys(file)
    .filter((name) => !known.has(name))
    .map((name) => `${name} (from ${path}) is no setting: "countersign config print" lists all.`)
}

function readSecret(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (fault) {
    throw startFault(
      `${name}_FILE names ${path}, which cannot be read: mend its path or its mode.`,
      fault,
    )
  }
}

function lower(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1)
}
