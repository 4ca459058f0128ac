import type { ResourceRecord } from '../store/port/records.ts'
import type { ResourceVerbs } from '../store/port/store.ts'

/** All resources, in memory. */
export interface ResourceDirectory {
  readonly start: () => Promise<void>
  readonly find: (audience: string) => ResourceRecord | undefined
  readonly list: () => readonly ResourceRecord[]
  /** Reads records anew that another hand has changed. */
  readonly refresh: (audiences: Iterable<string>) => Promise<void>
  /** Called after a change, so that what was prepared from a record can be prepared again. */
  readonly onChange: (listener: () => void) => void
}

/**
 * Holds the resources so that a token request asks no database for them.
 * Why: there are few of them, they change rarely, and the change log tells which did.
 */
export function createResourceDirectory(
  store: Pick<ResourceVerbs, 'find' | 'list'>,
): ResourceDirectory {
  const records = new Map<string, ResourceRecord>()
  const listeners: (() => void)[] = []
  return {
    async start() {
      const found = await store.list()
      records.clear()
      for (const record of found) records.set(record.audience, record)
      for (const listener of listeners) listener()
    },
    find: (audience) => records.get(audience),
    list: () => [...records.values()],
    async refresh(audiences) {
      for (const audience of new Set(audiences)) {
        const record = await store.find(audience)
        if (record === undefined) records.delete(audience)
        else records.set(audience, record)
      }
      for (const listener of listeners) listener()
    },
    onChange: (listener) => void listeners.push(listener),
  }
}
