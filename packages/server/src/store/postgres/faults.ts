import { isStoreFault, storeFault, type StoreFault, type StoreFaultKind } from '../port/fault.ts'

/** Whether the same transaction may simply be made anew: a serialization failure or a deadlock. */
export function isRepeatable(thrown: unknown): boolean {
  const code = sqlState(thrown)
  return code === '40001' || code === '40P01'
}

/** Whether the connection is gone, as opposed to a statement that was refused. */
export function isConnectionLoss(thrown: unknown): boolean {
  const code = sqlState(thrown)
  return code === undefined
    ? !isStoreFault(thrown)
    : code.startsWith('08') || code.startsWith('57P')
}

/**
 * Names what Postgres, its connection or its pool said, with the remedy; what is no fault of the store comes back as it was.
 * Not checked: that it came from a query; call it only with what a query threw.
 */
export function postgresFault(thrown: unknown, mayHaveCommitted = false): unknown {
  if (isStoreFault(thrown)) return thrown
  const code = sqlState(thrown)
  const kind = code === undefined ? 'unavailable' : kindOf(code)
  return kind === undefined ? thrown : faultOf(kind, { cause: thrown, mayHaveCommitted })
}

/** Makes the fault of one kind. */
export function faultOf(
  kind: StoreFaultKind,
  options: { readonly cause?: unknown; readonly mayHaveCommitted?: boolean } = {},
): StoreFault {
  return storeFault(kind, sentences[kind], options)
}

/** The five characters by which Postgres names an error; none for errors of the connection. */
function sqlState(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown) || !('severity' in thrown)) return undefined
  return typeof thrown.code === 'string' ? thrown.code : undefined
}

// Source: PostgreSQL documentation, appendix A.
function kindOf(code: string): StoreFaultKind | undefined {
  if (code === '25006') return 'read_only'
  if (code === '42P01' || code === '3F000' || code === '42703') return 'schema'
  if (code === '53100') return 'full'
  if (code === '55P03' || code === '57014') return 'busy'
  const transient = ['08', '53', '57', '58', '28', '3D', '40', 'XX']
  return transient.includes(code.slice(0, 2)) || code === '25P03' ? 'unavailable' : undefined
}

const sentences: Readonly<Record<StoreFaultKind, string>> = {
  unavailable:
    'Postgres does not answer, or refuses this address. Check DATABASE_URL and the server; a service that runs goes on by itself.',
  busy: 'Postgres took too long over a statement. Look for locks and load; a service that runs goes on by itself.',
  full: 'Postgres has no room left to write. Free some space; a service that runs goes on by itself.',
  read_only:
    'Postgres takes no writes: it is a standby or was set read-only. Point DATABASE_URL at the primary.',
  unwritable: 'Postgres does not let this user write. Grant it the rights on its schema.',
  broken: 'The Postgres database is not one of countersign. Name another one in DATABASE_URL.',
  schema:
    'The Postgres database does not have the schema of this program. Run `countersign migrate`.',
  durability:
    'Postgres may lose what it has answered: fsync, full_page_writes or synchronous_commit is off. Switch it on.',
}
