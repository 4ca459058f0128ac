import type { AuditContext } from '../../audit/events.ts'
import { migrations } from '../migrations/migrations.ts'
import type { StoreDeps } from '../port/deps.ts'
import { storeFault } from '../port/fault.ts'
import type { KeyRecord } from '../port/records.ts'
import { all, one, run, undo, type Verb } from '../port/verb.ts'
import { number, text } from '../verbs/columns.ts'
import { writeAudit } from '../verbs/log.ts'
import { movedTables, type MovedTable } from './moved-tables.ts'
import { openMoveSource, quoted, type MoveSource } from './source.ts'

/** The count of rows of each table. */
export type RowCounts = Readonly<Record<string, number>>

/** `occupied`: the target holds these rows already, and nothing changed. */
export type MoveOutcome =
  | { readonly outcome: 'moved'; readonly rows: RowCounts }
  | { readonly outcome: 'occupied'; readonly rows: RowCounts }

export interface Move {
  /** The SQLite file of a stopped service. */
  readonly from: string
  /** The address of an empty Postgres database; it gets the schema if it lacks it. */
  readonly to: string
  /** Throws where the keys of the source cannot be unsealed; nothing changes then. */
  readonly checkKeys?: (keys: readonly KeyRecord[]) => void
  /** Is called before the rows of each table are copied. */
  readonly onTable?: (name: string) => void
}

/**
 * Copies all rows of a SQLite database to an empty Postgres database, in one transaction. The source stays unchanged.
 * Numbers, hashes and epochs carry over, so that guards and nodes see the same logs.
 * Throws: faults of both stores, and those of `checkKeys`; the target is then empty.
 */
export async function moveDatabase(
  { from, to, checkKeys, onTable = () => {} }: Move,
  deps: StoreDeps,
  audit: AuditContext,
): Promise<MoveOutcome> {
  const source = openMoveSource(from, deps, migrations)
  try {
    checkKeys?.(await source.keys())
    const { openPostgres } = await import('../postgres/driver.ts')
    const driver = await openPostgres(to, { ...deps, migrate: true, patienceMs }, migrations)
    try {
      return await driver.write(() => copyAll(source, onTable, audit))
    } finally {
      await driver.close()
    }
  } finally {
    source.close()
  }
}

/** How long a move may take. Units: milliseconds. */
const patienceMs = 4 * 3_600_000

function* copyAll(
  source: MoveSource,
  onTable: (name: string) => void,
  audit: AuditContext,
): Verb<MoveOutcome> {
  yield* run(`set local lock_timeout = '5s'`)
  const names = movedTables.map(({ name }) => quoted(name)).join(', ')
  // A node that starts meanwhile waits, and then finds all rows.
  yield* all(`lock table ${names} in access exclusive mode`)
  const occupied = yield* countRows()
  if (Object.keys(occupied).length > 0)
    return yield* undo({ outcome: 'occupied' as const, rows: occupied })
  const rows: Record<string, number> = {}
  for (const table of movedTables) {
    if (table.rows === 'leave') continue
    onTable(table.name)
    rows[table.name] = yield* copyTable(source, table)
  }
  const total = Object.values(rows).reduce((sum, count) => sum + count, 0)
  yield* writeAudit({ event: 'database_moved', rows: total }, audit)
  return { outcome: 'moved', rows }
}

/** Counts the rows of each table that is not as a new schema has it. */
function* countRows(): Verb<RowCounts> {
  const counting = movedTables
    .filter(({ name }) => name !== 'schema_migrations')
    .map(({ name, rows }) => {
      // The row of a new schema has given no number yet.
      const used = rows === 'replace' ? ' where revocations > 0 or changes > 0' : ''
      return `select '${name}' as name, count(*) as n from ${quoted(name)}${used}`
    })
  const counts = yield* all(counting.join(' union all '))
  return Object.fromEntries(
    counts
      .map((row) => [text(row, 'name'), number(row, 'n')] as const)
      .filter(([, count]) => count > 0),
  )
}

function* copyTable(source: MoveSource, { name, rows, identity }: MovedTable): Verb<number> {
  const columns = source.columnsOf(name)
  if (columns.length === 0) throw storeFault('schema', `The source has no table ${name}.`)
  if (rows === 'replace') yield* run(`delete from ${quoted(name)}`)
  let count = 0
  for (const part of source.partsOf(name, columns)) {
    // It waits for each part, so that only one is in memory.
    yield* all(insertSql(name, columns, part.length, identity), ...part.flat())
    count += part.length
  }
  const last = identity === undefined ? 0 : source.lastIdentityOf(name)
  if (last > 0)
    yield* one(`select setval(pg_get_serial_sequence($1, $2), $3)`, name, identity ?? '', last)
  return count
}

function insertSql(
  table: string,
  columns: readonly string[],
  rows: number,
  identity: string | undefined,
): string {
  const overriding = identity === undefined ? '' : ' overriding system value'
  const values = Array.from({ length: rows }, (_, row) => {
    const places = columns.map((_name, column) => `$${row * columns.length + column + 1}`)
    return `(${places.join(', ')})`
  })
  return `insert into ${quoted(table)} (${columns.map(quoted).join(', ')})${overriding} values ${values.join(', ')}`
}
