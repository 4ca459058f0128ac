/** One call as the caller saw it. Times are of one clock, in milliseconds. */
export interface Call {
  readonly family: string
  readonly act: 'open' | 'refresh' | 'end'
  /** The token presented; empty for `open`. */
  readonly token: string
  readonly startMs: number
  readonly endMs: number
  readonly answer: Answer
}

/** `unknown`: the connection broke or the service answered 503, so it may have happened or not. */
export type Answer =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'ended' }
  | { readonly kind: 'unknown' }

/** The row of a family in the database after the run. */
export interface FinalState {
  /** The current token's generation; `null` when no such family lives. */
  readonly generation: number | null
  /** How often the audit log has each event of this family. */
  readonly events: Readonly<Record<string, number>>
  /** Live `sid` entries in the revocation log. */
  readonly entries: number
}

export interface History {
  readonly calls: readonly Call[]
  readonly finals: ReadonlyMap<string, FinalState>
}

/** A violation. */
export interface Violation {
  readonly invariant: string
  readonly family: string
  readonly said: string
}

/** The generation of a token: `<sid>.<generation>.<secret>`, or one of the service's own. */
export function generationOf(token: string): number {
  if (token.startsWith('rt_')) return Buffer.from(token.slice(3), 'base64url').readUInt32BE(17)
  return Number(token.split('.')[1])
}
