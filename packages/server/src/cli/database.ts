import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { AuditRow } from '../audit/chain.ts'
import { startFault } from '../config/start-fault.ts'
import type { Store } from '../store/port/store.ts'
import { readText } from './clients.ts'
import { print } from './print.ts'
import { addRestoreCommand } from './restore.ts'
import { embeddedFile, readGround, nameFileFaults, storeDeps } from './database-ground.ts'
import { flagsOf, isJson, readCount, type Line } from './line.ts'

/** `countersign migrate`, `backup`, `restore` and `audit …`. */
export function addDatabaseCommands(program: Command, line: Line): void {
  program
    .command('migrate')
    .description('take the schema steps that the database lacks')
    .option('--dry-run', 'only say which')
    .action(async ({ dryRun }: { dryRun?: boolean }, command: Command) => {
      const { config, address, deps } = await readGround(command, line)
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
      const { address, deps } = await readGround(command, line)
      const { backupFile } = await import('../store/backup.ts')
      const database = await embeddedFile(address)
      const outcome = await nameFileFaults(file, backupFile(database, resolve(file), deps))
      if (outcome === 'exists') throw startFault(`${file} is there already: name another.`)
      print({ written: resolve(file) }, isJson(command))
    })
  addRestoreCommand(program, line)
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
