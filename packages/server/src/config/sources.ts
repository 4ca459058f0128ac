import { startFault } from './start-fault.ts'
import { commandSecrets, settings, type Setting, type SettingName } from './settings.ts'

/** A value as found, and where: for messages and for `config print`. */
export interface Found {
  readonly value: unknown
  readonly origin: string
}

/** Where settings may come from; nothing here reads the process. */
export interface Sources {
  readonly flags: Readonly<Record<string, string | boolean | undefined>>
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The parsed toml file, with the name it had. */
  readonly file:
    | { readonly name: string; readonly table: Readonly<Record<string, unknown>> }
    | undefined
  readonly readFile: (path: string) => string
}

export interface Gathered {
  readonly found: ReadonlyMap<SettingName, Found>
  readonly problems: readonly string[]
}

/** Picks each setting from the strongest source that has it: flags, then environment, then the file. */
export function gather(sources: Sources): Gathered {
  const found = new Map<SettingName, Found>()
  const problems: string[] = []
  for (const setting of settings) {
    try {
      const value =
        fromFlag(setting, sources) ??
        fromEnvironment(setting, sources) ??
        fromFile(setting, sources)
      if (value !== undefined) found.set(setting.name, value)
    } catch (problem) {
      problems.push(problem instanceof Error ? problem.message : String(problem))
    }
  }
  const names = new Set<string>(settings.map(({ name }) => name))
  for (const name of Object.keys(sources.file?.table ?? {})) {
    if (!names.has(name))
      problems.push(
        `${name} in ${sources.file?.name} is no setting; remove it or correct its name.`,
      )
  }
  problems.push(...misnamed(sources.environment))
  return { found, problems }
}

const prefix = 'COUNTERSIGN_'

/**
 * Names the variables that look like ours and are read by nobody.
 * Why: a feed that was to be closed, or a database that was to be another, is not what a letter too many leaves it.
 */
function misnamed(environment: Sources['environment']): readonly string[] {
  const secrets = [
    ...settings.filter(({ secret }) => secret === true).map(({ environment: name }) => name),
    ...Object.values(commandSecrets),
  ]
  const names = new Set([
    ...settings.map(({ environment: name }) => name),
    ...secrets,
    ...secrets.map((name) => `${name}_FILE`),
  ])
  return Object.entries(environment).flatMap(([name, value]) => {
    const isOdd = name.startsWith(prefix) && !names.has(name)
    if (!isOdd || isAbsent(value) || isInjected(name, value)) return []
    const meant = name.slice(prefix.length)
    const hint = names.has(meant) ? ` (${meant} is one)` : ''
    return [`${name} is no setting${hint}; remove it or correct its name.`]
  })
}

/** Whether Kubernetes sets it, which tells each pod of a service called `countersign…` so. */
function isInjected(name: string, value: string): boolean {
  return (
    /_SERVICE_(?:HOST|PORT(?:_\w+)?)$/u.test(name) ||
    /_PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?$/u.test(name) ||
    (name.endsWith('_PORT') && value.includes('://'))
  )
}

function fromFlag({ flag }: Setting, { flags }: Sources): Found | undefined {
  const value = flag === undefined ? undefined : flags[flag]
  return value === undefined ? undefined : { value, origin: `--${flag}` }
}

function fromEnvironment(setting: Setting, { environment, readFile }: Sources): Found | undefined {
  const { environment: name, secret } = setting
  if (secret === true) return findSecret(name, environment, readFile)
  const value = environment[name]
  return isAbsent(value) ? undefined : { value, origin: name }
}

/**
 * A secret of the environment, as it stands or in the file that `<name>_FILE` names.
 * Throws: a start fault where both are given, or where the file cannot be read.
 */
export function findSecret(
  name: string,
  environment: Sources['environment'],
  readFile: Sources['readFile'],
): { readonly value: string; readonly origin: string } | undefined {
  const value = environment[name]
  const path = environment[`${name}_FILE`]
  if (isAbsent(path)) return isAbsent(value) ? undefined : { value, origin: name }
  if (!isAbsent(value))
    throw startFault(`${name} and ${name}_FILE are both set; remove one of them.`)
  try {
    return { value: readFile(path).trim(), origin: `${name}_FILE` }
  } catch {
    throw startFault(
      `${name}_FILE names ${path}, which cannot be read; correct the path or its mode.`,
    )
  }
}

/** Why: an empty variable in a table of variables means no value. */
function isAbsent(value: string | undefined): value is undefined | '' {
  return value === undefined || value === ''
}

function fromFile({ name, secret }: Setting, { file }: Sources): Found | undefined {
  const value = file?.table[name]
  if (value === undefined) return undefined
  if (secret === true)
    throw new Error(
      `${name} in ${file?.name} is a secret; give it by the environment, or by a file that the environment names.`,
    )
  return { value, origin: `${file?.name} (${name})` }
}
