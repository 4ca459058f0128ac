import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { isStartFault, startFault } from '../config/start-fault.ts'
import type { Config } from '../config/config.ts'
import type { Call } from './command.ts'
import { readGround, storeDeps } from './database-ground.ts'
import { keyCheckOf } from './key-check.ts'

/** Runs `countersign migrate --from <file>`: moves a SQLite database to the configured Postgres database. */
export async function moveFrom(
  file: string,
  call: Pick<Call, 'flags' | 'environment' | 'output'>,
): Promise<0> {
  const { config, address, deps } = await readGround(call)
  const { isPostgresAddress } = await import('../config/postgres-address.ts')
  if (!isPostgresAddress(address))
    throw startFault('A database moves to Postgres: name an empty one with DATABASE_URL.')
  const { moveDatabase } = await import('../store/move/move-database.ts')
  const checkKeys = await movedKeyCheck(file, config, call)
  const { outcome, rows } = await moveDatabase(
    { from: resolve(file), to: address, checkKeys },
    storeDeps(config, deps),
    { requestId: deps.randomId(), address: null, actor: 'operator' },
  )
  if (outcome === 'occupied') {
    const holds = Object.entries(rows).map(([table, count]) => `${table} (${count})`)
    throw startFault(
      `The Postgres database is not empty: it has rows in ${holds.join(', ')}. Name an empty one with DATABASE_URL.`,
    )
  }
  call.output.print({ moved: resolve(file), rows })
  return 0
}

/** The check of the keys in the file. Where `dev` left its key next to the file, a refusal names that key. */
async function movedKeyCheck(file: string, config: Config, { output }: Pick<Call, 'output'>) {
  const devKey = join(dirname(resolve(file)), 'sealing.key')
  if (!existsSync(devKey)) return keyCheckOf(config, output.warn)
  const remedy = `"countersign dev" keeps the key of its database in sealing.key: set COUNTERSIGN_KEY_ENCRYPTION_KEY_FILE=${devKey}.`
  if (config.keyEncryptionKey === undefined) throw startFault(remedy)
  const check = await keyCheckOf(config, output.warn)
  return (keys: Parameters<typeof check>[0]) => {
    try {
      check(keys)
    } catch (fault) {
      throw isStartFault(fault) ? startFault(`${fault.message} ${remedy}`, fault) : fault
    }
  }
}
