import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { ok, refuse, type Result } from '@countersign/jwt'
import { startFault } from '../config/start-fault.ts'

/** Units: bytes of a file that holds a secret or a key set. */
const valueBytesMax = 1024 * 1024

/** Reads a file of the command line, or the standard input for `-`. Throws: a start fault that names it. */
export function readInput(file: string, bytesMax: number): string {
  const isInput = file === '-'
  const name = isInput ? 'The standard input' : file
  try {
    if (!isInput && statSync(file).size > bytesMax) return tooLong(name, bytesMax)
    const text = readFileSync(isInput ? 0 : file, 'utf8')
    return Buffer.byteLength(text) > bytesMax ? tooLong(name, bytesMax) : text
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault)
      throw startFault(`${name} cannot be read.`, fault)
    throw fault
  }
}

function tooLong(name: string, bytesMax: number): never {
  throw startFault(`${name} is longer than ${bytesMax} bytes.`)
}

/**
 * Makes the reader of `env:NAME` and `file:PATH`. Paths are relative to the folder.
 * Refuses: with a sentence that names the reference, never its value.
 */
export function readReferenceIn(
  folder: string,
  environment: NodeJS.ProcessEnv,
): (reference: string) => Result<string, string> {
  return (reference) => {
    const at = reference.indexOf(':') + 1
    const name = reference.slice(at)
    if (reference.startsWith('env:')) {
      // Each object inherits names such as `toString`.
      const value = Object.hasOwn(environment, name) ? environment[name] : undefined
      return value === undefined || value === ''
        ? refuse(`The variable ${name} is not set.`)
        : ok(value.trim())
    }
    const path = resolve(folder, name)
    try {
      if (statSync(path).size > valueBytesMax)
        return refuse(`The file ${name} is longer than ${valueBytesMax} bytes.`)
      return ok(readFileSync(path, 'utf8').trim())
    } catch {
      return refuse(`The file ${name} cannot be read.`)
    }
  }
}
