import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'

/**
 * Makes a file in a temporary folder next to its place and moves it there complete; `exists` when the
 * place has a file by then.
 * Throws: the error of `make` or of the file system; the place is then unchanged.
 * Why: an interruption leaves no half of a file under its name. Of two processes at once the first one's
 * file stays.
 */
export async function placeFile(
  path: string,
  make: (draft: string) => void | Promise<void>,
): Promise<'placed' | 'exists'> {
  const folder = mkdtempSync(`${path}.`)
  const draft = join(folder, basename(path))
  try {
    await make(draft)
    reachDisk(draft, 'r+')
    if (!moveNew(draft, path)) return 'exists'
    // Windows lets nobody open a folder so.
    if (process.platform !== 'win32') reachDisk(dirname(path), 'r')
    return 'placed'
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function reachDisk(path: string, how: 'r' | 'r+'): void {
  const opened = openSync(path, how)
  try {
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
}

/** Gives a file its name unless another has it. */
function moveNew(draft: string, path: string): boolean {
  try {
    linkSync(draft, path)
    return true
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'EEXIST') return false
    // Some file systems know no second name for a file.
    if (existsSync(path)) return false
    renameSync(draft, path)
    return true
  }
}
