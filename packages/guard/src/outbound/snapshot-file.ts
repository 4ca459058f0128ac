import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** A store for one snapshot of each issuer, so that a process starts with the keys or entries of an earlier one. */
export interface SnapshotFile<Snapshot> {
  readonly load: (issuer: string) => Promise<Snapshot | undefined>
  readonly save: (issuer: string, snapshot: Snapshot) => Promise<void>
}

/** The running saves of this process, by path. Each save reads the file after the save before it. */
const savesByPath = new Map<string, Promise<void>>()

/**
 * Keeps the snapshots of all issuers in one file that only this user can read. Guards and processes may share it.
 * Why: a snapshot that cannot be read or written costs only the warm start, so neither throws.
 * Not checked: permissions of the folder; use one where only the service writes. If two processes save at the same
 * moment, the later file replaces the earlier one.
 */
export function openSnapshotFile<Snapshot>(
  path: string,
  isSnapshot: (value: unknown) => value is Snapshot,
  /** Whether the file keeps its snapshot, because the new one is behind. Default: never. */
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

  function findSnapshot(all: Record<string, unknown>, issuer: string): Snapshot | undefined {
    const kept = Object.hasOwn(all, issuer) ? all[issuer] : undefined
    return isSnapshot(kept) ? kept : undefined
  }

  async function write(issuer: string, snapshot: Snapshot): Promise<void> {
    const all = await readAll()
    const kept = findSnapshot(all, issuer)
    if (kept !== undefined && isAhead(kept, snapshot)) return
    // Threads share a process number, and in containers it is often 1, so the name is random.
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
    load: async (issuer) => findSnapshot(await readAll(), issuer),
    save: (issuer, snapshot) => {
      const before = savesByPath.get(place) ?? Promise.resolve()
      const saving = before.then(() => write(issuer, snapshot)).catch(() => undefined)
      savesByPath.set(place, saving)
      return saving
    },
  }
}
