import type { StoreDeps } from '../port/deps.ts'
import { isStoreFault } from '../port/fault.ts'
import type { Migration } from '../port/migration.ts'
import { run, type Driver, type Topic, type Verb } from '../port/verb.ts'
import { openReader, openWriter, type Connection } from './database.ts'
import { migrateSqlite } from './migrate.ts'
import { createWriteQueue, drive, type Committed } from './write-queue.ts'

/** How often the driver checks for commits of other processes. Units: milliseconds. */
const pollMs = 100

/**
 * Opens a SQLite file as a driver: one connection writes, another reads what was committed.
 * Throws: faults `unwritable`, `broken`, `durability`, `schema`, `busy`.
 */
export function openSqlite(file: string, deps: StoreDeps, known: readonly Migration[]): Driver {
  const writer = openWriter(file, deps.now)
  const reader = migrateAndOpenReader(writer, file, deps, known)
  const listeners = new Set<(what: Topic) => void>()
  const tell = ({ topics, events }: Committed) => {
    if (events.length > 0) deps.onAudit?.(events)
    for (const topic of topics) for (const listener of listeners) listener(topic)
  }
  const queue = createWriteQueue(writer, tell, deps.patienceMs)
  const watch = watchOthers(writer, reader, (topics) => tell({ topics, events: [] }))
  let closed = false
  /** Whether a write failed after the last one that reached the disk. */
  let writeFailed = false
  async function write<T>(verb: () => Verb<T>): Promise<T> {
    try {
      return await queue.write(verb)
    } catch (thrown) {
      writeFailed ||= isStoreFault(thrown)
      throw thrown
    }
  }
  return {
    read: async (verb) => drive(reader, verb(), noCommits()),
    write,
    onCommit(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async health() {
      try {
        // An empty transaction tests the lock. Only one that changes a page tests the disk.
        await queue.write(writeFailed ? touchRow : doNothing)
        writeFailed = false
        return { ok: true, detail: 'sqlite' }
      } catch (thrown) {
        return { ok: false, detail: isStoreFault(thrown) ? thrown.kind : 'fault' }
      }
    },
    async close() {
      if (closed) return
      closed = true
      clearInterval(watch)
      queue.close()
      reader.close()
      writer.close()
    },
  }
}

function* doNothing(): Verb<void> {}

function* touchRow(): Verb<void> {
  yield* run('update log_head set one = one where one = 1')
}

/** Applies the schema steps that a file lacks, or only lists them. Throws: the store's faults. */
export function migrateFile(
  file: string,
  deps: StoreDeps,
  known: readonly Migration[],
  dryRun: boolean,
): readonly Migration[] {
  const writer = openWriter(file, deps.now)
  try {
    return migrateSqlite(writer, deps, known, dryRun)
  } finally {
    writer.close()
  }
}

function migrateAndOpenReader(
  writer: Connection,
  file: string,
  deps: StoreDeps,
  known: readonly Migration[],
): Connection {
  try {
    migrateSqlite(writer, deps, known)
    return openReader(file, deps.now)
  } catch (thrown) {
    writer.close()
    throw thrown
  }
}

/** Reports commits of other processes. SQLite counts them for each connection, without the commits of that connection. */
function watchOthers(
  writer: Connection,
  reader: Connection,
  onTopics: (topics: Set<Topic>) => void,
): NodeJS.Timeout {
  let version = dataVersion(writer)
  let heads = readHeads(reader)
  const poll = () => {
    const seen = dataVersion(writer)
    if (seen === version) return
    const now = readHeads(reader)
    const topics = new Set<Topic>()
    if (now['changes'] !== heads['changes']) topics.add('changes')
    if (now['revocations'] !== heads['revocations'] || now['epoch'] !== heads['epoch']) {
      topics.add('revocations')
    }
    version = seen
    heads = now
    onTopics(topics)
  }
  const timer = setInterval(() => {
    try {
      poll()
    } catch (thrown) {
      // The disk fails. The next read or write reports it, and the next poll finds the commits that this one missed.
      if (!isStoreFault(thrown)) throw thrown
    }
  }, pollMs)
  return timer.unref()
}

function dataVersion(connection: Connection): unknown {
  return connection.run({ sql: 'pragma data_version', params: [] })[0]?.['data_version']
}

function readHeads(connection: Connection): Readonly<Record<string, unknown>> {
  const sql = 'select epoch, revocations, changes from log_head where one = 1'
  return connection.run({ sql, params: [] })[0] ?? {}
}

function noCommits(): Committed {
  return { topics: new Set(), events: [] }
}
