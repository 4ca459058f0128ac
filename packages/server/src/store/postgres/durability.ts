import type { Connections } from './connections.ts'
import { faultOf } from './faults.ts'

const settingsSql = `select name, setting from pg_settings
  where name in ('fsync', 'full_page_writes', 'synchronous_commit')`

/**
 * Makes sure that Postgres acknowledges a commit only when it is on disk.
 * Throws: a `durability` fault when one of the three settings is off.
 */
export async function checkDurability({ transactions }: Connections): Promise<void> {
  const rows = await transactions.query(settingsSql)
  if (rows.some((row) => row['setting'] === 'off')) throw faultOf('durability')
}
