import { existsSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import { isPostgresAddress } from '../config/postgres-address.ts'
import { startFault } from '../config/start-fault.ts'
import { databaseOf } from './load.ts'

interface Wanted {
  /** Whether the operator stated that the database may be new. Absent for a command that never makes one. */
  readonly begins?: boolean | undefined
  /** Whether a Postgres database gets its schema. Default: as configured. */
  readonly migrates?: boolean
}

/**
 * Makes sure that there is a database, or that a new one is meant; gives whether it will be new.
 * Throws: a start fault where there is none and nobody stated that it is to be made.
 * Why: a mistyped folder would begin another database in silence, without the keys and clients of the first.
 */
export async function demandDatabase(config: Config, wanted: Wanted): Promise<boolean> {
  const { begins, migrates = config.migrate } = wanted
  const isMissing = isPostgresAddress(databaseOf(config))
    ? migrates && (await isEmpty(config))
    : !existsSync(databaseOf(config))
  if (isMissing && begins !== true) throw startFault(absence(config, begins !== undefined))
  return isMissing
}

/** Says that there is no database, and names the ways out. */
function absence(config: Config, mayBegin: boolean): string {
  const way = mayBegin ? ', or state --new to make one' : ''
  if (isPostgresAddress(databaseOf(config)))
    return `There is no database of this program at DATABASE_URL: correct the address${way}.`
  return `There is no database ${databaseOf(config)}: name the data folder of the service with --data-dir or COUNTERSIGN_DATA_DIR${way}.`
}

/** The name of the database, without an address that may hold a password. */
export function databaseName(config: Config): string {
  const address = databaseOf(config)
  return isPostgresAddress(address) ? 'the Postgres database of DATABASE_URL' : address
}

async function isEmpty(config: Config): Promise<boolean> {
  const { migrateStore } = await import('../store/open-store.ts')
  const { processSystem } = await import('../main/system.ts')
  const { now, randomId } = processSystem()
  const steps = await migrateStore(databaseOf(config), { now, randomId }, { dryRun: true })
  return steps.some(({ number }) => number === 1)
}
