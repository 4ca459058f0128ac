import { migrations } from './migrations/migrations.ts'
import type { StoreDeps } from './port/deps.ts'
import type { Store } from './port/store.ts'
import { openSqlite } from './sqlite/driver.ts'
import { createStore } from './verbs/create-store.ts'

/**
 * Opens the database that an address names: a path is a SQLite file, `postgres://…` a Postgres database.
 * Throws: a `StoreFault` whose message is one sentence with the remedy.
 */
export async function openStore(address: string, deps: StoreDeps): Promise<Store> {
  return createStore(openSqlite(address, deps, migrations))
}
