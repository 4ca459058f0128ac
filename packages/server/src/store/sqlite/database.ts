import { hash as sha256 } from 'node:crypto'
import { chmodSync, closeSync, lstatSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite'
import type { EpochSeconds } from '@countersign/jwt'
import { makeFolder } from '../../config/make-folder.ts'
import { renderSql, type Dialect } from '../port/sql.ts'
import type { Ask, Row } from '../port/verb.ts'
import { isStoreFault } from '../port/fault.ts'
import { faultOf, sqliteFault } from './faults.ts'

/** One connection, with only the functions that the driver needs. Why: node:sqlite may still change, and then only this file changes. */
export interface Connection {
  /** Runs one prepared statement and gives its rows. */
  run(ask: Pick<Ask, 'sql' | 'params'>): readonly Row[]
  exec(sql: string): void
  /** Whether a transaction is open. A full disk ends it without a statement of ours. */
  inTransaction(): boolean
  close(): void
}

/** The dialect of SQLite. */
const dialect: Dialect = {
  // Each connection defines this function.
  now: 'countersign_now()',
  lock: '',
  share: '',
  skip: '',
  bytes: 'blob',
  identity: 'integer primary key autoincrement',
  fill: '',
  chain: (column, digest) => `countersign_chain(${column}, ${digest})`,
  param: (n) => `?${n}`,
}

// "CSGN" in a header field that SQLite reserves for its users.
const applicationId = 0x4353474e

/**
 * Opens the file for writing. A missing file is made with mode 0600, a missing folder with mode 0700.
 * Throws: faults `unwritable`, `broken`, `durability` (no write-ahead log on this file system).
 */
export function openWriter(file: string, now: () => EpochSeconds): Connection {
  return guarded(file, () => {
    makeFolder(dirname(file))
    refuseEmptyLink(file)
    closeSync(openSync(file, 'a', 0o600))
    const database = new DatabaseSync(file, { timeout: startMs, enableForeignKeyConstraints: true })
    // First, so that a file of another program stays unchanged, its mode included.
    const owner = checkOwner(database, file)
    denyOthers(file)
    if (journalModeOf(database, file) !== 'wal') throw faultOf('durability', file)
    // Written only once, because it needs the lock, and a service under load may hold that.
    if (owner === 'new') database.exec(`pragma application_id = ${applicationId}`)
    database.exec(
      'pragma synchronous = full; pragma trusted_schema = off; pragma busy_timeout = 10',
    )
    return connectionOf(database, file, now)
  })
}

/**
 * Turns the write-ahead log on and gives the mode that the file then has.
 * Why it tries again: SQLite does not apply its busy timeout here, and two processes may open a new file at once.
 */
function journalModeOf(database: DatabaseSync, file: string): unknown {
  const switchOn = database.prepare('pragma journal_mode = wal')
  const until = performance.now() + startMs
  for (;;) {
    try {
      return switchOn.get()?.['journal_mode']
    } catch (thrown) {
      const fault = sqliteFault(thrown, file)
      if (!isStoreFault(fault) || fault.kind !== 'busy' || performance.now() >= until) throw fault
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, switchPauseMs)
    }
  }
}

/** How long a start waits for the lock of another process, and the pause between two tries. Units: milliseconds. */
const startMs = 3_000
const switchPauseMs = 10

/** Refuses an empty file behind a symbolic link: it may belong to another program. */
function refuseEmptyLink(file: string): void {
  const link = lstatSync(file, { throwIfNoEntry: false })
  if (
    link?.isSymbolicLink() === true &&
    (statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0
  )
    throw faultOf('broken', file)
}

/** Sets mode 0600 where an earlier umask or a copy let others read the file. Only its owner can do that. */
function denyOthers(file: string): void {
  const { mode, uid } = statSync(file)
  if ((mode & 0o077) !== 0 && uid === process.getuid?.()) chmodSync(file, 0o600)
}

/** Opens the same file for reading only. */
export function openReader(file: string, now: () => EpochSeconds): Connection {
  return guarded(file, () => {
    const database = new DatabaseSync(file, { readOnly: true, timeout: 1000 })
    database.exec('pragma trusted_schema = off')
    return connectionOf(database, file, now)
  })
}

/**
 * Opens a file for reading, locked against every other process until it is closed.
 * Throws: faults `busy` while another process has the file open, `read_only`, `unwritable`, `broken`.
 * Why: an idle service writes nothing, so only this lock shows that it uses the file.
 */
export function openLocked(file: string, now: () => EpochSeconds): Connection {
  return guarded(file, () => {
    // SQLite makes a missing file.
    if (!statSync(file).isFile()) throw faultOf('broken', file)
    const database = new DatabaseSync(file, { timeout: 1000 })
    try {
      database.exec('pragma trusted_schema = off')
      if (checkOwner(database, file) === 'new') throw faultOf('broken', file)
      // The lock is kept until the end. The last setting refuses every write.
      database.exec('pragma locking_mode = exclusive; begin exclusive; pragma query_only = on')
      return connectionOf(database, file, now)
    } catch (thrown) {
      database.close()
      throw thrown
    }
  })
}

/** Writes the rows that a connection sees into an empty file, compacted. */
export function copyInto(connection: Connection, target: string): void {
  connection.run({ sql: 'vacuum into $1', params: [target] })
}

/** Refuses a database of another program. */
function checkOwner(database: DatabaseSync, file: string): 'ours' | 'new' {
  // In this order, because another process of ours gives a file its id before its first table.
  const tables = database.prepare('select count(*) as n from sqlite_schema').get()?.['n']
  const id = database.prepare('pragma application_id').get()?.['application_id']
  if (id === applicationId) return 'ours'
  if (id !== 0 || tables !== 0) throw faultOf('broken', file)
  return 'new'
}

function connectionOf(database: DatabaseSync, file: string, now: () => EpochSeconds): Connection {
  database.function('countersign_now', now)
  database.function('countersign_chain', { deterministic: true }, nextHash)
  const prepared = new Map<string, Prepared>()
  function prepare(sql: string): Prepared {
    const statement = database.prepare(renderSql(sql, dialect))
    const made = { statement, answers: statement.columns().length > 0 }
    prepared.set(sql, made)
    return made
  }
  return {
    run({ sql, params }) {
      return guarded(file, () => {
        const { statement, answers } = prepared.get(sql) ?? prepare(sql)
        if (answers) return statement.all(...params)
        statement.run(...params)
        return noRows
      })
    },
    exec: (sql) => guarded(file, () => database.exec(sql)),
    inTransaction: () => database.isTransaction,
    close: () => database.close(),
  }
}

/** Gives the next hash of a chain; it is called from SQL. */
function nextHash(hash: SQLOutputValue, digest: SQLOutputValue): string {
  return sha256('sha256', textOf(hash) + textOf(digest), 'hex')
}

function textOf(value: SQLOutputValue): string {
  return typeof value === 'string' ? value : ''
}

interface Prepared {
  readonly statement: StatementSync
  readonly answers: boolean
}

const noRows: readonly Row[] = []

function guarded<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    throw sqliteFault(thrown, file)
  }
}
