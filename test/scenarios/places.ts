import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { vi } from 'vitest'
import { createDatabase } from '../postgres/shared.ts'
import { isOnBun, runToEnd, startDev, type Run, type RunOptions } from './dev.ts'

/** Where a scenario plays: on which database, and in how many processes. */
export interface Place {
  /** How many processes serve, a request each in turn. */
  readonly nodes: number
  /** Says to the service and to each command where the state is kept. */
  readonly env: Readonly<Record<string, string>>
  /** Starts the service and waits until it is ready. Default: `countersign dev`. */
  readonly start: (options?: RunOptions) => Promise<Run>
  /** Runs a command of the command line next to the service. */
  readonly command: typeof runToEnd
  /** Changes the database behind the back of a service that runs over this folder. */
  readonly meddle: (folder: string, sql: string) => Promise<void>
  readonly drop: () => Promise<void>
}

interface PlaceRow {
  readonly name: string
  readonly open: () => Promise<Place>
}

/** The two databases that every scenario of the service has to end alike on. */
export const places: readonly PlaceRow[] = [
  { name: 'SQLite', open: () => Promise.resolve(onSqlite) },
  { name: 'Postgres', open: () => onPostgres(1) },
]

/**
 * The same, and two nodes on one Postgres that take turns: what one is asked next, the other answers.
 * Why not on Bun: what is different there is how the service listens, which each node does by itself.
 */
export const everywhere: readonly PlaceRow[] = isOnBun
  ? places
  : [...places, { name: 'two nodes on Postgres', open: () => onPostgres(2) }]

const onSqlite: Place = {
  ...programOf({}, 1),
  meddle: (folder, sql) => {
    const database = new DatabaseSync(join(folder, 'data', 'countersign.db'), { timeout: 2_000 })
    database.exec(sql)
    database.close()
    return Promise.resolve()
  },
  drop: () => Promise.resolve(),
}

async function onPostgres(nodes: number): Promise<Place> {
  const database = await createDatabase()
  const key = randomBytes(32).toString('base64url')
  const env = { DATABASE_URL: database.url, COUNTERSIGN_KEY_ENCRYPTION_KEY: key }
  const meddle: Place['meddle'] = async (_, text) => {
    await database.sql(text)
  }
  return { ...programOf(env, nodes), meddle, drop: () => database.drop() }
}

function programOf(env: Place['env'], nodes: number) {
  const here = (options: RunOptions) => ({ ...options, env: { ...env, ...options.env } })
  return {
    nodes,
    env,
    start: (options: RunOptions = {}) => startDev({ ...here(options), nodes }),
    command: (options: RunOptions) => runToEnd(here(options)),
  }
}

/**
 * Makes a check at each node. Where there are two, the other learns a change in a moment.
 * Units: 10 seconds at most on a busy machine; how quick it is, is measured elsewhere.
 */
export async function atEachNode(
  { nodes }: Pick<Place, 'nodes'>,
  check: () => Promise<void>,
): Promise<void> {
  const checkAll = async () => {
    for (let node = 0; node < nodes; node += 1) await check()
  }
  if (nodes === 1) return checkAll()
  await vi.waitFor(checkAll, { timeout: 10_000, interval: 10 })
}
