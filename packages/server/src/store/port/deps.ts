import type { EpochSeconds } from '@countersign/jwt'
import type { AuditEvent } from '../../audit/events.ts'

/** What a store is given: time, randomness and ears. */
export interface StoreDeps {
  /** The clock of a SQLite store; on Postgres the database's own clock judges. */
  readonly now: () => EpochSeconds
  /** A fresh random id (128 bits, base64url). */
  readonly randomId: () => string
  /** Whether a Postgres database may be migrated when it is opened; SQLite always is. */
  readonly migrate?: boolean
  /** Where LISTEN goes when the main address leads through a pooler; `'poll'` for no listening at all. */
  readonly listenUrl?: string
  /** Connections kept to Postgres at most; 10 unless told otherwise. */
  readonly poolMax?: number
  /**
   * The longest an act may keep its caller waiting for Postgres, or for another process that writes to a SQLite file;
   * 1,600 and 1,125 unless told otherwise. Units: milliseconds.
   */
  readonly patienceMs?: number
  /** What tells the time on Postgres, as an SQL expression in seconds since 1970; its own clock unless told otherwise. */
  readonly clockSql?: string
  /** Hears committed events; metrics are a fold over them. */
  readonly onAudit?: (events: readonly AuditEvent[]) => void
}
