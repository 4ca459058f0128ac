import { isStoreFault, storeFault, type StoreFault, type StoreFaultKind } from '../port/fault.ts'
import { causeOf, causeSentences, isSilent } from './causes.ts'

/** Whether the same transaction may be repeated: after a serialization failure or a deadlock. */
export function isRepeatable(thrown: unknown): boolean {
  const code = sqlState(thrown)
  return code === '40001' || code === '40P01'
}

/** Whether the connection is lost. A refused statement leaves it usable. */
export function isConnectionLoss(thrown: unknown): boolean {
  const code = sqlState(thrown)
  return code === undefined
    ? !isStoreFault(thrown)
    : code.startsWith('08') || code.startsWith('57P')
}

/**
 * Whether a connection must be closed after this failure: it is lost, its server takes no writes, its session does not
 * find our tables, or its session is in a state that it cannot leave.
 */
export function isUnfit(thrown: unknown): boolean {
  if (thrown === undefined) return false
  const code = sqlState(thrown) ?? ''
  return isConnectionLoss(thrown) || isElsewhere(thrown) || /^(?:25|58|XX)/u.test(code)
}

/** Whether the same verb may succeed on a new connection: this one led to a standby, or to another schema. */
export function isElsewhere(thrown: unknown): boolean {
  const code = sqlState(thrown) ?? ''
  return isReadOnly(thrown) || code === '42P01' || code === '3F000'
}

/** Whether the server takes no writes. */
export function isReadOnly(thrown: unknown): boolean {
  return isStoreFault(thrown) ? thrown.kind === 'read_only' : sqlState(thrown) === '25006'
}

/** Whether the server did not answer in time, so that its other connections may be dead too. */
export function isSilence(thrown: unknown): boolean {
  return thrown instanceof Error && sqlState(thrown) === undefined && isSilent(thrown)
}

/**
 * Turns an error of Postgres, its connection or its pool into a fault with the remedy. Any other error is returned unchanged.
 * Not checked: that it came from a query; call it only with errors that a query threw.
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
  if (kind !== 'unavailable') return storeFault(kind, sentences[kind], options)
  const causeName = causeOf(options.cause ?? gaveUp)
  return storeFault(kind, causeSentences[causeName], { ...options, causeName })
}

/** The cause of a fault for a wait that timed out here. */
const gaveUp = Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })

/** The sentences of the kinds that have one cause each. */
const sentences: Readonly<Record<Exclude<StoreFaultKind, 'unavailable'>, string>> = {
  busy: 'Postgres took too long over a statement. Look for locks and load; a service that runs goes on by itself.',
  full: 'Postgres has no room left to write. Free some space; a service that runs goes on by itself.',
  read_only:
    'Postgres takes no writes: it is a standby or was set read-only. Point DATABASE_URL at the primary, or name all servers in it.',
  unwritable: 'Postgres does not let this user write. Grant it the rights on its schema.',
  broken: 'The Postgres database is not one of countersign. Name another one in DATABASE_URL.',
  schema:
    'The Postgres database does not have the schema of this program. Run `countersign migrate`.',
  durability:
    'Postgres may lose what it has acknowledged: fsync, full_page_writes or synchronous_commit is off. Switch it on.',
}

/** The five characters by which Postgres names an error; `undefined` for errors of the connection. */
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
