import { readFileSync } from 'node:fs'
import { startFault } from '../config/start-fault.ts'

/** Reads a file that the command line names. Throws: a start fault that names it. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw startFault(`${file} cannot be read.`)
  }
}
