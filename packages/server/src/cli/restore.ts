import { resolve } from 'node:path'
import type { Command } from 'commander'
import { startFault } from '../config/start-fault.ts'
import type { Config } from '../config/config.ts'
import type { KeyRecord } from '../store/port/records.ts'
import type { Recovery } from '../store/port/revocation-verbs.ts'
import { embeddedFile, nameFileFaults, readGround, storeDeps } from './database-ground.ts'
import { isJson, type Line } from './line.ts'
import { print } from './print.ts'

/** Adds `countersign restore`. */
export function addRestoreCommand(program: Command, line: Line): void {
  program
    .command('restore [file]')
    .description(
      'put a backup in the place of the database, or make a restored Postgres database safe; revokes all that was issued and burns every key',
    )
    .option('--disable-clients', 'disable every client: enable each one after a check')
    .action(
      async (
        file: string | undefined,
        { disableClients = false }: { disableClients?: boolean },
        command: Command,
      ) => {
        const { config, address, deps } = await readGround(command, line)
        const audit = { requestId: deps.randomId(), address: null, actor: 'operator' }
        const checkKeys = await keyCheckOf(config)
        const { isPostgresAddress } = await import('../config/postgres-address.ts')
        if (isPostgresAddress(address)) {
          if (file !== undefined) throw startFault(restorePostgres)
          const { openStore } = await import('../store/open-store.ts')
          const store = await openStore(address, storeDeps(config, deps))
          try {
            checkKeys(await store.keys.list())
            const recovery = await store.revocations.recover(
              deps.randomId(),
              { disableClients },
              audit,
            )
            print(reportOf('this Postgres database', recovery, disableClients), isJson(command))
          } finally {
            await store.close()
          }
          return
        }
        if (file === undefined) throw startFault('Name the backup: countersign restore <file>.')
        const { restoreFile } = await import('../store/backup.ts')
        const database = await embeddedFile(address)
        const outcome = await nameFileFaults(
          file,
          restoreFile(resolve(file), database, deps, audit, { disableClients, checkKeys }),
        )
        if (outcome === 'exists')
          throw startFault(
            `There is a database at ${address}, or the log of one: stop the service and move ${address}* away first.`,
          )
        print(reportOf(address, outcome, disableClients), isJson(command))
      },
    )
}

/**
 * Proves that the configured key-encryption key opens the keys of the restored database.
 * Why: with another key the service could not start, and an operator would learn that after the restore.
 */
async function keyCheckOf({
  keyEncryptionKey,
}: Config): Promise<(keys: readonly KeyRecord[]) => void> {
  if (keyEncryptionKey === undefined) return warnUnchecked
  const { createSeals } = await import('../keys/seal.ts')
  const seals = createSeals(keyEncryptionKey, cannotSeal)
  return (keys) => {
    for (const record of keys) seals.open(record.sealed, record)
  }
}

function warnUnchecked(): void {
  process.stderr.write(
    'warning: no key-encryption key was given, so that nobody checked whether it opens the keys of this backup\n',
  )
}

function cannotSeal(): never {
  throw new Error('a restore seals nothing')
}

const restorePostgres =
  'This database is Postgres: restore it with pg_restore, then run "countersign restore" without a file.'

/** The report of a restore: the moment since which acts are forgotten, and the commands that repeat them. */
function reportOf(address: string, recovery: Recovery, disableClients: boolean): object {
  const { lastEventAt, keysBurnt, clientsDisabled } = recovery
  return {
    restored: address,
    keysBurnt,
    clientsDisabled,
    unknownSince: lastEventAt === null ? null : new Date(lastEventAt * 1000).toISOString(),
    repeat: {
      droppedSecrets: 'countersign clients rotate-secret <client> --drop <secret>',
      ...(disableClients
        ? { clientsToEnable: 'countersign clients enable <client>' }
        : { disabledClients: 'countersign clients disable <client>' }),
      removedClients: 'countersign clients remove <client>',
      removedResources: 'countersign resources remove <audience>',
    },
  }
}
