import { randomBytes, randomUUID } from 'node:crypto'
import type { EpochSeconds } from '@countersign/jwt'
import { migrations } from '../../packages/server/src/store/migrations/migrations.ts'
import { isPostgres } from '../../packages/server/src/store/open-store.ts'
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
}

const writers = 16
const operator = { requestId: 'bench', address: null, actor: 'operator' } as const

/** Appends single revocations. */
export async function prepare(argument: string): Promise<Work> {
  const { database, chain }: InsertingCase = JSON.parse(argument)
  const randomId = (): string => randomBytes(16).toString('base64url')
  const now = (): EpochSeconds => (Date.now() / 1000) as EpochSeconds
  const deps = { now, randomId, migrate: true, poolMax: writers }
  const driver = isPostgres(database)
    ? await openPostgres(database, deps, migrations)
    : openSqlite(database, deps, migrations)
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

function withoutChain(driver: Driver): Driver {
  return { ...driver, write: (verb) => driver.write(() => dropLinks(verb())) }
}

/** The statements as they were before there was a chain. */
function* dropLinks<T>(verb: Verb<T>): Verb<T> {
  let step = verb.next()
  while (!step.done) {
    step = verb.next(yield formerOf(step.value))
  }
  return step.value
}

function formerOf(ask: Ask): Ask {
  if (ask.batch === null) return ask
  const sql = ask.sql
    .replace(', hash = {chain hash $3}, hash_at = revocations + $1', '')
    .replace('hash, changes_hash', "cast('' as {bytes}) as hash, null as changes_hash")
  return { ...ask, sql, batch: null }
}
