import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { firstNumber } from './seed.ts'

/** Copies the first user of a database, with name, password and access, until there are so many. */
export async function fillUsers(database: string, count: number): Promise<void> {
  if (!database.startsWith('postgres')) return fillSqlite(database, count)
  const client = new pg.Client({ connectionString: database })
  await client.connect()
  try {
    const numbers = `generate_series(1, ${count - 1}) as n`
    for (const statement of copies(numbers, `sha256(convert_to('bench' || n, 'UTF8'))`))
      await client.query(statement)
    await client.query('analyze')
  } finally {
    await client.end()
  }
}

function fillSqlite(file: string, count: number): void {
  const database = new DatabaseSync(file)
  const numbers = `(with recursive numbers(n) as
    (select 1 union all select n + 1 from numbers where n < ${count - 1}) select n from numbers)`
  database.exec('pragma cache_size = -200000')
  database.exec('begin')
  for (const statement of copies(numbers, 'randomblob(32)')) database.exec(statement)
  database.exec('commit')
  database.exec('pragma wal_checkpoint(truncate)')
  database.close()
}

function copies(numbers: string, handle: string): readonly string[] {
  const id = `'bench-' || (${firstNumber} + n)`
  const name = `'person' || (${firstNumber} + n)`
  return [
    `insert into users (id, status, version, handle, profile, profile_at, created_at)
      select ${id}, status, version, ${handle}, profile, profile_at, created_at
      from ${numbers}, (select * from users limit 1) as first`,
    `insert into user_names (key, user_id, kind, shown, verified_at, added_at)
      select ${name}, ${id}, kind, ${name}, verified_at, added_at
      from ${numbers}, (select * from user_names limit 1) as first`,
    `insert into passwords (user_id, hash, pepper_id, set_at, must_change)
      select ${id}, hash, pepper_id, set_at, must_change
      from ${numbers}, (select * from passwords limit 1) as first`,
    `insert into user_access (user_id, audience, scopes, roles)
      select ${id}, audience, scopes, roles
      from ${numbers}, (select * from user_access limit 1) as first`,
  ]
}
