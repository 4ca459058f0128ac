import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Config } from '../config/config.ts'
import { startFault } from '../config/start-fault.ts'
import { isStoreFault } from '../store/port/fault.ts'
import type { Call } from './command.ts'

/** Names the file of the command line that the file system objects to. */
export async function nameFileFaults<T>(file: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (fault) {
    if (isStoreFault(fault) || !(fault instanceof Error) || !('code' in fault)) throw fault
    if (fault.code === 'ENOENT' && !existsSync(dirname(resolve(file))))
      throw startFault(`There is no folder ${dirname(resolve(file))}: make it first.`, fault)
    throw startFault(
      `${file} cannot be copied (${String(fault.code)}): correct its path, or the mode of its folder or of the data folder.`,
      fault,
    )
  }
}

/** The settings of a command that works on the database, and its address. */
export async function readGround({ flags, environment }: Pick<Call, 'flags' | 'environment'>) {
  const { databaseOf, demand, readConfig } = await import('./load.ts')
  const { processSystem } = await import('../main/system.ts')
  const { config, problems } = await readConfig(flags, environment)
  demand(problems)
  return { config, address: databaseOf(config), deps: processSystem() }
}

/** The options of a store for such a command. */
export function storeDeps(
  { databaseListen }: Config,
  { now, randomId }: Awaited<ReturnType<typeof readGround>>['deps'],
) {
  return databaseListen === undefined
    ? { now, randomId }
    : { now, randomId, listenUrl: databaseListen }
}

/** The file of the embedded database. Throws: for a Postgres database, which has tools of its own. */
export async function embeddedFile(address: string): Promise<string> {
  const { isPostgresAddress } = await import('../config/postgres-address.ts')
  if (isPostgresAddress(address))
    throw startFault('This database is Postgres: back it up with pg_dump or a base backup.')
  return address
}
