import { existsSync } from 'node:fs'
import { settingsFile } from '../config/settings.ts'
import type { Sources } from '../config/sources.ts'
import { startFault } from '../config/start-fault.ts'

/** Reads the file of settings, if it is there. Throws: a start fault when it is no toml. */
export async function readSettingsFile(readFile: Sources['readFile']): Promise<Sources['file']> {
  if (!existsSync(settingsFile)) return undefined
  const { parse } = await import('smol-toml')
  try {
    return { name: settingsFile, table: parse(readFile(settingsFile)) }
  } catch (fault) {
    const at = fault instanceof Error && 'line' in fault ? ` at line ${String(fault.line)}` : ''
    throw startFault(`${settingsFile} is no toml${at}: correct it, or move it away.`)
  }
}
