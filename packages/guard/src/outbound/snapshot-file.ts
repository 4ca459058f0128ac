import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What is known of each issuer, kept between two lives of a process. */
export interface SnapshotFile<Snapshot> {
  readonly load: (issuer: string) => Promise<Snapshot | undefined>
  readonly save: (issuer: string, snapshot: Snapshot) => Promise<void>
}

/**
 * Keeps the snapshots of all issuers of one guard in one file for this user only, replaced whole.
 * Why: a snapshot that cannot be read or written only costs the warm start, so neither is a fault.
 * Not checked: who may write the file; it belongs where only the service writes.
 */
export function openSnapshotFile<Snapshot>(
  path: string,
  isSnapshot: (value: unknown) => value is Snapshot,
): SnapshotFile<Snapshot> {
  let queue: Promise<void> = Promise.resolve()

  async function readAll(): Promise<Record<string, unknown>> {
    try {
      const value: unknown = JSON.parse(await readFile(path, 'utf8'))
      return typeof value === 'object' && value !== null ? { ...value } : {}
    } catch {
      return {}
    }
  }

  async function write(issuer: string, snapshot: Snapshot): Promise<void> {
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
