import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { StoreDeps } from '../port/deps.ts'
import { isStoreFault, storeFault } from '../port/fault.ts'
import { pendingMigrations, type Migration } from '../port/migration.ts'
import type { KeyRecord } from '../port/records.ts'
import type { Driver, Param, Row } from '../port/verb.ts'
import { openLocked, type Connection } from '../sqlite/database.ts'
import { drive } from '../sqlite/write-queue.ts'
import { keyVerbs } from '../verbs/keys.ts'
import { number, text } from '../verbs/columns.ts'
import { movedTables } from './moved-tables.ts'

/** A SQLite database to be moved. No other process can use it until it is closed, and nothing writes to it. */
export interface MoveSource {
  readonly columnsOf: (table: string) => readonly string[]
  /** Gives the rows of a table in parts, each a list of values in the order of the columns. */
  readonly partsOf: (
    table: string,
    columns: readonly string[],
  ) => Iterable<readonly (readonly Param[])[]>
  /** The highest number that the database gave to a row of the table; 0 for none. */
  readonly lastIdentityOf: (table: string) => number
  readonly keys: () => Promise<readonly KeyRecord[]>
  readonly close: () => void
}

/**
 * Opens the file of a stopped service.
 * Throws: faults `busy` while a process uses the file; `schema` for an older, newer or foreign schema; `broken`,
 * `read_only`, `unwritable`.
 */
export function openMoveSource(
  file: string,
  { now }: Pick<StoreDeps, 'now'>,
  known: readonly Migration[],
): MoveSource {
  const connection = lock(file, now)
  const ask = (sql: string, ...params: readonly Param[]) => connection.run({ sql, params })
  try {
    checkSchema(file, ask, known)
  } catch (thrown) {
    connection.close()
    throw thrown
  }
  return {
    columnsOf: (table) =>
      ask(`select name from pragma_table_info($1) order by cid`, table).map((row) =>
        text(row, 'name'),
      ),
    partsOf: (table, columns) => readParts(ask, table, columns),
    lastIdentityOf(table) {
      const [row] = ask(`select seq from sqlite_sequence where name = $1`, table)
      return row === undefined ? 0 : number(row, 'seq')
    },
    keys: () => keyVerbs(readerOf(connection)).list(),
    close: () => connection.close(),
  }
}

function lock(file: string, now: StoreDeps['now']): Connection {
  if (!existsSync(file)) {
    throw storeFault(
      'unwritable',
      `There is no file ${file}: name the database of the stopped service.`,
    )
  }
  try {
    return openLocked(file, now)
  } catch (thrown) {
    if (!isStoreFault(thrown) || thrown.kind !== 'busy') throw thrown
    throw storeFault(
      'busy',
      `A process uses the database ${file}: stop the service, and repeat the command.`,
      { cause: thrown },
    )
  }
}

type AskSource = (sql: string, ...params: readonly Param[]) => readonly Row[]

function checkSchema(file: string, ask: AskSource, known: readonly Migration[]): void {
  const tables = ask(
    `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name`,
  ).map((row) => text(row, 'name'))
  const applied = tables.includes('schema_migrations')
    ? ask('select number, checksum from schema_migrations')
    : []
  const lacking = pendingMigrations(
    applied.map((row) => ({ number: number(row, 'number'), checksum: text(row, 'checksum') })),
    known,
  )
  if (lacking.length > 0) {
    throw storeFault(
      'schema',
      `The database ${file} has an older schema: run "countersign migrate --data-dir ${dirname(file)}" without DATABASE_URL, and repeat the command.`,
    )
  }
  const listed = new Set(movedTables.map(({ name }) => name))
  const unlisted = tables.filter((name) => !listed.has(name))
  if (unlisted.length > 0) {
    throw storeFault(
      'schema',
      `The database ${file} has tables that this program does not know: ${unlisted.join(', ')}. Remove them, or move with the program that made them.`,
    )
  }
}

/** The most values of one part. Postgres takes 65,535 of them in one statement. */
const partValuesMax = 16_000
const partRowsMax = 1_000

function* readParts(
  ask: AskSource,
  table: string,
  columns: readonly string[],
): Generator<readonly (readonly Param[])[]> {
  const limit = Math.min(partRowsMax, Math.floor(partValuesMax / columns.length))
  const sql = `select rowid as row_of_part, * from ${quoted(table)} where rowid > $1 order by rowid limit $2`
  for (let after = 0; ;) {
    const rows = ask(sql, after, limit)
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows.map((row) => columns.map((column) => valueOf(row, column)))
    after = number(last, 'row_of_part')
  }
}

/** Writes a name as an identifier, in both databases. */
export function quoted(name: string): string {
  return `"${name}"`
}

function valueOf(row: Row, column: string): Param {
  const value = row[column]
  if (value === null || typeof value === 'string' || typeof value === 'number') return value
  if (value instanceof Uint8Array) return value
  throw new Error(`the column ${column} holds a ${typeof value}`)
}

/** A driver that only reads. */
function readerOf(connection: Connection): Driver {
  return {
    read: async (verb) => drive(connection, verb(), { topics: new Set(), events: [] }),
    write: () => Promise.reject(new Error('the source of a move takes no writes')),
    onCommit: () => () => {},
    health: async () => ({ ok: true, detail: 'sqlite' }),
    close: async () => connection.close(),
  }
}
