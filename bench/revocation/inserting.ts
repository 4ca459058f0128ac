import { randomUUID } from 'node:crypto'
import type { EpochSeconds } from '@countersign/jwt'
import { processSystem } from '../../packages/server/src/main/system.ts'
import { migrations } from '../../packages/server/src/store/migrations/migrations.ts'
import { isPostgresAddress } from '../../packages/server/src/config/postgres-address.ts'
import { openPostgres } from '../../packages/server/src/store/postgres/driver.ts'
import type { Ask, Driver, Verb } from '../../packages/server/src/store/port/verb.ts'
import { openSqlite } from '../../packages/server/src/store/sqlite/driver.ts'
import { withFreshDigests } from '../../packages/server/src/store/verbs/chain.ts'
import { revocationVerbs } from '../../packages/server/src/store/verbs/revocations.ts'
import type { Work } from '../method/work.ts'

/** A log that 16 writers append to at a time. */
export interface InsertingCase {
  readonly database: string
  /** Whether each batch is linked to the chain. */
  readonly chain: boolean
  /** Whether other nodes are notified. */
  readonly notifies: boolean
}

const writers = 16
const operator = { requestId: 'bench', address: null, actor: 'operator' } as const

/** Appends single revocations. */
export async function prepare(argument: string): Promise<Work> {
  const { database, chain, notifies }: InsertingCase = JSON.parse(argument)
  const { now, randomId } = processSystem()
  const deps = { now, randomId, migrate: true, poolMax: writers }
  const opened = isPostgresAddress(database)
    ? await openPostgres(database, deps, migrations)
    : openSqlite(database, deps, migrations)
  const driver = notifies ? opened : changed(opened, (ask) => ({ ...ask, tell: [] }))
  const log = revocationVerbs(chain ? withFreshDigests(driver, randomId) : withoutChain(driver))
  const until = (now() + 3_600) as EpochSeconds
  const add = () => log.add({ kind: 'token', jti: randomUUID() }, until, operator)
  return async (operations) => {
    let left = operations
    const write = async (): Promise<void> => {
      while (left > 0) {
        left -= 1
        if ((await add()) === 'spent') throw new Error('nothing was written')
      }
    }
    await Promise.all(Array.from({ length: Math.min(writers, operations) }, write))
  }
}

/** The statements as they were before there was a chain. */
function withoutChain(driver: Driver): Driver {
  return changed(driver, formerOf)
}

function changed(driver: Driver, change: (ask: Ask) => Ask): Driver {
  return { ...driver, write: (verb) => driver.write(() => changeAsks(verb(), change)) }
}

function* changeAsks<T>(verb: Verb<T>, change: (ask: Ask) => Ask): Verb<T> {
  let step = verb.next()
  while (!step.done) {
    step = verb.next(yield change(step.value))
  }
  return step.value
}

function formerOf(ask: Ask): Ask {
  if (ask.batch === null) return ask
  const sql = ask.sql
    .replace(', hash = {chain hash $3}, hash_at = revocations + $1', '')
    .replace('hash, changes_hash', "'' as hash, null as changes_hash")
  return { ...ask, sql, batch: null }
}
