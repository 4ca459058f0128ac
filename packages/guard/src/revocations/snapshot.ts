import { openSnapshotFile } from '../outbound/snapshot-file.ts'
import type { RevocationSnapshot, RevocationSnapshotPort } from '../policy/revocation-policy.ts'
import { isWireEntry } from './entries.ts'

export type { RevocationSnapshot, RevocationSnapshotPort } from '../policy/revocation-policy.ts'

/**
 * Keeps revocations in one file, so that a guard that starts while its issuer is away still refuses what it knew.
 * Not checked: who may write the file; whoever may, could let a dead token live until the issuer is heard again.
 */
export function fileRevocations(path: string): RevocationSnapshotPort {
  return openSnapshotFile(path, isSnapshot, isAhead)
}

/** Several processes follow one issuer, and not all have come as far. */
function isAhead(kept: RevocationSnapshot, next: RevocationSnapshot): boolean {
  return kept.epoch === next.epoch && kept.sequence > next.sequence
}

function isSnapshot(value: unknown): value is RevocationSnapshot {
  if (typeof value !== 'object' || value === null) return false
  const { epoch, sequence, entries } = value as Record<string, unknown>
  if (typeof epoch !== 'string' || !Number.isSafeInteger(sequence)) return false
  return Array.isArray(entries) && entries.every(isWireEntry)
}
