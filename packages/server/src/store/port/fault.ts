/**
 * Why the database cannot serve. `unavailable`, `busy`, `full` and `read_only` may pass by themselves (503); the
 * others need the operator: `unwritable` (folder or file), `broken` (not a database of ours), `schema`, `durability`.
 */
export type StoreFaultKind =
  | 'unavailable'
  | 'busy'
  | 'full'
  | 'read_only'
  | 'unwritable'
  | 'broken'
  | 'schema'
  | 'durability'

/** An Error thrown by the store; its message is one sentence with the remedy, fit to be printed to the operator. */
export interface StoreFault extends Error {
  readonly name: 'StoreFault'
  readonly kind: StoreFaultKind
  /** Whether the act may have been committed although its answer was lost. */
  readonly mayHaveCommitted: boolean
  /** The cause in one word, for logs: the kind, or why the database is `unavailable`. */
  readonly causeName: string
}

/** Makes a fault of the store, to be thrown. */
export function storeFault(
  kind: StoreFaultKind,
  message: string,
  options: {
    readonly cause?: unknown
    readonly mayHaveCommitted?: boolean
    readonly causeName?: string
  } = {},
): StoreFault {
  const error = new Error(message, { cause: options.cause })
  return Object.assign(error, {
    name: 'StoreFault' as const,
    kind,
    mayHaveCommitted: options.mayHaveCommitted ?? false,
    causeName: options.causeName ?? kind,
  })
}

/** Whether a thrown value is a fault of the store. */
export function isStoreFault(thrown: unknown): thrown is StoreFault {
  return thrown instanceof Error && thrown.name === 'StoreFault'
}

/** Whether the same request may succeed a little later: the edge answers 503 with `Retry-After`. */
export function isTransient(fault: StoreFault): boolean {
  return (
    fault.kind === 'unavailable' ||
    fault.kind === 'busy' ||
    fault.kind === 'full' ||
    fault.kind === 'read_only'
  )
}
