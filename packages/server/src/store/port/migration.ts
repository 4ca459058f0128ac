import { createHash } from 'node:crypto'
import { storeFault } from './fault.ts'

/** One step of the schema. Once released its text never changes; the checksum shows a change. */
export interface Migration {
  readonly number: number
  readonly name: string
  readonly statements: readonly string[]
}

/** A step that a database has recorded as applied. */
export interface AppliedMigration {
  readonly number: number
  readonly checksum: string
}

/** Makes the table in which a database records its steps. It runs before every other statement and may be repeated. */
export const migrationTableSql = `create table if not exists schema_migrations (
  number bigint primary key,
  name text not null,
  checksum text not null,
  applied_at double precision not null
)`

/**
 * Lists the steps that a database still needs.
 * Throws: a `schema` fault when the database knows a step that this program does not, or another text of one.
 */
export function pendingMigrations(
  applied: readonly AppliedMigration[],
  known: readonly Migration[],
): readonly Migration[] {
  const byNumber = new Map(known.map((migration) => [migration.number, migration]))
  for (const { number, checksum } of applied) {
    const migration = byNumber.get(number)
    if (migration === undefined) {
      throw storeFault(
        'schema',
        `The database has schema ${number}, newer than this program knows (${known.length}). Start a newer version of countersign.`,
      )
    }
    if (checksumOf(migration) !== checksum) {
      throw storeFault(
        'schema',
        `Schema step ${number} (${migration.name}) of the database is not the one this program knows. Restore a backup, or start the version that made it.`,
      )
    }
  }
  const done = new Set(applied.map(({ number }) => number))
  return known.filter(({ number }) => !done.has(number))
}

/** The fingerprint of a step, over its text before any dialect. */
export function checksumOf(migration: Migration): string {
  return createHash('sha256').update(JSON.stringify(migration.statements)).digest('hex')
}
