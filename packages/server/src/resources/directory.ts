import type { ResourceRecord } from '../store/port/records.ts'
import type { ResourceVerbs } from '../store/port/store.ts'

/** All resources, in memory. */
export interface ResourceDirectory {
  readonly start: () => Promise<void>
  readonly find: (audience: string) => ResourceRecord | undefined
  readonly list: () => readonly ResourceRecord[]
  /** Reads records again that another process has changed. */
  readonly refresh: (audiences: Iterable<string>) => Promise<void>
}

/**
 * Holds the resources so that a token request asks no database for them.
 * Why: there are few of them, they change rarely, and the change log tells which did.
 */
export function createResourceDirectory(
  store: Pick<ResourceVerbs, 'find' | 'list'>,
): ResourceDirectory {
  const records = new Map<string, ResourceRecord>()
  let reading: Promise<void> = Promise.resolve()

  async function readAnew(changed: Iterable<string>): Promise<void> {
    for (const audience of new Set(changed)) {
      const record = await store.find(audience)
      if (record === undefined) records.delete(audience)
      else records.set(audience, record)
    }
  }

  return {
    async start() {
      const found = await store.list()
      records.clear()
      for (const record of found) records.set(record.audience, record)
    },
    find: (audience) => records.get(audience),
    list: () => [...records.values()],
    refresh(changed) {
      // One after another, so that what was read first never overwrites what was read last.
      const next = reading.catch(() => undefined).then(() => readAnew(changed))
      reading = next
      return next
    },
  }
}
