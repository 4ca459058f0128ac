import { createHmac } from 'node:crypto'
import type { EpochSeconds } from '@countersign/jwt'
import type { AuditEvent } from './events.ts'

/** A committed event as the log keeps it: its number, its moment, and the exact text that is sealed. */
export interface AuditRow {
  readonly id: number
  readonly at: EpochSeconds
  readonly body: string
  readonly event: AuditEvent
}

/** Rows linked together: a mark per row, each depending on all before it, and the head that the next segment starts from. */
export interface AuditSegment {
  /** From 1, without gaps. */
  readonly number: number
  readonly firstId: number
  readonly lastId: number
  readonly count: number
  /** Per row, in order: its id (8 bytes) and its mark (16 bytes); empty once the rows were dropped by retention. */
  readonly marks: Uint8Array
  readonly head: Uint8Array
  readonly sealedAt: EpochSeconds
  /**
   * Binds the other members together, so that a dropped segment stays distinguishable from a deleted
   * one.
   */
  readonly proof: Uint8Array
  /** The same, signed for others to keep; `null` where nobody signs. */
  readonly statement: string | null
}

/** Bytes of one row in `marks`: its id, and as much of the running hash as nobody will guess. */
export const markBytes = 8 + 16

/** Where the chain begins. */
export const genesis: Uint8Array = new Uint8Array(32)

/**
 * Links rows to a head by a keyed hash chain.
 * Why: without the key nobody can make the marks that a removed or changed row would need.
 */
export function linkRows(
  rows: readonly Pick<AuditRow, 'id' | 'at' | 'body'>[],
  from: Uint8Array,
  key: Uint8Array,
): { readonly marks: Uint8Array; readonly head: Uint8Array } {
  const marks = Buffer.alloc(rows.length * markBytes)
  let running = from
  for (const [index, row] of rows.entries()) {
    running = link(running, row, key)
    marks.writeBigUInt64BE(BigInt(row.id), index * markBytes)
    marks.set(running.subarray(0, 16), index * markBytes + 8)
  }
  return { marks, head: running }
}

/** One step of the chain. */
export function link(
  from: Uint8Array,
  { id, at, body }: Pick<AuditRow, 'id' | 'at' | 'body'>,
  key: Uint8Array,
): Uint8Array {
  return createHmac('sha256', key)
    .update(from)
    .update(JSON.stringify([id, at, body]))
    .digest()
}

/** The proof of a segment: everything about it but its rows, which its head stands for. */
export function proveSegment(
  segment: Pick<AuditSegment, 'number' | 'firstId' | 'lastId' | 'count' | 'head' | 'sealedAt'>,
  key: Uint8Array,
): Uint8Array {
  const { number, firstId, lastId, count, sealedAt } = segment
  return createHmac('sha256', key)
    .update('segment')
    .update(segment.head)
    .update(JSON.stringify([number, firstId, lastId, count, sealedAt]))
    .digest()
}

/** The proof that a segment is the last one; it is replaced with each new segment. */
export function proveTip(
  { number, head }: Pick<AuditSegment, 'number' | 'head'>,
  key: Uint8Array,
): Uint8Array {
  return createHmac('sha256', key).update('tip').update(head).update(String(number)).digest()
}
