import type { StoreDeps } from '../port/deps.ts'
import {
  checksumOf,
  migrationTableSql,
  pendingMigrations,
  type AppliedMigration,
  type Migration,
} from '../port/migration.ts'
import type { Param, Row } from '../port/verb.ts'
import type { Connection } from './database.ts'

/**
 * Applies the schema steps that a file lacks, in one transaction that a second process waits for; or only lists them.
 * A file with all steps is only read, so it opens while a service writes to it without a pause.
 * Throws: a `schema` fault for a newer or foreign schema.
 */
export function migrateSqlite(
  connection: Connection,
  { randomId, now }: Pick<StoreDeps, 'randomId' | 'now'>,
  known: readonly Migration[],
  dryRun = false,
): readonly Migration[] {
  const run = (sql: string, ...params: readonly Param[]) => connection.run({ sql, params })
  const lacking = () => pendingMigrations(appliedOn(run), known)
  connection.exec('pragma busy_timeout = 3000')
  try {
    const seen = lacking()
    if (dryRun || seen.length === 0) return seen
    connection.exec('begin immediate')
    const pending = lacking()
    run(migrationTableSql)
    for (const migration of pending) {
      for (const statement of migration.statements) run(statement)
      run(
        `insert into schema_migrations (number, name, checksum, applied_at) values ($1, $2, $3, $4)`,
        migration.number,
        migration.name,
        checksumOf(migration),
        now(),
      )
    }
    run(
      `insert into log_head (one, epoch, revocations, changes, ttl_ceiling) values (1, $1, 0, 0, 0)
       on conflict (one) do nothing`,
      randomId(),
    )
    connection.exec('commit')
    return pending
  } catch (thrown) {
    if (connection.inTransaction()) connection.exec('rollback')
    throw thrown
  } finally {
    connection.exec('pragma busy_timeout = 10')
  }
}

function appliedOn(run: (sql: string) => readonly Row[]): readonly AppliedMigration[] {
  const [there] = run(`select 1 as one from sqlite_schema where name = 'schema_migrations'`)
  if (there === undefined) return []
  return run(`select number, checksum from schema_migrations`).map(appliedOf)
}

function appliedOf(row: Row): AppliedMigration {
  return { number: Number(row['number']), checksum: String(row['checksum']) }
}
