import type { EpochSeconds } from '@countersign/jwt'
import type { AuditEvent } from './events.ts'

/** A committed event as the log keeps it: its number, its moment, and the exact bytes that are sealed. */
export interface AuditRow {
  readonly id: number
  readonly at: EpochSeconds
  readonly body: string
  readonly event: AuditEvent
}

/** Rows linked together: a mark per row, each depending on all before it, and the head that the next segment starts from. */
export interface AuditSegment {
  readonly number: number
  readonly firstId: number
  readonly lastId: number
  readonly count: number
  /** Per row, in order: its id (8 bytes) and its mark (16 bytes); empty once the rows were dropped by retention. */
  readonly marks: Uint8Array
  readonly head: Uint8Array
  readonly sealedAt: EpochSeconds
  /** A signed statement of number, count and head that can be kept elsewhere; `null` where nobody signs. */
  readonly statement: string | null
}
