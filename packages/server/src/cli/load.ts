import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadConfig, type Config, type LoadedConfig } from '../config/config.ts'
import { startFault } from '../config/start-fault.ts'
import { readSettingsFile } from './settings-file.ts'

export type Flags = Readonly<Record<string, string | boolean | undefined>>

/** Reads the configuration of this process. Throws: a start fault when `countersign.toml` is no toml. */
export async function readConfig(
  flags: Flags,
  environment: NodeJS.ProcessEnv,
): Promise<LoadedConfig> {
  const readFile = (path: string) => readFileSync(path, 'utf8')
  return loadConfig({ flags, environment, file: await readSettingsFile(readFile), readFile })
}

/** All problems at once, as one fault; nothing when there are none. */
export function demand(problems: readonly string[]): void {
  if (problems.length > 0) throw startFault(problems.join('\n'))
}

/** Where the database is: as configured, else the embedded one in the data folder. */
export function databaseOf({ database, dataDir }: Config): string {
  return database ?? join(resolve(dataDir), 'countersign.db')
}
