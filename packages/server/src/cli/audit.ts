import type { AuditRow } from '../audit/chain.ts'
import { startFault } from '../config/start-fault.ts'
import type { Store } from '../store/port/store.ts'
import { defineCommand } from './command.ts'
import { readText } from './read-text.ts'

/** `countersign audit …`. */
export const auditCommands = [
  defineCommand({
    name: 'audit verify',
    summary: 'Recompute the chain of the audit log and say where it does not fit.',
    options: [
      {
        name: 'kept',
        value: 'file',
        help: 'A statement of an earlier time, which the log must still contain.',
      },
    ],
    reads: 'database',
    examples: [
      'countersign audit verify',
      'countersign audit verify --kept monday.jwt',
      'countersign audit verify --json',
    ],
    run: async (call) => {
      const { kept: file } = call.options
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
      call.output.print(report)
      return report.damages.length === 0 ? 0 : 1
    },
  }),
  defineCommand({
    name: 'audit tail',
    summary: 'Print the last events of the audit log.',
    options: [
      { name: 'after', value: 'id', help: 'The events after this number.', counts: true },
      { name: 'limit', value: 'n', help: 'The count of events.', counts: true, default: '100' },
    ],
    reads: 'database',
    examples: [
      'countersign audit tail --limit 20',
      'countersign audit tail --after 4000 --json',
      'countersign audit tail --data-dir /var/lib/countersign',
    ],
    run: async (call) => {
      const { withOperator } = await import('./open.ts')
      const { after } = call.options
      const limit = Math.max(1, call.options.limit)
      const rows = await withOperator(call, ({ store }) =>
        after === undefined ? readLast(store.audit, limit) : store.audit.list(after, limit),
      )
      for (const { id, at, event } of rows)
        call.output.print(
          { id, at, ...event },
          `${id}  ${new Date(at * 1000).toISOString()}  ${event.event}  ${event.actor ?? '-'}`,
        )
      return 0
    },
  }),
]

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
