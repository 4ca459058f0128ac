import type { ClientRecord } from '../store/port/records.ts'
import type { ClientVerbs } from '../store/port/store.ts'
import { clientIdLengthMax } from './id-length.ts'

/** Clients that were asked for lately, in memory. */
export interface ClientDirectory {
  /** From memory, or `undefined` when it has to be read. */
  readonly remembered: (id: string) => ClientRecord | undefined
  readonly read: (id: string) => Promise<ClientRecord | undefined>
  /** Whether the database was asked for this name within the last second, with a record or without. */
  readonly wasReadLately: (id: string) => boolean
  /** Another hand changed these; they are read again when next asked for. */
  readonly forget: (ids: Iterable<string>) => void
  /** Forgets all, after the log of changes went back. */
  readonly forgetAll: () => void
}

/** Units: records. */
const rememberedMax = 20_000
/** Units: names, milliseconds. */
const latelyMax = 1_000
const latelyMs = 1_000

/**
 * Remembers client records, so that a token request asks no database for its client.
 * Why: the change log names each record that another process changed; whatever was decided from an old record is
 * checked again by its version, in the store's transaction or by the guards.
 */
export function createClientDirectory(
  store: Pick<ClientVerbs, 'find'>,
  monotonicMs: () => number = () => performance.now(),
): ClientDirectory {
  const records = new Map<string, ClientRecord>()
  const readAt = new Map<string, number>()
  let forgotten = 0
  return {
    remembered: (id) => records.get(id),
    wasReadLately(id) {
      const at = readAt.get(id)
      return at !== undefined && monotonicMs() - at < latelyMs
    },
    async read(id) {
      if (!mayBeId(id)) return undefined
      const before = forgotten
      const record = await store.find(id)
      readAt.delete(id)
      if (record === undefined) records.delete(id)
      // The change may have removed this record, which was read before it.
      if (before !== forgotten) return record
      if (readAt.size >= latelyMax) dropOldest(readAt)
      readAt.set(id, monotonicMs())
      if (record !== undefined) {
        if (records.size >= rememberedMax) dropOldest(records)
        records.set(id, record)
      }
      return record
    },
    forget(ids) {
      forgotten += 1
      for (const id of ids) {
        records.delete(id)
        readAt.delete(id)
      }
    },
    forgetAll() {
      forgotten += 1
      records.clear()
      readAt.clear()
    },
  }
}

/** Whether any client could have this id; Postgres takes a NUL in a text for a fault of ours. */
function mayBeId(id: string): boolean {
  return id.length <= clientIdLengthMax && !id.includes('\0')
}

function dropOldest(entries: Map<string, unknown>): void {
  const oldest = entries.keys().next()
  if (oldest.done !== true) entries.delete(oldest.value)
}
