import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { EpochSeconds } from '@countersign/jwt'
import { randomId, startOfTime } from './ids.ts'
import { createDatabase } from '../postgres/shared.ts'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import type { StoreDeps } from '../../packages/server/src/store/port/deps.ts'
import type { Store } from '../../packages/server/src/store/port/store.ts'

export { randomId, startOfTime } from './ids.ts'

/** A database of its own for one suite, whose clock the test sets. */
export interface TestDatabase {
  readonly name: 'sqlite' | 'postgres'
  readonly store: Store
  /** A second process's view of the same database. */
  open(deps?: Partial<StoreDeps>): Promise<Store>
  /** Sets the clock that judges windows and expiry. */
  setNow(now: number): Promise<void>
  /** Runs SQL text outside of the store. */
  sql(text: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Runs statements without rows in one transaction. */
  sqlTogether(statements: readonly string[]): Promise<void>
  close(): Promise<void>
}

export interface DatabaseKind {
  readonly name: 'sqlite' | 'postgres'
  readonly start: () => Promise<TestDatabase>
}

/** The databases that the contract suite runs on. */
export const databases: readonly DatabaseKind[] = [
  { name: 'sqlite', start: startSqlite },
  { name: 'postgres', start: startOnPostgres },
]

async function startSqlite(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-store-'))
  const file = join(folder, 'data', 'countersign.db')
  let now = startOfTime
  const stores: Store[] = []
  const open = async (deps: Partial<StoreDeps> = {}) => {
    const store = await openStore(file, {
      now: () => now,
      randomId,
      ...deps,
    })
    stores.push(store)
    return store
  }
  return {
    name: 'sqlite',
    store: await open(),
    open,
    async sql(text) {
      const database = new DatabaseSync(file, { timeout: 2000 })
      try {
        return database.prepare(text).all()
      } finally {
        database.close()
      }
    },
    async sqlTogether(statements) {
      const database = new DatabaseSync(file, { timeout: 2000 })
      try {
        database.exec(['begin immediate', ...statements, 'commit'].join(';'))
      } finally {
        database.close()
      }
    },
    async setNow(moment) {
      now = moment as EpochSeconds
    },
    async close() {
      for (const store of stores) await store.close()
      await rm(folder, { recursive: true })
    },
  }
}

async function startOnPostgres(): Promise<TestDatabase> {
  const database = await createDatabase()
  await database.sql(
    `create table test_clock (now double precision not null); insert into test_clock values (${startOfTime})`,
  )
  const stores: Store[] = []
  const open = async (deps: Partial<StoreDeps> = {}) => {
    const store = await openStore(database.url, {
      now: () => startOfTime,
      randomId,
      migrate: true,
      clockSql: '(select now from test_clock)',
      // These tests check outcomes; the tests of faults check their times.
      patienceMs: 20_000,
      ...deps,
    })
    stores.push(store)
    return store
  }
  return {
    name: 'postgres',
    store: await open(),
    open,
    sql: (text) => database.sql(text),
    // One simple query is one transaction.
    sqlTogether: async (statements) => void (await database.sql(statements.join(';'))),
    setNow: async (now) => void (await database.sql(`update test_clock set now = ${now}`)),
    async close() {
      for (const store of stores) await store.close()
      await database.drop()
    },
  }
}
