import { defineCommand } from './command.ts'

/** `countersign export`. */
export const exportCommand = defineCommand({
  name: 'export',
  summary: 'Print clients and resources as a JSON file for "apply".',
  about:
    'The file has no secrets. "apply" leaves the secrets of a client alone where the file states none.',
  reads: 'database',
  examples: [
    'countersign export > records.json',
    'countersign export --json',
    'countersign export | countersign apply - --dry-run',
  ],
  run: async (call) => {
    const { exportRecords } = await import('../admin/export-records.ts')
    const { withOperator } = await import('./open.ts')
    const records = await withOperator(call, ({ store }) => exportRecords(store))
    call.output.print(records, JSON.stringify(records, null, 2))
    return 0
  },
})
