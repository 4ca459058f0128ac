import type { Connections } from './connections.ts'
import { faultOf } from './faults.ts'

const settingsSql = `select name, setting from pg_settings
  where name in ('fsync', 'full_page_writes', 'synchronous_commit')`

/**
 * Makes sure that what Postgres acknowledges is on its disk.
 * Throws: a `durability` fault when one of the three switches is off.
 */
export async function checkDurability({ acts }: Connections): Promise<void> {
  const rows = await acts.query(settingsSql)
  if (rows.some((row) => row['setting'] === 'off')) throw faultOf('durability')
}
