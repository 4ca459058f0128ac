import type pg from 'pg'
import type { AuditEvent } from '../../audit/events.ts'
import { undoAsk, type Ask, type Param, type Row, type Topic, type Verb } from '../port/verb.ts'
import type { Connections } from './connections.ts'
import { faultOf, isConnectionLoss } from './faults.ts'
import { inOneWrite, query, type Answer } from './query.ts'

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

/**
 * Runs one verb in one transaction on a connection of its own. It does not wait for statements whose rows are not read:
 * if one fails, Postgres turns the COMMIT after it into a rollback, and the failure is the result.
 * Once `signal` is aborted it does not commit, because its caller already has a fault.
 */
export async function transact<T>(
  client: pg.PoolClient,
  { render, patience }: Connections,
  verb: Verb<T>,
  signal: AbortSignal,
): Promise<Ended<T>> {
  const sent: Promise<Answer>[] = []
  const topics = new Set<Topic>()
  const events: AuditEvent[] = []
  let committing = false

  function send(text: string, params: readonly Param[] = []): Promise<Answer> {
    const answer = query(client, text, params)
    // The code that awaits this handles a failure, and so does the end of the transaction.
    answer.catch(() => {})
    sent.push(answer)
    return answer
  }

  function sendAsk({ sql, params, tell, audit, followUp }: Ask): Promise<Answer> {
    for (const topic of tell) topics.add(topic)
    if (audit !== null) events.push(audit)
    if (followUp === null) return send(render(sql), params)
    return send(render(followUp.joined), [...params, ...followUp.second.params])
  }

  /** Runs the verb until it needs rows or ends, and sends its statements in one write. */
  function proceed(rows: readonly Row[]): Stop<T> {
    let undone = false
    let step = verb.next(rows)
    while (!step.done) {
      if (step.value === undoAsk) undone = true
      else {
        const answer = sendAsk(step.value)
        if (step.value.rows !== 'none') return { ended: false, ask: step.value, answer }
      }
      step = verb.next([])
    }
    const keeps = !undone && !signal.aborted
    committing = keeps
    return { ended: true, outcome: step.value, keeps, answer: send(keeps ? 'commit' : 'rollback') }
  }

  try {
    let stop = inOneWrite(client, () => {
      // Limits of the transaction only, because a pooler gives the session to others.
      void send(
        `begin; set local statement_timeout = ${patience.statementMs}; set local idle_in_transaction_session_timeout = 5000`,
      )
      return proceed([])
    })
    while (!stop.ended) {
      const { rows } = await stop.answer
      const { followUp } = stop.ask
      if (followUp?.second.audit && rows.length > 0) events.push(followUp.second.audit)
      stop = inOneWrite(client, () => proceed(rows))
    }
    const { command } = await stop.answer
    if (!stop.keeps) {
      if (signal.aborted) return { done: false, thrown: signal.reason, mayHaveCommitted: false }
      return { done: true, outcome: stop.outcome, topics: new Set(), events: [] }
    }
    await Promise.all(sent)
    if (command !== 'COMMIT') throw faultOf('unavailable')
    return { done: true, outcome: stop.outcome, topics, events }
  } catch (thrown) {
    const first = await firstFailure(sent, thrown)
    if (isConnectionLoss(first) || isConnectionLoss(thrown)) {
      return { done: false, thrown: first, mayHaveCommitted: committing }
    }
    await send('rollback').catch(() => {})
    return { done: false, thrown: first, mayHaveCommitted: false }
  }
}

/** Where a verb paused: at rows that it needs, or at its end, after COMMIT or ROLLBACK was sent. */
type Stop<T> =
  | { readonly ended: false; readonly ask: Ask; readonly answer: Promise<Answer> }
  | {
      readonly ended: true
      readonly outcome: T
      readonly keeps: boolean
      readonly answer: Promise<Answer>
    }

/** Finds the failure that caused the others: statements after a failed one only report a broken transaction. */
async function firstFailure(sent: readonly Promise<unknown>[], thrown: unknown): Promise<unknown> {
  const settled = await Promise.allSettled(sent)
  const failed = settled.find((one) => one.status === 'rejected')
  return failed === undefined ? thrown : failed.reason
}
