import { isStoreFault, storeFault, type StoreFault, type StoreFaultKind } from '../port/fault.ts'

/** Turns an error of SQLite or the file system into a fault with the remedy. Any other error is returned unchanged. */
export function sqliteFault(thrown: unknown, file: string): unknown {
  if (isStoreFault(thrown)) return thrown
  const kind = kindOf(thrown)
  return kind === undefined ? thrown : faultOf(kind, file, thrown)
}

/** Makes the fault of one kind for one file. */
export function faultOf(kind: StoreFaultKind, file: string, cause?: unknown): StoreFault {
  return storeFault(kind, sentence(kind, file), { cause })
}

function kindOf(thrown: unknown): StoreFaultKind | undefined {
  if (!(thrown instanceof Error)) return undefined
  if ('errcode' in thrown && typeof thrown.errcode === 'number') {
    return sqliteKinds.get(thrown.errcode & 0xff)
  }
  if ('code' in thrown && typeof thrown.code === 'string') return fileKinds.get(thrown.code)
  return undefined
}

// Source: sqlite.org/rescode.html, primary result codes.
const sqliteKinds: ReadonlyMap<number, StoreFaultKind> = new Map([
  [3, 'unwritable'],
  [5, 'busy'],
  [6, 'busy'],
  [8, 'read_only'],
  [10, 'unavailable'],
  [11, 'broken'],
  [13, 'full'],
  [14, 'unwritable'],
  [26, 'broken'],
])

const fileKinds: ReadonlyMap<string, StoreFaultKind> = new Map([
  ['EACCES', 'unwritable'],
  ['EPERM', 'unwritable'],
  ['EROFS', 'unwritable'],
  ['ENOTDIR', 'unwritable'],
  ['EEXIST', 'unwritable'],
  ['EISDIR', 'unwritable'],
  ['ENOENT', 'unwritable'],
  ['ENOSPC', 'full'],
])

function sentence(kind: StoreFaultKind, file: string): string {
  switch (kind) {
    case 'busy':
      return `Another process holds the database ${file} locked for too long. Find and stop it.`
    case 'full':
      return `The disk has no room left to write the database ${file}. Free some space; a service that runs goes on by itself.`
    case 'read_only':
      return `The database ${file} can only be read. Make the file and its folder writable for this user.`
    case 'unwritable':
      return `The database ${file} cannot be opened for writing. Make its folder writable for this user, or name another folder with COUNTERSIGN_DATA_DIR.`
    case 'broken':
      return `The file ${file} is not a sound database of countersign. Restore it from a backup, or move it away to start with an empty one.`
    case 'unavailable':
      return `The database ${file} could not be read or written. Look at the disk.`
    case 'schema':
      return `The database ${file} has another schema than this program.`
    case 'durability':
      return `The database ${file} cannot use a write-ahead log, so a crash could lose commits. Put it on a local file system.`
  }
}
