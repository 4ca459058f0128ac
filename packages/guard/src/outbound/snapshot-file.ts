import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** What is known of each issuer, kept between two lives of a process. */
export interface SnapshotFile<Snapshot> {
  readonly load: (issuer: string) => Promise<Snapshot | undefined>
  readonly save: (issuer: string, snapshot: Snapshot) => Promise<void>
}

/** What this process has under way, by path: each save reads what the one before it has written. */
const queues = new Map<string, Promise<void>>()

/**
 * Keeps the snapshots of all issuers in one file for this user only, replaced whole; guards and processes may share it.
 * Why: a snapshot that cannot be read or written only costs the warm start, so neither is a fault.
 * Not checked: who may write the file; it belongs where only the service writes. Of two processes that save at the same
 * moment the later one's stands.
 */
export function openSnapshotFile<Snapshot>(
  path: string,
  isSnapshot: (value: unknown) => value is Snapshot,
  /** Whether what the file holds is to stay, since whoever saves is behind; never unless told otherwise. */
  isAhead: (kept: Snapshot, next: Snapshot) => boolean = () => false,
): SnapshotFile<Snapshot> {
  const place = resolve(path)

  async function readAll(): Promise<Record<string, unknown>> {
    try {
      const value: unknown = JSON.parse(await readFile(path, 'utf8'))
      return typeof value === 'object' && value !== null ? { ...value } : {}
    } catch {
      return {}
    }
  }

  function find(all: Record<string, unknown>, issuer: string): Snapshot | undefined {
    const kept = Object.hasOwn(all, issuer) ? all[issuer] : undefined
    return isSnapshot(kept) ? kept : undefined
  }

  async function write(issuer: string, snapshot: Snapshot): Promise<void> {
    const all = await readAll()
    const kept = find(all, issuer)
    if (kept !== undefined && isAhead(kept, snapshot)) return
    // Threads share the number of their process, and containers all have the first.
    const draft = `${path}.${crypto.randomUUID()}.new`
    await mkdir(dirname(path), { recursive: true })
    try {
      await writeFile(draft, JSON.stringify({ ...all, [issuer]: snapshot }), { mode: 0o600 })
      await rename(draft, path)
    } finally {
      await rm(draft, { force: true })
    }
  }

  return {
    load: async (issuer) => find(await readAll(), issuer),
    save: (issuer, snapshot) => {
      const before = queues.get(place) ?? Promise.resolve()
      const saving = before.then(() => write(issuer, snapshot)).catch(() => undefined)
      queues.set(place, saving)
      return saving
    },
  }
}
