import { resolve } from 'node:path'
import { startFault } from '../config/start-fault.ts'
import type { Recovery } from '../store/port/revocation-verbs.ts'
import { embeddedFile, nameFileFaults, readGround, storeDeps } from './database-ground.ts'
import { defineCommand, type Call } from './command.ts'
import { keyCheckOf } from './key-check.ts'

/** `countersign restore`. */
export const restoreCommand = defineCommand({
  name: 'restore',
  summary: 'Put a backup in the place of the database. It revokes all tokens and burns every key.',
  about: 'On Postgres, restore with pg_restore first. Then run this command without a file.',
  args: [{ name: 'file', help: 'The backup of an embedded database.', optional: true }],
  options: [
    { name: 'disable-clients', help: 'Disable every client. Enable each one after a check.' },
  ],
  reads: 'database',
  examples: [
    'countersign restore monday.db',
    'countersign restore monday.db --disable-clients',
    'DATABASE_URL=postgres://countersign@db/countersign countersign restore',
  ],
  run: async (call) => {
    const { address } = await readGround(call)
    const { isPostgresAddress } = await import('../config/postgres-address.ts')
    const restored = isPostgresAddress(address)
      ? await restorePostgres(call)
      : await restoreEmbedded(call)
    call.output.print(restored)
    return 0
  },
})

type RestoreCall = Pick<Call, 'flags' | 'environment' | 'output'> & {
  readonly args: { readonly file: string | undefined }
  readonly options: { readonly 'disable-clients': boolean }
}

async function restorePostgres(call: RestoreCall): Promise<object> {
  if (call.args.file !== undefined) throw startFault(postgresHint)
  const { config, address, deps } = await readGround(call)
  const disableClients = call.options['disable-clients']
  const checkKeys = await keyCheckOf(config, call.output.warn)
  const { openStore } = await import('../store/open-store.ts')
  const store = await openStore(address, storeDeps(config, deps))
  try {
    checkKeys(await store.keys.list())
    const recovery = await store.revocations.recover(
      deps.randomId(),
      { disableClients },
      operatorOf(deps),
    )
    return reportOf('this Postgres database', recovery, disableClients)
  } finally {
    await store.close()
  }
}

async function restoreEmbedded(call: RestoreCall): Promise<object> {
  const { file } = call.args
  if (file === undefined) throw startFault('Name the backup: countersign restore <file>.')
  const { config, address, deps } = await readGround(call)
  const disableClients = call.options['disable-clients']
  const checkKeys = await keyCheckOf(config, call.output.warn)
  const { restoreFile } = await import('../store/backup.ts')
  const database = await embeddedFile(address)
  const outcome = await nameFileFaults(
    file,
    restoreFile(resolve(file), database, deps, operatorOf(deps), { disableClients, checkKeys }),
  )
  if (outcome !== 'exists') return reportOf(address, outcome, disableClients)
  throw startFault(
    `There is a database at ${address}, or the log of one: stop the service and move ${address}* away first.`,
  )
}

function operatorOf({ randomId }: { readonly randomId: () => string }) {
  return { requestId: randomId(), address: null, actor: 'operator' }
}

const postgresHint =
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
      droppedSecrets: 'countersign clients drop-secret <client> <secret>',
      ...(disableClients
        ? { clientsToEnable: 'countersign clients enable <client>' }
        : { disabledClients: 'countersign clients disable <client>' }),
      removedClients: 'countersign clients remove <client>',
      removedResources: 'countersign resources remove <audience>',
    },
  }
}
