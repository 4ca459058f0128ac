import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { processSystem } from '../../packages/server/src/main/system.ts'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import type { Driver, Verb } from '../../packages/server/src/store/port/verb.ts'
import type { NameKey } from '../../packages/server/src/store/port/user-records.ts'
import { userVerbs } from '../../packages/server/src/store/verbs/users.ts'
import { commandFor, startServer } from '../method/server.ts'
import { quantile, summarize } from '../method/statistics.ts'
import { startOnce } from '../start/start-once.ts'
import type { Start } from '../start/start-once.ts'
import { makeSealingKey, peopleSpec } from './place.ts'
import { firstNumber, nameOf } from './seed.ts'
import type { PeopleSeed } from './seed.ts'

/** A database with few or many users, and the figures that must not depend on their count. */
export interface ManyUsers {
  readonly name: string
  readonly users: number
  readonly rowsOfSignIn: number
  /** The parts of the plan that read a whole table. Empty if each row is found by a key. */
  readonly scans: readonly string[]
  readonly listMillis: { readonly p50: number; readonly p99: number }
  readonly few: StartFigures
  readonly many: StartFigures
}

interface StartFigures {
  readonly readyMillis: number
  readonly restMegabytes: number
}

/** Measures a database with many users against an empty one. */
export async function measureManyUsers(options: {
  readonly name: 'SQLite' | 'Postgres'
  readonly folder: string
  readonly users: number
  readonly starts: number
  readonly makeDatabase: () => Promise<string>
}): Promise<ManyUsers> {
  const { name, users, starts, makeDatabase } = options
  const few = await prepareDatabase(options, 1, await makeDatabase())
  const many = await prepareDatabase(options, users, await makeDatabase())
  const found: Record<'few' | 'many', Start[]> = { few: [], many: [] }
  for (let round = 0; round < starts; round += 1)
    for (const [key, spec] of [['few', few.spec] as const, ['many', many.spec] as const])
      found[key].push(await startOnce(spec))
  const { database } = many
  const plan =
    name === 'SQLite'
      ? await planOnSqlite(database, nameOf(users / 2))
      : await planOnPostgres(database, nameOf(users / 2))
  const listMillis = await timePages(database, users)
  const figuresOf = (rows: readonly Start[]): StartFigures => ({
    readyMillis: summarize(rows.map(({ readyMillis }) => readyMillis)).median,
    restMegabytes: summarize(rows.map(({ restMegabytes }) => restMegabytes)).median,
  })
  return {
    name,
    users,
    ...plan,
    listMillis,
    few: figuresOf(found.few),
    many: figuresOf(found.many),
  }
}

/** Fills a database by a first start, and gives the command of later ones. */
async function prepareDatabase(
  { folder, name }: { readonly folder: string; readonly name: string },
  users: number,
  database: string,
) {
  const sealingKey = makeSealingKey()
  const seedFile = join(folder, `${name}-${users}.json`)
  const first = await startServer(
    peopleSpec({ folder, database, sealingKey, seedFile, users }),
    fillSecondsMax,
  )
  await first.stop()
  const seed: PeopleSeed = JSON.parse(readFileSync(seedFile, 'utf8'))
  if (seed.machine.id === '') throw new Error('the database was not filled')
  const spec = peopleSpec({ folder, database, sealingKey })
  const { command, args } = commandFor({ ...spec, runtime: 'node' })
  // Without the side channel, whose module and messages would count.
  const plain = args.filter((arg, at) => arg !== '--import' && args[at - 1] !== '--import')
  return { database, spec: { ...spec, runtime: 'native' as const, file: command, args: plain } }
}

const fillSecondsMax = 240

/** The statement of a sign-in with its parameters, as the verb yields it. */
async function signInStatement(name: string): Promise<{ sql: string; params: readonly unknown[] }> {
  const statements: { sql: string; params: readonly unknown[] }[] = []
  const read = async <T>(verb: () => Verb<T>): Promise<T> => {
    const running = verb()
    let step = running.next()
    while (step.done !== true) {
      statements.push(step.value)
      step = running.next([])
    }
    return step.value
  }
  const unused = async (): Promise<never> => {
    throw new Error('a read is enough')
  }
  const driver: Driver = {
    read,
    write: unused,
    onCommit: () => () => undefined,
    health: unused,
    close: unused,
  }
  await userVerbs(driver).findByName(name as NameKey)
  const [statement, ...more] = statements
  if (statement === undefined || more.length > 0)
    throw new Error(`a sign-in reads by ${statements.length} statements`)
  return statement
}

interface Plan {
  readonly rowsOfSignIn: number
  readonly scans: readonly string[]
}

async function planOnPostgres(database: string, name: string): Promise<Plan> {
  const { sql, params } = await signInStatement(name)
  const client = new pg.Client({ connectionString: database })
  await client.connect()
  try {
    const explain = `explain (analyze, format json) ${sql}`
    const { rows } = await client.query<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(explain, [
      ...params,
    ])
    const nodes = rows[0]?.['QUERY PLAN'].flatMap(({ Plan }) => nodesOf(Plan)) ?? []
    const byTable = new Map<string, number>()
    for (const node of nodes) {
      const table = node['Relation Name']
      if (table === undefined) continue
      const count = node['Actual Rows'] * node['Actual Loops']
      byTable.set(table, Math.max(byTable.get(table) ?? 0, count))
    }
    return {
      rowsOfSignIn: [...byTable.values()].reduce((sum, count) => sum + count, 0),
      scans: nodes
        .filter((node) => node['Node Type'] === 'Seq Scan')
        .map((node) => `Seq Scan on ${node['Relation Name']}`),
    }
  } finally {
    await client.end()
  }
}

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly Plans?: readonly PlanNode[]
}

function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)]
}

/** SQLite shows no counts. Each table is read by a key of one user, so the rows of the user are counted. */
async function planOnSqlite(file: string, name: string): Promise<Plan> {
  const { sql } = await signInStatement(name)
  const database = new DatabaseSync(file)
  try {
    const text = sql.replaceAll('$1', '?')
    const steps = database
      .prepare(`explain query plan ${text}`)
      .all(name)
      .map(({ detail }) => String(detail))
    const one = `(select user_id from user_names where key = ?)`
    const counts = ['users where id', 'user_names where user_id', 'passwords where user_id'].map(
      (table) => database.prepare(`select count(*) as n from ${table} = ${one}`).get(name)?.['n'],
    )
    return {
      rowsOfSignIn: counts.reduce<number>((sum, count) => sum + Number(count), 0),
      scans: steps.filter((step) => step.startsWith('SCAN')),
    }
  } finally {
    database.close()
  }
}

/** The times of pages of 100 users that begin anywhere. */
async function timePages(
  database: string,
  users: number,
): Promise<{ readonly p50: number; readonly p99: number }> {
  const { now, randomId } = processSystem()
  const store = await openStore(database, { now, randomId, migrate: false })
  const times: number[] = []
  try {
    for (let page = 0; page < pages; page += 1) {
      const start = Math.floor(((page * 0.618) % 1) * users * 0.99)
      const began = performance.now()
      const found = await store.users.list(`bench-${firstNumber + start}`, pageSize)
      times.push(performance.now() - began)
      if (found.length !== pageSize) throw new Error(`a page has ${found.length} users`)
    }
  } finally {
    await store.close()
  }
  const sorted = times.toSorted((a, b) => a - b)
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) }
}

const pages = 60
const pageSize = 100
