import { chmodSync, closeSync, existsSync, openSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { AuditContext } from '../audit/events.ts'
import { makeFolder } from '../config/make-folder.ts'
import { placeFile } from '../config/place-file.ts'
import { migrations } from './migrations/migrations.ts'
import type { StoreDeps } from './port/deps.ts'
import type { KeyRecord } from './port/records.ts'
import type { Recovery } from './port/revocation-verbs.ts'
import { isStoreFault } from './port/fault.ts'
import { copyInto, openReader } from './sqlite/database.ts'
import { openSqlite } from './sqlite/driver.ts'
import { faultOf } from './sqlite/faults.ts'
import { createStore } from './verbs/create-store.ts'

/**
 * Writes a consistent copy of a SQLite database into a new file with mode 0600, while the service runs.
 * Refuses: `exists` when there is a file of that name already.
 * Throws: faults `unwritable`, `broken`, `full`.
 */
export async function backupFile(
  file: string,
  target: string,
  deps: Pick<StoreDeps, 'now'>,
): Promise<'written' | 'exists'> {
  if (existsSync(target)) return 'exists'
  const reader = openReader(file, deps.now)
  try {
    const outcome = await placeFile(target, (draft) => {
      closeSync(openSync(draft, 'ax', 0o600))
      copyInto(reader, draft)
    })
    return outcome === 'placed' ? 'written' : 'exists'
  } finally {
    reader.close()
  }
}

export interface RestoreOptions {
  readonly disableClients: boolean
  /** Throws where the keys of the backup cannot be unsealed; the place is then as it was. */
  readonly checkKeys?: (keys: readonly KeyRecord[]) => void
}

/**
 * Puts a backup in the place of a database and makes it safe: see `recover` of the verbs of revocation.
 * Refuses: `exists` when there is a database, or the log of one; stop the service and move it away first.
 * Throws: faults `unwritable`, `broken`, `schema`, `full`, and those of `checkKeys`; the place is then as it was.
 */
export async function restoreFile(
  backup: string,
  file: string,
  deps: StoreDeps,
  audit: AuditContext,
  options: RestoreOptions = { disableClients: false },
): Promise<Recovery | 'exists'> {
  let recovery: Recovery | undefined
  if (leftAt(file).length > 0) return 'exists'
  makeFolder(dirname(file))
  try {
    const outcome = await placeFile(file, async (draft) => {
      await copyFile(backup, draft)
      chmodSync(draft, 0o600)
      const store = createStore(openSqlite(draft, deps, migrations), deps.randomId)
      try {
        options.checkKeys?.(await store.keys.list())
        recovery = await store.revocations.recover(deps.randomId(), options, audit)
      } catch (fault) {
        await store.close()
        throw fault
      }
      // Closing the last connection moves the whole log into the file. A log that is left says that the disk failed.
      await store.close()
      if (leftAt(draft).length > 1) throw faultOf('unavailable', file)
    })
    return outcome === 'placed' && recovery !== undefined ? recovery : 'exists'
  } catch (fault) {
    // The message names the given file; the damage came with it.
    throw isStoreFault(fault) && fault.kind === 'broken' ? faultOf('broken', backup, fault) : fault
  }
}

/**
 * Finds the files of a database that exist, its logs included.
 * Why: SQLite applies a log to the file of the same name, even where the log is of another database.
 */
function leftAt(file: string): readonly string[] {
  return ['', '-wal', '-journal'].filter((end) => existsSync(file + end))
}
