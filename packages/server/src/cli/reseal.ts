import { readFileSync } from 'node:fs'
import { readSealingKey } from '../config/sealing-key.ts'
import { startFault } from '../config/start-fault.ts'
import { createSeals, type Seals } from '../keys/seal.ts'
import { processSurroundings } from '../main/surroundings.ts'

const name = 'COUNTERSIGN_NEW_KEY_ENCRYPTION_KEY'

/** The seals under the key that is to come. Throws: a start fault with the remedy. */
export function newSeals(environment: NodeJS.ProcessEnv): Seals {
  const file = environment[`${name}_FILE`]
  const text = file === undefined ? environment[name] : readFile(file)
  if (text === undefined)
    throw startFault(
      `${name} is missing: give the key to seal under, or name its file with ${name}_FILE.`,
    )
  const read = readSealingKey(text)
  if (typeof read === 'string') throw startFault(`${name} ${read}`)
  return createSeals(read, processSurroundings().randomBytes)
}

function readFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw startFault(`${name}_FILE names ${file}, which cannot be read.`)
  }
}
