import { resolve } from 'node:path'
import { startFault } from '../config/start-fault.ts'
import { defineCommand } from './command.ts'
import { moveFrom } from './move.ts'
import { newOption } from './new-option.ts'
import { embeddedFile, nameFileFaults, readGround, storeDeps } from './database-ground.ts'

/** `countersign migrate`. */
export const migrateCommand = defineCommand({
  name: 'migrate',
  summary: 'Take the schema steps that the database lacks, or move a SQLite database to Postgres.',
  options: [
    { name: 'dry-run', help: 'Only name the steps.' },
    {
      name: 'from',
      value: 'file',
      help: 'Copy all rows of this SQLite database to an empty Postgres database. Stop the service first.',
      conflicts: 'dry-run',
    },
    newOption,
  ],
  reads: 'database',
  examples: [
    'countersign migrate --dry-run',
    'countersign migrate',
    'DATABASE_URL=postgres://countersign@db/countersign countersign migrate --from data/countersign.db',
  ],
  run: async (call) => {
    const { from } = call.options
    if (from !== undefined) return await moveFrom(from, call)
    const { config, address, deps } = await readGround(call)
    const { migrateStore } = await import('../store/open-store.ts')
    const dryRun = call.options['dry-run']
    const { demandDatabase } = await import('./new-database.ts')
    await demandDatabase(config, { begins: call.options.new && !dryRun, migrates: !dryRun })
    const work = migrateStore(address, storeDeps(config, deps), { dryRun })
    const steps = await call.output.during(work)
    call.output.print(steps, steps.length > 0 ? undefined : 'The schema is up to date.')
    return 0
  },
})

/** `countersign backup`. */
export const backupCommand = defineCommand({
  name: 'backup',
  summary: 'Write a consistent copy of the embedded database while the service runs.',
  args: [{ name: 'file', help: 'The file to write. It must not exist yet.' }],
  reads: 'database',
  examples: [
    'countersign backup monday.db',
    'countersign backup /backups/monday.db --json',
    'countersign backup monday.db --data-dir /var/lib/countersign',
  ],
  run: async (call) => {
    const { file } = call.args
    const { address, deps } = await readGround(call)
    const { backupFile } = await import('../store/backup.ts')
    const database = await embeddedFile(address)
    const work = backupFile(database, resolve(file), deps)
    const outcome = await call.output.during(nameFileFaults(file, work))
    if (outcome === 'exists') throw startFault(`${file} is there already: name another.`)
    call.output.print({ written: resolve(file) })
    return 0
  },
})
