import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { EpochSeconds } from '@countersign/jwt'
import { migrations } from '../../packages/server/src/store/migrations/migrations.ts'
import { migrateDatabase } from '../../packages/server/src/store/postgres/driver.ts'
import { migrateFile } from '../../packages/server/src/store/sqlite/driver.ts'
import { createDatabase } from '../postgres/shared.ts'
import { randomId } from '../store/ids.ts'
import type { RecordedValue, Recording } from './recorded.ts'

/** A database of an earlier schema with live rows. */
export interface OldDatabase {
  readonly address: string
  readonly recording: Recording
  /** The moment of the recording in this database. Units: seconds. */
  readonly moment: number
  readonly drop: () => Promise<void>
}

export type Kind = 'sqlite' | 'postgres'

/**
 * Makes a database as the program of one schema left it: the recording of this schema, or of the last one before it that was
 * recorded, with the steps since then. Schema 1 has the first recording without the tables of later steps.
 */
export async function makeOldDatabase(kind: Kind, schema: number): Promise<OldDatabase> {
  const recording = recordingOf(schema)
  const recordedSchema = Math.min(recording.schema, schema)
  const moment = Math.floor(Date.now() / 1000)
  const base = await startBase(kind)
  await base.migrate(recordedSchema)
  await base.fill((tables) => insertsOf(recording, moment, tables, base.bytes))
  await base.migrate(schema)
  return { address: base.address, recording, moment, drop: base.drop }
}

/** Makes an empty database. */
export async function startBase(kind: Kind): Promise<Base> {
  return kind === 'sqlite' ? startFile() : startDatabase()
}

function recordingOf(schema: number): Recording {
  const folder = join(import.meta.dirname, 'schemas')
  const recordings = readdirSync(folder)
    .toSorted()
    .map((name): Recording => JSON.parse(readFileSync(join(folder, name), 'utf8')))
  const [first] = recordings
  const found = recordings.findLast((one) => one.schema <= schema) ?? first
  if (found === undefined) throw new Error('there is no recording')
  return found
}

/** A database that a test brings to one schema and fills. */
export interface Base {
  readonly address: string
  readonly migrate: (schema: number) => Promise<unknown>
  /** Runs the statements that are made from the names of the tables. */
  readonly fill: (statements: (tables: ReadonlySet<string>) => readonly string[]) => Promise<void>
  readonly bytes: (hex: string) => string
  readonly drop: () => Promise<void>
}

const deps = { now: () => (Date.now() / 1000) as EpochSeconds, randomId }
const steps = (schema: number) => migrations.slice(0, schema)

function startFile(): Base {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-upgrade-'))
  const address = join(folder, 'data', 'countersign.db')
  return {
    address,
    migrate: async (schema) => migrateFile(address, deps, steps(schema), false),
    fill: async (statements) => {
      const database = new DatabaseSync(address)
      const rows = database.prepare(`select name from sqlite_schema where type = 'table'`).all()
      const tables = new Set(rows.map((row) => String(row['name'])))
      database.exec(['begin', ...statements(tables), 'commit'].join(';\n'))
      database.close()
    },
    bytes: (hex) => `x'${hex}'`,
    drop: async () => rmSync(folder, { recursive: true }),
  }
}

async function startDatabase(): Promise<Base> {
  const database = await createDatabase()
  return {
    address: database.url,
    migrate: (schema) => migrateDatabase(database.url, deps, steps(schema), false),
    fill: async (statements) => {
      const rows = await database.sql(
        `select table_name as name from information_schema.tables where table_schema = 'public'`,
      )
      const tables = new Set(rows.map((row) => String(row['name'])))
      // One simple query is one transaction.
      await database.sql(statements(tables).join(';\n'))
    },
    bytes: (hex) => `'\\x${hex}'::bytea`,
    drop: () => database.drop(),
  }
}

function insertsOf(
  { rows }: Recording,
  moment: number,
  tables: ReadonlySet<string>,
  bytes: (hex: string) => string,
): readonly string[] {
  const literal = (value: RecordedValue): string => {
    if (value === null) return 'null'
    if (typeof value === 'number') return String(value)
    if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
    return 'time' in value ? String(moment + value.time) : bytes(value.bytes)
  }
  const inserts = Object.entries(rows).flatMap(([table, list]) =>
    tables.has(table)
      ? list.map((row) => {
          const values = Object.values(row).map(literal).join(', ')
          return `insert into ${table} (${Object.keys(row).join(', ')}) values (${values})`
        })
      : [],
  )
  // The first step of the schema made this row for an empty database.
  return ['delete from log_head', ...inserts]
}
