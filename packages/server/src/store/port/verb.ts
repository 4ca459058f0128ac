import type { AuditEvent } from '../../audit/events.ts'

/**
 * A verb is written once, as a generator that asks for statements and is given their rows; each driver drives it in its
 * own transaction. Why: SQLite answers at once and Postgres later, yet the act is the same text.
 */
export type Verb<T> = Generator<Ask, T, readonly Row[]>

/** What a driver offers: verbs in, outcomes out. */
export interface Driver {
  /** Sees only what was committed. */
  readonly read: <T>(verb: () => Verb<T>) => Promise<T>
  /** One atomic transaction; made anew when the database asks to repeat it. */
  readonly write: <T>(verb: () => Verb<T>) => Promise<T>
  readonly onCommit: (listener: (what: Topic) => void) => () => void
  readonly health: () => Promise<{ readonly ok: boolean; readonly detail: string }>
  readonly close: () => Promise<void>
}

/** What others follow by sequence. */
export type Topic = 'changes' | 'revocations'

export type Param = string | number | Uint8Array | null
export type Row = Readonly<Record<string, unknown>>

/** One statement. Its text knows the tokens of `renderSql`; its parameters are `$1`, `$2`, … in order. */
export interface Ask {
  readonly sql: string
  readonly params: readonly Param[]
  /** What the verb needs of its rows before it goes on; with `none` a driver need not wait for them. */
  readonly rows: 'none' | 'one' | 'all'
  /** The event that this statement writes, for those who count committed events. */
  readonly audit: AuditEvent | null
  /** What is written with this statement where it gives a row, and not where it gives none. */
  readonly noted: Noted | null
  /** Whose sequences this statement raises. */
  readonly tell: readonly Topic[]
  /** The contents of a batch that this statement links to the chain; their digest is added as its last parameter. */
  readonly batch: string | null
}

/** A second statement that hangs on the row of a first one. */
export interface Noted {
  /** The second by itself, for a database that is asked for one after the other without a way between. */
  readonly note: Ask
  /** Both as one, whose parameters are those of the first and then those of the second. */
  readonly joined: string
}

const nobody: readonly Topic[] = []
const plain = { audit: null, noted: null, tell: nobody, batch: null } as const

/** Asked for by a verb whose outcome must leave nothing behind. */
export const undoAsk: Ask = { sql: '', params: [], rows: 'none', ...plain }

/** Asks for all rows of a statement. */
export function* all(sql: string, ...params: readonly Param[]): Verb<readonly Row[]> {
  return yield { sql, params, rows: 'all', ...plain }
}

/** Asks for the only row of a statement, if there is one, which is found without a long search. */
export function* one(sql: string, ...params: readonly Param[]): Verb<Row | undefined> {
  const rows = yield { sql, params, rows: 'one', ...plain }
  return rows[0]
}

/** Runs a statement whose rows nobody reads. */
export function* run(sql: string, ...params: readonly Param[]): Verb<void> {
  yield { sql, params, rows: 'none', ...plain }
}

/** Answers an outcome of which nothing may stay in the database. */
export function* undo<T>(outcome: T): Verb<T> {
  yield undoAsk
  return outcome
}
