import type { EpochSeconds } from '@countersign/jwt'
import type { LogHead } from '../port/records.ts'
import type { Row } from '../port/verb.ts'
import { textOrNull, moment, number, text } from './columns.ts'

/** Selects the head of both logs. It has a hash only where the last batch has one. */
export const selectHead = `select epoch, epoch_start, fenced_at, revocations, changes,
  case when hash_at = revocations then hash end as hash,
  case when changes_hash_at = changes then changes_hash end as changes_hash
  from log_head where one = 1`

/** Reads a row of `selectHead`. */
export function headOf(row: Row | undefined): LogHead {
  if (row === undefined) throw new Error('the log has no head')
  return {
    epoch: text(row, 'epoch'),
    epochStart: Math.ceil(moment(row, 'epoch_start')) as EpochSeconds,
    fencedAt: moment(row, 'fenced_at'),
    sequence: number(row, 'revocations'),
    hash: hashIn(row, 'hash'),
    changes: number(row, 'changes'),
    changesHash: hashIn(row, 'changes_hash'),
  }
}

/** Reads a hash in base64url; empty where there is none. */
export function hashIn(row: Row, name: string): string {
  return Buffer.from(textOrNull(row, name) ?? '', 'hex').toString('base64url')
}
