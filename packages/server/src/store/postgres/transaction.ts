import type pg from 'pg'
import type { AuditEvent } from '../../audit/events.ts'
import { undoAsk, type Row, type Topic, type Verb } from '../port/verb.ts'
import { valuesOf, type Connections } from './connections.ts'
import { faultOf, isConnectionLoss } from './faults.ts'

/** How one run of a verb ended. */
export type Ended<T> =
  | {
      readonly done: true
      readonly outcome: T
      readonly topics: ReadonlySet<Topic>
      readonly events: readonly AuditEvent[]
    }
  | {
      readonly done: false
      readonly thrown: unknown
      /** Whether the commit was on its way when the connection was lost. */
      readonly mayHaveCommitted: boolean
    }

/** The channel on which nodes tell each other that a sequence moved. */
export const channel = 'countersign'

const notifySql = `select pg_notify('${channel}', $1)`

/**
 * Runs one verb in one transaction on a connection of its own. Statements whose rows nobody reads are not waited for:
 * should one fail, Postgres turns the COMMIT behind it into a rollback, and the failure is what comes out.
 * Gives up before COMMIT once `signal` says that the caller was already told so.
 */
export async function transact<T>(
  client: pg.PoolClient,
  { render, patience }: Connections,
  verb: Verb<T>,
  signal: AbortSignal,
): Promise<Ended<T>> {
  const sent: Promise<unknown>[] = []
  const topics = new Set<Topic>()
  const events: AuditEvent[] = []
  let committing = false
  let undone = false

  function send(text: string, values?: ReturnType<typeof valuesOf>): Promise<pg.QueryResult<Row>> {
    const answer =
      values === undefined ? client.query<Row>(text) : client.query<Row>({ text, values })
    // Whoever waits hears of a failure; so does the end of the transaction.
    answer.catch(() => {})
    sent.push(answer)
    return answer
  }

  try {
    // Limits of the transaction only: a pooler hands the session on.
    void send(
      `begin; set local statement_timeout = ${patience.statementMs}; set local idle_in_transaction_session_timeout = 5000`,
    )
    let step = verb.next()
    while (!step.done) {
      const ask = step.value
      if (ask === undoAsk) {
        undone = true
        step = verb.next([])
        continue
      }
      for (const topic of ask.tell) {
        topics.add(topic)
        void send(notifySql, [topic])
      }
      if (ask.audit !== null) events.push(ask.audit)
      const answer = send(render(ask.sql), valuesOf(ask.params))
      step = verb.next(ask.blind ? [] : (await answer).rows)
    }
    if (undone || signal.aborted) {
      await send('rollback')
      if (signal.aborted) return { done: false, thrown: signal.reason, mayHaveCommitted: false }
      return { done: true, outcome: step.value, topics: new Set(), events: [] }
    }
    committing = true
    const commit = await send('commit')
    await Promise.all(sent)
    if (commit.command !== 'COMMIT') throw faultOf('unavailable')
    return { done: true, outcome: step.value, topics, events }
  } catch (thrown) {
    const first = await firstFailure(sent, thrown)
    if (isConnectionLoss(first) || isConnectionLoss(thrown)) {
      return { done: false, thrown: first, mayHaveCommitted: committing }
    }
    await send('rollback').catch(() => {})
    return { done: false, thrown: first, mayHaveCommitted: false }
  }
}

/** The failure that caused the others: a statement after a failed one only says that the transaction is broken. */
async function firstFailure(sent: readonly Promise<unknown>[], thrown: unknown): Promise<unknown> {
  const settled = await Promise.allSettled(sent)
  const failed = settled.find((one) => one.status === 'rejected')
  return failed === undefined ? thrown : failed.reason
}
