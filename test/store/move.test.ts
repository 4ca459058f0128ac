import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { moveDatabase } from '../../packages/server/src/store/move/move-database.ts'
import { movedTables } from '../../packages/server/src/store/move/moved-tables.ts'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import type { StoreDeps } from '../../packages/server/src/store/port/deps.ts'
import { createDatabase, openSession, type Database } from '../postgres/shared.ts'
import { randomId, startOfTime } from './ids.ts'
import { aClient, context } from './records.ts'

const deps: StoreDeps = { now: () => startOfTime, randomId }
const partRows = 1_000
const copied = movedTables.filter(({ rows }) => rows === 'copy')

let folder: string
let file: string
let target: Database
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-move-'))
  file = join(folder, 'data', 'countersign.db')
  target = await createDatabase()
  await (await openStore(file, deps)).close()
})
afterEach(async () => {
  await target.drop()
  await rm(folder, { recursive: true })
})

/** Moves the file of the test; gives the outcome, or the text of the fault. */
async function move(from = file): Promise<unknown> {
  return await moveDatabase({ from, to: target.url }, deps, context).catch(String)
}

/** Works on the file as another program does. */
function meddle<T>(work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(file)
  try {
    return work(database)
  } finally {
    database.close()
  }
}

const tablesSql = `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'`

describe('the list of tables', () => {
  const listed = movedTables.map(({ name }) => name).toSorted()

  test('has each table of the SQLite schema', () => {
    const tables = meddle((database) => database.prepare(tablesSql).all().map(nameOf))
    expect(listed).toEqual(tables.toSorted())
  })

  test('has each table of the Postgres schema', async () => {
    await (await openStore(target.url, { ...deps, migrate: true })).close()
    const tables = await target.sql(
      `select tablename as name from pg_tables where schemaname = 'public'`,
    )
    expect(listed).toEqual(tables.map(nameOf).toSorted())
  })

  test('names the identity of each table whose rows the database numbers', () => {
    const numbered = meddle((database) =>
      database.prepare(`${tablesSql} and sql like '%autoincrement%'`).all().map(nameOf),
    )
    const named = movedTables.filter(({ identity }) => identity !== undefined)
    expect(named.map(nameOf)).toEqual(numbered)
  })
})

function nameOf(row: { readonly name?: unknown }): string {
  return String(row.name)
}

interface Column {
  readonly name: string
  readonly type: string
  readonly notnull: number
  readonly pk: number
}

function columnsOf(database: DatabaseSync, table: string): readonly Column[] {
  const sql = `select name, lower(type) as type, "notnull", pk from pragma_table_info('${table}')`
  return database.prepare(sql).all() as unknown as readonly Column[]
}

/** Fills each copied table with rows of all types, with more than one part of them where it can have so many. */
function fillTables(): void {
  meddle((database) => {
    for (const { name } of copied) {
      const columns = columnsOf(database, name)
      const places = columns.map(() => '?').join(', ')
      const insert = database.prepare(`insert into ${name} values (${places})`)
      const isSingle = columns.some((column) => column.name === 'one')
      database.exec('begin')
      for (let row = 1; row <= (isSingle ? 1 : partRows + 1); row += 1)
        insert.run(...columns.map((column) => valueOf(column, name, row)))
      database.exec('commit')
    }
    database.exec(`update log_head set revocations = 7, changes = 9, hash = 'abc', hash_at = 7`)
  })
}

function valueOf({ name, type, notnull, pk }: Column, table: string, row: number): SQLInputValue {
  if (name === 'one') return 1
  if (notnull === 0 && pk === 0 && row % 2 === 0) return null
  switch (type) {
    case 'text':
      return `${table} ${name} ${row} 'ü"\n\\`
    case 'blob':
      return new Uint8Array([row & 0xff, row >> 8, 0, 255])
    case 'double precision':
      return startOfTime + row / 7
    default:
      return row
  }
}

/** All rows of a table as texts that both databases spell alike, in one order. */
function textsOf(rows: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  const pairsOf = (row: Readonly<Record<string, unknown>>) =>
    Object.entries(row).map(([name, value]) => [name, textOf(value)])
  return rows.map((row) => JSON.stringify(pairsOf(row))).toSorted()
}

/** The tests' Postgres gives large integers as text. */
function textOf(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return typeof value === 'number' ? String(value) : value
}

