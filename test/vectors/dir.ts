import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/**
 * The folder with the published test material, or `undefined` where it was not laid beside the project.
 * Why: the material is other people's and is not part of this project; `VECTORS_DIR` says where it is.
 */
export function vectorsDir(): string | undefined {
  const root = resolve(import.meta.dirname, '..', '..')
  const dir = process.env['VECTORS_DIR'] ?? join(root, '..', 'shared', 'vectors')
  return existsSync(dir) ? dir : undefined
}

/** The one line that a suite says when there is no such folder. */
export const vectorsAbsent =
  'No test vectors here: set VECTORS_DIR to the folder that holds them; these cases were not run.'
