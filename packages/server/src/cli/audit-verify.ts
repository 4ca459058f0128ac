import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { startFault } from '../config/start-fault.ts'
import { defineCommand } from './command.ts'
import { readText } from './read-text.ts'
import { renderText } from './render-text.ts'

/** `countersign audit verify`. */
export const verifyCommand = defineCommand({
  name: 'audit verify',
  summary: 'Recompute the chain of the audit log and say whether it is intact.',
  options: [
    {
      name: 'kept',
      value: 'file',
      help: 'A statement of an earlier time, which the log must still contain.',
    },
    {
      name: 'out',
      value: 'file',
      help: 'Write the statement of the last sealed row, for a later --kept. Keep it elsewhere.',
    },
  ],
  reads: 'database',
  examples: [
    'countersign audit verify',
    'countersign audit verify --out monday.jwt',
    'countersign audit verify --kept monday.jwt --out tuesday.jwt',
  ],
  run: async (call) => {
    const { kept: file, out } = call.options
    const kept = file === undefined ? undefined : await readKept(file)
    const { withOperator } = await import('./open.ts')
    const { verifyAudit } = await import('../audit/verify.ts')
    const { defaults } = await import('../config/defaults.ts')
    const retentionSeconds = defaults.auditRetentionSeconds
    const report = await withOperator(call, ({ store, ring, now }) =>
      verifyAudit(store.audit, {
        key: ring.secret('audit-chain'),
        now: now(),
        retentionSeconds,
        ...(kept === undefined ? {} : { kept }),
      }),
    )
    const intact = report.damages.length === 0
    call.output.print(
      { intact, ...report },
      `${intact ? 'intact' : 'damaged'}\n${renderText(report)}`,
    )
    if (!intact) return 1
    if (out !== undefined) await writeStatement(out, report.lastSealed?.statement ?? null)
    return 0
  },
})

async function readKept(file: string) {
  const { readStatement } = await import('../audit/statement.ts')
  const kept = readStatement(readText(file))
  if (kept !== undefined) return kept
  throw startFault(`${file} holds no statement, as "audit verify --out" writes it.`)
}

/** Writes a statement into a new file, or in the place of an older statement. */
async function writeStatement(file: string, statement: string | null): Promise<void> {
  if (statement === null)
    throw startFault('No row of the log is sealed and signed yet: run a service, and try again.')
  const { readStatement } = await import('../audit/statement.ts')
  if (existsSync(file) && readStatement(readFileSync(file, 'utf8')) === undefined)
    throw startFault(`${file} is there already and holds no statement: name another.`)
  try {
    writeFileSync(file, `${statement}\n`, { mode: 0o600 })
  } catch (fault) {
    throw startFault(`${file} cannot be written: make its folder, or name another.`, fault)
  }
}
