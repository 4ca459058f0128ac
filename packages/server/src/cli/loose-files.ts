import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { databaseOf } from './load.ts'
import { isPostgresAddress } from '../config/postgres-address.ts'
import type { Config } from '../config/config.ts'

/** A file or folder whose mode lets other users in. */
interface LoosePath {
  readonly path: string
  readonly problem: string
}

/** The variables that name a file with a secret. */
const secretFiles = ['COUNTERSIGN_KEY_ENCRYPTION_KEY_FILE', 'DATABASE_URL_FILE']

/** Finds the data folder and files of secrets that other users can read or write. */
export function findLoosePaths(
  config: Config,
  environment: NodeJS.ProcessEnv,
): readonly LoosePath[] {
  const database = databaseOf(config)
  const folder = isPostgresAddress(database) ? undefined : dirname(resolve(database))
  const files = secretFiles.map((name) => environment[name])
  return [
    ...(folder === undefined
      ? []
      : judgeMode(folder, 'the data folder', '0700', config.database !== undefined)),
    ...files.flatMap((file) =>
      file === undefined || file === '' ? [] : judgeMode(file, 'the file of a secret', '0600'),
    ),
  ]
}

/**
 * Judges the mode of a path. The group may read it, as the production guide sets it.
 * Why: a database with a path of its own may be in a folder that anybody can list; its file has mode 0600.
 */
function judgeMode(
  path: string,
  name: string,
  wanted: string,
  mayBeRead = false,
): readonly LoosePath[] {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0
  const isRead = (mode & 0o004) !== 0 && !mayBeRead
  const act = (mode & 0o022) !== 0 ? 'write into' : isRead ? 'read' : undefined
  if (act === undefined || process.platform === 'win32') return []
  return [{ path, problem: `Other users can ${act} ${name}: set mode ${wanted}.` }]
}
