import type { AuditEvent } from '../../audit/events.ts'

/**
 * A verb is a generator that yields statements and receives their rows; each driver runs it in its own transaction.
 * Why: SQLite answers at once and Postgres later, and a generator is the same text for both.
 */
export type Verb<T> = Generator<Ask, T, readonly Row[]>

/** Runs verbs on one database and gives their outcomes. */
export interface Driver {
  /** Reads committed rows only. */
  readonly read: <T>(verb: () => Verb<T>) => Promise<T>
  /** Runs one atomic transaction, and runs it again when the database asks for a repeat. */
  readonly write: <T>(verb: () => Verb<T>) => Promise<T>
  readonly onCommit: (listener: (what: Topic) => void) => () => void
  readonly health: () => Promise<{ readonly ok: boolean; readonly detail: string }>
  readonly close: () => Promise<void>
}

/** A log that other processes follow by sequence. */
export type LogName = 'changes' | 'revocations'

/** The matter of a commit: one of the logs, or mail, which only the process of the commit hears of. */
export type Topic = LogName | 'outbox'

export type Param = string | number | Uint8Array | null
export type Row = Readonly<Record<string, unknown>>

/** One statement. Its text may hold the tokens of `renderSql`; its parameters are `$1`, `$2`, … in order. */
export interface Ask {
  readonly sql: string
  readonly params: readonly Param[]
  /** The rows that the verb needs before it continues; with `none` a driver need not wait for them. */
  readonly rows: 'none' | 'one' | 'all'
  /** The event that this statement writes, for those who count committed events. */
  readonly audit: AuditEvent | null
  /** A second statement, which runs only if this one gives a row. */
  readonly followUp: FollowUp | null
  /** The logs whose sequences this statement raises, and whether it writes mail. */
  readonly tell: readonly Topic[]
  /** The contents of a batch that this statement adds to the hash chain; their digest becomes its last parameter. */
  readonly batch: string | null
}

/** A second statement that depends on the row of a first one. */
export interface FollowUp {
  /** The second statement alone, for a database in the same process. */
  readonly second: Ask
  /** Both as one statement; the parameters of the first come before those of the second. */
  readonly joined: string
}

const noTopics: readonly Topic[] = []
const plain = { audit: null, followUp: null, tell: noTopics, batch: null } as const

/** Yielded by a verb whose changes must be undone. */
export const undoAsk: Ask = { sql: '', params: [], rows: 'none', ...plain }

/** Asks for all rows of a statement. */
export function* all(sql: string, ...params: readonly Param[]): Verb<readonly Row[]> {
  return yield { sql, params, rows: 'all', ...plain }
}

/** Asks for the only row of a short statement, if there is one. */
export function* one(sql: string, ...params: readonly Param[]): Verb<Row | undefined> {
  const rows = yield { sql, params, rows: 'one', ...plain }
  return rows[0]
}

/** Runs a statement whose rows are not read. */
export function* run(sql: string, ...params: readonly Param[]): Verb<void> {
  yield { sql, params, rows: 'none', ...plain }
}

/** Gives an outcome and undoes all changes of the verb. */
export function* undo<T>(outcome: T): Verb<T> {
  yield undoAsk
  return outcome
}
