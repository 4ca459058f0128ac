import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { startFault } from '../config/start-fault.ts'
import type { AddClaims } from '../tokens/plan.ts'

/**
 * Loads the function of an operator that adds claims.
 * Throws: a start fault where the module cannot be loaded or has no such function.
 */
export async function loadClaims(path: string | undefined): Promise<AddClaims | undefined> {
  if (path === undefined) return undefined
  try {
    const loaded = (await import(pathToFileURL(resolve(path)).href)) as { addClaims?: AddClaims }
    if (typeof loaded.addClaims === 'function') return loaded.addClaims
  } catch (fault) {
    throw startFault(`The claims module ${path} cannot be loaded: correct it or its path.`, fault)
  }
  throw startFault(`The claims module ${path} exports no function addClaims.`)
}
