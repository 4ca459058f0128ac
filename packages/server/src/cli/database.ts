import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { AuditRow } from '../audit/chain.ts'
import type { Config } from '../config/config.ts'
import { startFault } from '../config/start-fault.ts'
import { isStoreFault } from '../store/port/fault.ts'
import type { Store } from '../store/port/store.ts'
import { readText } from './clients.ts'
import { print } from './print.ts'
import { flagsOf, isJson, readCount, type Line } from './line.ts'

/** `countersign migrate`, `backup`, `restore` and `audit …`. */
export function addDatabaseCommands(program: Command, line: Line): void {
  program
    .command('migrate')
    .description('take the schema steps that the database lacks')
    .option('--dry-run', 'only say which')
    .action(async ({ dryRun }: { dryRun?: boolean }, command: Command) => {
      const { config, address, deps } = await ground(command, line)
      const { migrateStore } = await import('../store/open-store.ts')
      const steps = await migrateStore(address, storeDeps(config, deps), {
        dryRun: dryRun === true,
      })
      print(
        isJson(command) || steps.length > 0 ? steps : 'The schema is up to date.',
        isJson(command),
      )
    })
  program
    .command('backup <file>')
    .description('write a consistent copy of the embedded database while the service runs')
    .action(async (file: string, _, command: Command) => {
      const { address, deps } = await ground(command, line)
      const { backupFile } = await import('../store/backup.ts')
      const database = await embedded(address)
      const outcome = await naming(file, backupFile(database, resolve(file), deps))
      if (outcome === 'exists') throw startFault(`${file} is there already: name another.`)
      print({ written: resolve(file) }, isJson(command))
    })
  program
    .command('restore <file>')
    .description('put a backup in the place of the database; all that was issued before is dead')
    .action(async (file: string, _, command: Command) => {
      const { address, deps } = await ground(command, line)
      const { restoreFile } = await import('../store/backup.ts')
      const audit = { requestId: deps.randomId(), address: null, actor: 'operator' }
      const database = await embedded(address)
      const outcome = await naming(file, restoreFile(resolve(file), database, deps, audit))
      if (outcome === 'exists')
        throw startFault(
          `A database stands at ${address}, or the log of one beside it: stop the service and move ${address}* away first.`,
        )
      print({ restored: address }, isJson(command))
    })
  addAuditCommands(program, line)
}

function addAuditCommands(program: Command, line: Line): void {
  const audit = program.command('audit').description('what happened')
  audit
    .command('verify')
    .description('recompute the chain of the audit log and say what does not fit')
    .option('--kept <file>', 'a statement of an earlier time, which the log must still contain')
    .action(async ({ kept: file }: { kept?: string }, command: Command) => {
      const kept = file === undefined ? undefined : await readKept(file)
      const { withOperator } = await import('./open.ts')
      const { verifyAudit } = await import('../audit/verify.ts')
      const { defaults } = await import('../config/defaults.ts')
      const retentionSeconds = defaults.auditRetentionSeconds
      const report = await withOperator(
        flagsOf(command),
        line.environment,
        ({ store, ring, now }) =>
          verifyAudit(store.audit, {
            key: ring.secret('audit-chain'),
            now: now(),
            retentionSeconds,
            ...(kept === undefined ? {} : { kept }),
          }),
      )
      print(report, isJson(command))
      line.end(report.damages.length === 0 ? 0 : 1)
    })
  audit
    .command('tail')
    .description('the last events')
    .option('--after <id>', 'those after this number', readCount)
    .option('--limit <n>', 'how many', readCount, 100)
    .action(async (options: { after?: number; limit: number }, command: Command) => {
      const { withOperator } = await import('./open.ts')
      const { after } = options
      const limit = Math.max(1, options.limit)
      const rows = await withOperator(flagsOf(command), line.environment, ({ store }) =>
        after === undefined ? readLast(store.audit, limit) : store.audit.list(after, limit),
      )
      for (const { id, at, event } of rows) {
        const told = isJson(command)
          ? JSON.stringify({ id, at, ...event })
          : `${id}  ${new Date(at * 1000).toISOString()}  ${event.event}  ${event.actor ?? '-'}`
        process.stdout.write(`${told}\n`)
      }
    })
}

async function readKept(file: string) {
  const { readStatement } = await import('../audit/statement.ts')
  const kept = readStatement(readText(file))
  if (kept !== undefined) return kept
  throw startFault(`${file} holds no statement, as "audit verify" gives with the last sealed row.`)
}

const pageMax = 1_000

/** The newest rows: from a little before the last sealed one to the end, which the sealer keeps near. */
async function readLast(audit: Store['audit'], limit: number): Promise<readonly AuditRow[]> {
  const sealed = (await audit.last())?.segment.lastId ?? 0
  let newest: readonly AuditRow[] = []
  for (let after = Math.max(0, sealed - limit); ; after = newest.at(-1)?.id ?? after) {
    const page = await audit.list(after, pageMax)
    newest = [...newest, ...page].slice(-limit)
    if (page.length < pageMax) return newest
  }
}

/** Says what the file system objects to in a file that was named on the command line. */
async function naming<T>(file: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (fault) {
    if (isStoreFault(fault) || !(fault instanceof Error) || !('code' in fault)) throw fault
    throw startFault(
      `${file} cannot be copied (${String(fault.code)}): mend its path, or the mode of its folder or of the data folder.`,
      fault,
    )
  }
}

async function ground(command: Command, line: Line) {
  const { databaseOf, demand, readConfig } = await import('./load.ts')
  const { processSurroundings } = await import('../main/surroundings.ts')
  const { config, problems } = await readConfig(flagsOf(command), line.environment)
  demand(problems)
  return { config, address: databaseOf(config), deps: processSurroundings() }
}

function storeDeps(
  { databaseListen }: Config,
  { now, randomId }: Awaited<ReturnType<typeof ground>>['deps'],
) {
  return databaseListen === undefined
    ? { now, randomId }
    : { now, randomId, listenUrl: databaseListen }
}

/** The file of the embedded database. Throws: for a Postgres database, which has tools of its own. */
async function embedded(address: string): Promise<string> {
  const { isPostgresAddress } = await import('../config/postgres-address.ts')
  if (isPostgresAddress(address))
    throw startFault('This database is Postgres: back it up with pg_dump or a base backup.')
  return address
}
