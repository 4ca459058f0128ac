import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Values by name, kept between two lives of a process. */
export interface SnapshotFile {
  readonly load: (name: string) => Promise<unknown>
  readonly save: (name: string, value: object) => Promise<void>
}

/**
 * Keeps values in one file for this user only, replaced whole.
 * Why: a snapshot that cannot be read or written only costs the warm start, so neither is a fault.
 * Not checked: who may write the file; it belongs where only the service writes.
 */
export function openSnapshotFile(path: string): SnapshotFile {
  let queue: Promise<void> = Promise.resolve()

  async function readAll(): Promise<Record<string, unknown>> {
    try {
      const value: unknown = JSON.parse(await readFile(path, 'utf8'))
      return typeof value === 'object' && value !== null ? { ...value } : {}
    } catch {
      return {}
    }
  }

  async function write(name: string, value: object): Promise<void> {
    const all = { ...(await readAll()), [name]: value }
    const draft = `${path}.${process.pid}.new`
    await mkdir(dirname(path), { recursive: true })
    await writeFile(draft, JSON.stringify(all), { mode: 0o600 })
    await rename(draft, path)
  }

  return {
    load: async (name) => {
      const all = await readAll()
      return Object.hasOwn(all, name) ? all[name] : undefined
    },
    save: (name, value) => {
      queue = queue.then(() => write(name, value)).catch(() => undefined)
      return queue
    },
  }
}