describe('a move', () => {
  test('copies every row of every table, its bytes and fractions included, and leaves the source as it was', async () => {
    fillTables()
    const before = dumpFile()
    const outcome = await move()
    const counts = Object.fromEntries(before.map(([name, rows]) => [name, rows.length]))
    expect(outcome).toEqual({ outcome: 'moved', rows: counts })
    for (const [name, rows] of before) {
      const columns = meddle((database) =>
        columnsOf(database, name).map((column) => `"${column.name}"`),
      )
      const moved = await target.sql(`select ${columns.join(', ')} from ${name}`)
      const events = moved.filter((row) => !String(row['body']).includes('database_moved'))
      expect(textsOf(events), name).toEqual(rows)
    }
    expect(dumpFile()).toEqual(before)
  })

  /** The rows of each table that moves. */
  function dumpFile(): readonly (readonly [string, readonly string[]])[] {
    return meddle((database) =>
      movedTables
        .filter(({ rows }) => rows !== 'leave')
        .map(
          ({ name }) => [name, textsOf(database.prepare(`select * from ${name}`).all())] as const,
        ),
    )
  }

  test('is an event of the audit log, whose number is above every number that the source ever gave', async () => {
    const store = await openStore(file, deps)
    await store.clients.add(aClient, context)
    await store.close()
    meddle((database) => {
      database.exec(`insert into audit (id, at, body) values (4000, 0, '{}')`)
      database.exec('delete from audit where id = 4000')
    })
    await move()
    const rows = await target.sql(`select id::int as id, body from audit order by id`)
    expect(rows.map(({ id }) => id)).toEqual([1, 4001])
    expect(JSON.parse(String(rows[1]?.['body']))).toMatchObject({
      event: 'database_moved',
      rows: 5,
      actor: 'operator',
    })
  })

  test('keeps the head of both logs', async () => {
    const store = await openStore(file, deps)
    await store.clients.add(aClient, context)
    await store.clients.disable(aClient.id, context)
    const head = await store.revocations.head()
    await store.close()
    await move()
    const moved = await openStore(target.url, deps)
    onTestFinished(() => moved.close())
    expect(await moved.revocations.head()).toEqual(head)
    expect(await moved.clients.find(aClient.id)).toMatchObject({ enabled: false, version: 2 })
  })

  test.each(['log_head', 'families', 'audit_tip'])(
    'that is killed at %s leaves an empty database, and a second one does all of it',
    async (table) => {
      fillTables()
      const program = join(import.meta.dirname, 'move-and-tell.ts')
      const child = promisify(execFile)(process.execPath, [
        '--conditions=countersign-source',
        program,
        file,
        target.url,
        table,
      ])
      const fault = await child.catch((thrown: unknown) => thrown)
      expect(fault).toMatchObject({ signal: 'SIGKILL', stdout: expect.stringContaining(table) })
      for (const { name } of copied)
        expect(await target.sql(`select * from ${name}`), name).toEqual([])
      expect(await target.sql('select revocations::int as n from log_head')).toEqual([{ n: 0 }])
      expect(await move()).toMatchObject({
        outcome: 'moved',
        rows: { audit_tip: 1, families: partRows + 1 },
      })
    },
    30_000,
  )
})

describe('a move refuses', () => {
  test('a target that holds rows, and names them', async () => {
    const store = await openStore(target.url, { ...deps, migrate: true })
    await store.clients.add(aClient, context)
    await store.close()
    expect(await move()).toEqual({
      outcome: 'occupied',
      rows: { log_head: 1, clients: 1, changes: 1, log_links: 1, audit: 1 },
    })
    expect(await target.sql('select * from clients')).toHaveLength(1)
  })

  test('a second time, with the same target', async () => {
    await move()
    expect(await move()).toEqual({ outcome: 'occupied', rows: { audit: 1 } })
  })

  test('a file that an idle service has open, and takes it once the service has stopped', async () => {
    const store = await openStore(file, deps)
    expect(await move()).toContain(`A process uses the database ${file}: stop the service`)
    await store.close()
    expect(await move()).toMatchObject({ outcome: 'moved' })
  })

  test('a target whose tables another session has locked', async () => {
    await (await openStore(target.url, { ...deps, migrate: true })).close()
    const session = await openSession(target.url)
    onTestFinished(() => session.release())
    await session.sql('begin; lock table clients')
    expect(await move()).toContain('Postgres took too long over a statement')
  })

  test.each([
    {
      name: 'an older schema, and names the command that takes the steps',
      meddling: 'delete from schema_migrations where number = 3',
      says: 'run "countersign migrate --data-dir',
    },
    {
      name: 'a newer schema',
      meddling: `insert into schema_migrations values (99, 'later', 'x', 0)`,
      says: 'newer than this program knows',
    },
    {
      name: 'another text of a step',
      meddling: `update schema_migrations set checksum = 'x' where number = 1`,
      says: 'is not the one this program knows',
    },
    {
      name: 'a table that it does not know',
      meddling: 'create table guests (a text)',
      says: 'tables that this program does not know: guests',
    },
    {
      name: 'a database of another program',
      meddling: 'pragma application_id = 7',
      says: 'is not a sound database of countersign',
    },
  ])('$name', async ({ meddling, says }) => {
    meddle((database) => database.exec(meddling))
    expect(await move()).toContain(says)
    expect(await target.sql(`select tablename from pg_tables where schemaname = 'public'`)).toEqual(
      [],
    )
  })

  test('a file that is no database', async () => {
    const other = join(folder, 'notes.txt')
    await writeFile(other, 'this is no database, whatever its name says')
    expect(await move(other)).toContain('is not a sound database of countersign')
  })

  test('a file that is missing, and makes none', async () => {
    const missing = join(folder, 'none.db')
    expect(await move(missing)).toContain(`There is no file ${missing}`)
    expect(existsSync(missing)).toBe(false)
  })

  test('keys that cannot be unsealed, before it touches the target', async () => {
    const checkKeys = () => {
      throw new Error('another key')
    }
    const moving = moveDatabase({ from: file, to: target.url, checkKeys }, deps, context)
    await expect(moving).rejects.toThrow('another key')
    expect(await target.sql(`select tablename from pg_tables where schemaname = 'public'`)).toEqual(
      [],
    )
  })
})
