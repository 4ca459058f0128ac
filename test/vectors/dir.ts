import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/**
 * The folder with the published test material, or `undefined` where it is missing.
 * Why: the material belongs to others and is not part of this project. `VECTORS_DIR` names its folder.
 */
export function vectorsDir(): string | undefined {
  const root = resolve(import.meta.dirname, '..', '..')
  const dir = process.env['VECTORS_DIR'] ?? join(root, '..', 'shared', 'vectors')
  return existsSync(dir) ? dir : undefined
}

/** The note of a suite when there is no such folder. */
export const vectorsAbsent =
  'No test vectors here: set VECTORS_DIR to the folder that holds them; these cases were not run.'
