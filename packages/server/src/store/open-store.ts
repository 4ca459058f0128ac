import { isPostgresAddress } from '../config/postgres-address.ts'
import { migrations } from './migrations/migrations.ts'
import type { StoreDeps } from './port/deps.ts'
import type { Migration } from './port/migration.ts'
import type { Driver } from './port/verb.ts'
import type { Store } from './port/store.ts'
import { migrateFile, openSqlite } from './sqlite/driver.ts'
import { createStore } from './verbs/create-store.ts'

/** The number of the last schema step of this program. A store that opened has exactly this schema. */
export const schemaNumber = Math.max(...migrations.map(({ number }) => number))

/**
 * Opens the database that an address names: `postgres://…` a Postgres database, anything else a SQLite file.
 * Throws: a `StoreFault` whose message is one sentence with the remedy.
 */
export async function openStore(address: string, deps: StoreDeps): Promise<Store> {
  return createStore(await openDriver(address, deps), deps.randomId)
}

/**
 * Applies the schema steps that a database lacks, or with `dryRun` only lists them.
 * Throws: a `StoreFault` whose message is one sentence with the remedy.
 */
export async function migrateStore(
  address: string,
  deps: StoreDeps,
  { dryRun }: { readonly dryRun: boolean },
): Promise<readonly Pick<Migration, 'number' | 'name'>[]> {
  const steps = await migrateAt(address, deps, dryRun)
  return steps.map(({ number, name }) => ({ number, name }))
}

async function migrateAt(
  address: string,
  deps: StoreDeps,
  dryRun: boolean,
): Promise<readonly Migration[]> {
  if (!isPostgresAddress(address)) return migrateFile(address, deps, migrations, dryRun)
  const { migrateDatabase } = await import('./postgres/driver.ts')
  return await migrateDatabase(address, deps, migrations, dryRun)
}

async function openDriver(address: string, deps: StoreDeps): Promise<Driver> {
  if (!isPostgresAddress(address)) return openSqlite(address, deps, migrations)
  // Loaded only where it is used: a start on SQLite is quicker without it.
  const { openPostgres } = await import('./postgres/driver.ts')
  return await openPostgres(address, deps, migrations)
}
