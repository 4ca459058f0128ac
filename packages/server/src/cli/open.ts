import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { OperatorDeps } from '../admin/operator.ts'
import type { Config } from '../config/config.ts'
import { keyTimes } from '../config/defaults.ts'
import { readSealingKey } from '../config/sealing-key.ts'
import { startFault } from '../config/start-fault.ts'
import { createKeyRing } from '../keys/ring.ts'
import { createSeals } from '../keys/seal.ts'
import { processSystem } from '../main/system.ts'
import { openStore } from '../store/open-store.ts'
import type { Call } from './command.ts'
import { demandDatabase, databaseName } from './new-database.ts'
import { databaseOf, demand, readConfig } from './load.ts'

/**
 * Units: milliseconds. Ending half a million families takes longer than a request may, and so may the
 * wait for a busy service. An operator can wait.
 */
const patienceMs = 120_000

/**
 * Opens the database for one operation of the command line, and closes it after.
 * Throws: a start fault where there is none, unless the operator stated --new.
 * Why: an operator would believe in a revocation that went into a new database next to the service's
 * own.
 */
export async function withOperator<T>(
  { flags, environment, output }: Pick<Call, 'flags' | 'environment' | 'output'>,
  work: (deps: OperatorDeps, config: Config) => Promise<T>,
  { begins }: { readonly begins?: boolean } = {},
): Promise<T> {
  const { config, problems } = await readConfig(flags, environment)
  demand(problems)
  const address = databaseOf(config)
  if (await demandDatabase(config, { begins }))
    output.note(`The new database is ${databaseName(config)}.`)
  const { now, randomBytes, randomId } = processSystem()
  const seals = createSeals(sealingKeyOf(config), randomBytes)
  const listen = config.databaseListen
  const options = listen === undefined ? {} : { listenUrl: listen }
  const opening = openStore(address, { now, randomId, patienceMs, ...options })
  const store = await output.during(opening)
  try {
    const times = keyTimes
    const ring = createKeyRing({ store: store.keys, seals, times, now, randomId, randomBytes })
    await ring.start()
    const audit = { requestId: randomId(), address: null, actor: 'operator' }
    const deps = { store, ring, seals, now, randomBytes, randomId, audit, warn: output.warn }
    return await work(deps, config)
  } finally {
    await store.close()
  }
}

/** As configured, else the file that `dev` keeps next to its database. */
function sealingKeyOf({ keyEncryptionKey, dataDir }: Config): Uint8Array {
  if (keyEncryptionKey !== undefined) return keyEncryptionKey
  const file = join(resolve(dataDir), 'sealing.key')
  if (!existsSync(file)) {
    throw startFault(
      'COUNTERSIGN_KEY_ENCRYPTION_KEY is missing: give the key that this database is sealed under, or name its file with COUNTERSIGN_KEY_ENCRYPTION_KEY_FILE.',
    )
  }
  const read = readSealingKey(readFileSync(file, 'utf8'))
  if (typeof read === 'string') throw startFault(`${file} ${read}`)
  return read
}
