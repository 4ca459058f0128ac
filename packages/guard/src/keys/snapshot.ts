import { openSnapshotFile } from '../outbound/snapshot-file.ts'

/** A key set as it was last seen. Units: `fetchedAt` in epoch seconds. */
export interface KeySnapshot {
  readonly jwks: Readonly<Record<string, unknown>>
  readonly fetchedAt: number
}

/** Where a guard keeps the last good keys between two lives; public keys only. */
export interface SnapshotPort {
  readonly load: (issuer: string) => Promise<KeySnapshot | undefined>
  readonly save: (issuer: string, snapshot: KeySnapshot) => Promise<void>
}

/**
 * Keeps the snapshots of all issuers of one guard in one file, replaced whole.
 * Not checked: who may write the file; whoever may, chooses the keys, so it belongs where only the service writes.
 */
export function fileSnapshot(path: string): SnapshotPort {
  const file = openSnapshotFile(path)
  return {
    load: async (issuer) => {
      const kept = await file.load(issuer)
      return isSnapshot(kept) ? kept : undefined
    },
    save: file.save,
  }
}

function isSnapshot(value: unknown): value is KeySnapshot {
  if (typeof value !== 'object' || value === null) return false
  const { jwks, fetchedAt } = value as Record<string, unknown>
  return typeof jwks === 'object' && jwks !== null && Number.isFinite(fetchedAt)
}
