import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder for this user's eyes only, and those above it that are missing.
 * Throws: the error of the system where it cannot be made.
 * Why: the runtime's own recursion tries for ever below a place where the system says that nothing is there, `/proc`
 * for one.
 */
export function makeFolder(path: string): void {
  try {
    makeOne(path)
  } catch (fault) {
    const above = dirname(path)
    if (codeOf(fault) !== 'ENOENT' || above === path) throw fault
    makeFolder(above)
    makeOne(path)
  }
}

function makeOne(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (fault) {
    // The user of the folder checks an existing one.
    if (codeOf(fault) !== 'EEXIST') throw fault
  }
}

function codeOf(fault: unknown): unknown {
  return fault instanceof Error && 'code' in fault ? fault.code : undefined
}
