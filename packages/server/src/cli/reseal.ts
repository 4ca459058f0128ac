import { readFileSync } from 'node:fs'
import { readSealingKey } from '../config/sealing-key.ts'
import { commandSecrets } from '../config/settings.ts'
import { findSecret } from '../config/sources.ts'
import { startFault } from '../config/start-fault.ts'
import { createSeals, type Seals } from '../keys/seal.ts'
import { processSystem } from '../main/system.ts'

const name = commandSecrets.newKeyEncryptionKey

/** The seals under the key that is to come. Throws: a start fault with the remedy. */
export function newSeals(environment: NodeJS.ProcessEnv): Seals {
  const found = findSecret(name, environment, (path) => readFileSync(path, 'utf8'))
  if (found === undefined)
    throw startFault(
      `${name} is missing: give the key to seal under, or name its file with ${name}_FILE.`,
    )
  const read = readSealingKey(found.value)
  if (typeof read === 'string') throw startFault(`${found.origin} ${read}`)
  return createSeals(read, processSystem().randomBytes)
}
