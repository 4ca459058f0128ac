import type pg from 'pg'
import type { Param, Row } from '../port/verb.ts'
import { isUnfit } from './faults.ts'
import type { Pool } from './pool.ts'
import { query } from './query.ts'

/** Asks for rows outside of any transaction. Throws: errors of Postgres or the connection. */
export type AskRows = (text: string, params: readonly Param[]) => Promise<readonly Row[]>

/** Gives each read a connection of its own; for reads that may take long. */
export function readAlone(pool: Pool): AskRows {
  return pool.query
}

/** The connection that reads share while at least one of them runs. */
interface SharedConnection {
  readonly client: Promise<pg.PoolClient>
  running: number
  /** The failure that made the connection unfit. */
  failure: unknown
}

/**
 * Makes short reads share one connection of a pool. Reads of one turn of the event loop are sent in one write, and each
 * has its own result or failure.
 * Why: a read waits for no lock, so short reads do not delay each other, and the round trip costs more than the statement.
 */
export function shareReads(pool: Pool): AskRows {
  let shared: SharedConnection | undefined

  function leave(used: SharedConnection): void {
    used.running -= 1
    if (shared === used && (used.failure !== undefined || used.running === 0)) shared = undefined
    if (used.running > 0) return
    used.client.then(
      (client) => pool.release(client, used.failure),
      () => {},
    )
  }

  return async (text, params) => {
    const mine = (shared ??= { client: pool.connect(), running: 0, failure: undefined })
    mine.running += 1
    try {
      const client = await mine.client
      corkUntilTurnEnds(client)
      return (await query(client, text, params)).rows
    } catch (thrown) {
      if (isUnfit(thrown)) mine.failure ??= thrown
      throw thrown
    } finally {
      leave(mine)
    }
  }
}

/** Delays writes until the end of the turn, so that they are sent as one. */
function corkUntilTurnEnds({ connection: { stream } }: pg.Client): void {
  if (stream.writableCorked > 0) return
  stream.cork()
  setImmediate(() => stream.uncork())
}
