import type pg from 'pg'
import type { Param, Row } from '../port/verb.ts'
import { isUnfit } from './faults.ts'
import type { Pool } from './pool.ts'
import { query } from './query.ts'

/** Asks for rows outside of any transaction. Throws: what Postgres or the connection says. */
export type AskRows = (text: string, params: readonly Param[]) => Promise<readonly Row[]>

/** Makes reads that have a connection of a pool to themselves, for those that may take long. */
export function readAlone(pool: Pool): AskRows {
  return pool.query
}

/** The connection that reads share for as long as one of them is under way. */
interface Lane {
  readonly client: Promise<pg.PoolClient>
  asked: number
  /** The failure that made the connection unfit for others. */
  failure: unknown
}

/**
 * Makes short reads share one connection of a pool: what is asked in one turn of the event loop travels in one write, and each
 * has its own answer or its own failure.
 * Why: a read waits for no lock, so a short one keeps none waiting, and the way there costs more than the question.
 */
export function shareReads(pool: Pool): AskRows {
  let lane: Lane | undefined

  function leave(left: Lane): void {
    left.asked -= 1
    if (lane === left && (left.failure !== undefined || left.asked === 0)) lane = undefined
    if (left.asked > 0) return
    left.client.then(
      (client) => pool.release(client, left.failure),
      () => {},
    )
  }

  return async (text, params) => {
    const mine = (lane ??= { client: pool.connect(), asked: 0, failure: undefined })
    mine.asked += 1
    try {
      const client = await mine.client
      gather(client)
      return (await query(client, text, params)).rows
    } catch (thrown) {
      if (isUnfit(thrown)) mine.failure ??= thrown
      throw thrown
    } finally {
      leave(mine)
    }
  }
}

/** Keeps back what is written until the end of the turn. */
function gather({ connection: { stream } }: pg.Client): void {
  if (stream.writableCorked > 0) return
  stream.cork()
  setImmediate(() => stream.uncork())
}
