import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

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
 * Why: a snapshot that cannot be read or written only costs the warm start, so neither is a fault.
 * Not checked: who may write the file; whoever may, chooses the keys, so it belongs where only the service writes.
 */
export function fileSnapshot(path: string): SnapshotPort {
  let queue: Promise<void> = Promise.resolve()

  async function readAll(): Promise<Record<string, unknown>> {
    try {
      const value: unknown = JSON.parse(await readFile(path, 'utf8'))
      return typeof value === 'object' && value !== null ? { ...value } : {}
    } catch {
      return {}
    }
  }

  async function write(issuer: string, snapshot: KeySnapshot): Promise<void> {
    const all = { ...(await readAll()), [issuer]: snapshot }
    const draft = `${path}.${process.pid}.new`
    await mkdir(dirname(path), { recursive: true })
    await writeFile(draft, JSON.stringify(all), { mode: 0o600 })
    await rename(draft, path)
  }

  return {
    load: async (issuer) => {
      const all = await readAll()
      const kept = Object.hasOwn(all, issuer) ? all[issuer] : undefined
      return isSnapshot(kept) ? kept : undefined
    },
    save: (issuer, snapshot) => {
      queue = queue.then(() => write(issuer, snapshot)).catch(() => undefined)
      return queue
    },
  }
}

function isSnapshot(value: unknown): value is KeySnapshot {
  if (typeof value !== 'object' || value === null) return false
  const { jwks, fetchedAt } = value as Record<string, unknown>
  return typeof jwks === 'object' && jwks !== null && Number.isFinite(fetchedAt)
}
