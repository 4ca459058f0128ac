import type { SessionView } from '../admin/sessions.ts'
import { defineCommand } from './command.ts'
import { operate } from './operate.ts'
import type { Column } from './render-table.ts'

/** `countersign sessions …`. */
export const sessionCommands = [
  defineCommand({
    name: 'sessions list',
    summary: 'List the browser sessions of a user, those seen last first.',
    args: [{ name: 'user', help: 'The id or a name of the user.' }],
    reads: 'database',
    examples: [
      'countersign sessions list ann',
      'countersign sessions list ann@example.org',
      'countersign sessions list ann --json',
    ],
    run: async (call) => {
      const { listSessions } = await import('../admin/sessions.ts')
      const { withOperator } = await import('./open.ts')
      const { renderDistance, renderTable } = await import('./render-table.ts')
      const { output } = call
      return withOperator(call, async (deps) => {
        const found = await listSessions(call.args.user, deps)
        if (!found.ok) return output.conclude(found)
        const columns: readonly Column<SessionView>[] = [
          { title: 'session', cell: ({ sid }) => sid },
          { title: 'browser', cell: ({ agent }) => agent },
          { title: 'network', cell: ({ network }) => network },
          { title: 'level', cell: ({ acr }) => acr },
          { title: 'signed in', cell: ({ signedInAt }) => renderDistance(signedInAt, deps.now()) },
          { title: 'seen', cell: ({ lastSeenAt }) => renderDistance(lastSeenAt, deps.now()) },
        ]
        output.print(found.value, renderTable(columns, found.value, output.columns))
        return 0
      })
    },
  }),
  defineCommand({
    name: 'sessions end',
    summary: 'End one browser session and revoke its tokens.',
    args: [{ name: 'session', help: 'The id of the session, `sid` in its tokens.' }],
    reads: 'database',
    examples: [
      'countersign sessions end 5v1Bq0c6m1kH9Gd0s3x2Yw',
      'countersign sessions end 5v1Bq0c6m1kH9Gd0s3x2Yw --json',
      'countersign sessions end 5v1Bq0c6m1kH9Gd0s3x2Yw --data-dir /var/lib/countersign',
    ],
    run: async (call) => {
      const { endSession } = await import('../admin/sessions.ts')
      return operate(call, (deps) => endSession(call.args.session, deps))
    },
  }),
]
