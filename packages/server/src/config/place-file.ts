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
 * Has a file made in a folder of its own beside its place, and puts it there whole; `exists` when one stands there by then.
 * Throws: what `make` or the file system says; the place is then as it was.
 * Why: whatever is cut off in between leaves no half of a file under its name, and of two that make it at once the first
 * one's stands.
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
