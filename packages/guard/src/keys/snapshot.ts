import { openSnapshotFile, type SnapshotFile } from '../outbound/snapshot-file.ts'

/** The last fetched key set. Units: `fetchedAt` in epoch seconds. */
export interface KeySnapshot {
  readonly jwks: Readonly<Record<string, unknown>>
  readonly fetchedAt: number
}

/** A store for the last fetched public keys, so that a guard starts while its issuer is unreachable. */
export type SnapshotPort = SnapshotFile<KeySnapshot>

/**
 * Keeps the snapshots of all issuers of one guard in one file.
 * Not checked: permissions of the folder. A program that can write the file chooses the keys, so use a folder where only
 * the service writes.
 */
export function fileSnapshot(path: string): SnapshotPort {
  return openSnapshotFile(path, isSnapshot)
}

function isSnapshot(value: unknown): value is KeySnapshot {
  if (typeof value !== 'object' || value === null) return false
  const { jwks, fetchedAt } = value as Record<string, unknown>
  return typeof jwks === 'object' && jwks !== null && Number.isFinite(fetchedAt)
}
