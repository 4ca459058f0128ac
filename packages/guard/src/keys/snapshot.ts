import { openSnapshotFile, type SnapshotFile } from '../outbound/snapshot-file.ts'

/** A key set as it was last seen. Units: `fetchedAt` in epoch seconds. */
export interface KeySnapshot {
  readonly jwks: Readonly<Record<string, unknown>>
  readonly fetchedAt: number
}

/** Where a guard keeps the last good keys between two lives; public keys only. */
export type SnapshotPort = SnapshotFile<KeySnapshot>

/**
 * Keeps the snapshots of all issuers of one guard in one file, replaced whole.
 * Not checked: who may write the file; whoever may, chooses the keys, so it belongs where only the service writes.
 */
export function fileSnapshot(path: string): SnapshotPort {
  return openSnapshotFile(path, isSnapshot)
}

function isSnapshot(value: unknown): value is KeySnapshot {
  if (typeof value !== 'object' || value === null) return false
  const { jwks, fetchedAt } = value as Record<string, unknown>
  return typeof jwks === 'object' && jwks !== null && Number.isFinite(fetchedAt)
}
