import type { EpochSeconds } from '@countersign/jwt'
import type { AuditEvent } from '../../audit/events.ts'

/** Everything that a store takes from outside: time, randomness, settings and a listener. */
export interface StoreDeps {
  /** The clock of a SQLite store; on Postgres the database's own clock judges. */
  readonly now: () => EpochSeconds
  /** A fresh random id (128 bits, base64url). */
  readonly randomId: () => string
  /** Whether a Postgres database may be migrated when it is opened; SQLite always is. */
  readonly migrate?: boolean
  /** Where LISTEN goes when the main address leads through a pooler; `'poll'` for no listening at all. */
  readonly listenUrl?: string
  /** The most connections that are kept to Postgres. Default: 10. */
  readonly poolMax?: number
  /**
   * How long a caller waits at most for Postgres, or for another process that writes to a SQLite file.
   * Default: 1,600 for Postgres, 1,125 for SQLite. Units: milliseconds.
   */
  readonly patienceMs?: number
  /** The clock on Postgres, as an SQL expression in seconds since 1970. Default: the clock of the database. */
  readonly clockSql?: string
  /** Is called with committed events; metrics are a fold over them. */
  readonly onAudit?: (events: readonly AuditEvent[]) => void
}
