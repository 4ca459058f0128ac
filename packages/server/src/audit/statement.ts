import { decodeUnverified, type EpochSeconds } from '@countersign/jwt'
import type { SegmentStatement } from './sealer.ts'

/** The type of the JWT that a statement is signed as. */
export const statementType = 'audit-head+jwt'

/**
 * Reads what a statement that was kept elsewhere says; `undefined` for any other text.
 * Not checked: its signature, which is for those who believe neither this database nor who holds its keys.
 */
export function readStatement(text: string): SegmentStatement | undefined {
  const read = decodeUnverified(text.trim())
  if (!read.ok || read.value.header.typ !== statementType) return undefined
  const { segment, lastId, count, head, sealedAt } = read.value.claims
  const isWhole = [segment, lastId, count].every((number) => Number.isSafeInteger(number))
  if (!isWhole || typeof head !== 'string' || typeof sealedAt !== 'number') return undefined
  return {
    segment: Number(segment),
    lastId: Number(lastId),
    count: Number(count),
    head,
    sealedAt: sealedAt as EpochSeconds,
  }
}
