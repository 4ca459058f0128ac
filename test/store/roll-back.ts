import type { TestDatabase } from './databases.ts'

const tables = [
  'log_head',
  'revocations',
  'log_links',
  'changes',
  'clients',
  'resources',
  'keys',
  'families',
  'users',
  'status_lists',
  'status_entries',
] as const

/** Remembers a database as it is now; the function that it gives brings it back there, as a failover that lost commits. */
export async function savePoint(
  database: Pick<TestDatabase, 'sqlTogether'>,
): Promise<() => Promise<void>> {
  await database.sqlTogether(
    tables.flatMap((table) => [
      `drop table if exists saved_${table}`,
      `create table saved_${table} as select * from ${table}`,
    ]),
  )
  return () =>
    database.sqlTogether(
      tables.flatMap((table) => [
        `delete from ${table}`,
        `insert into ${table} select * from saved_${table}`,
      ]),
    )
}
