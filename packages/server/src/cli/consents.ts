import type { ConnectedApp } from '../store/port/consent-verbs.ts'
import { defineCommand } from './command.ts'
import { operate } from './operate.ts'
import type { Column } from './render-table.ts'

const user = { name: 'user', help: 'The id or a name of the user.' } as const

/** `countersign consents …`. */
export const consentCommands = [
  defineCommand({
    name: 'consents list',
    summary: 'List the apps that have access for a user.',
    args: [user],
    reads: 'database',
    examples: [
      'countersign consents list ann',
      'countersign consents list ann@example.org',
      'countersign consents list ann --json',
    ],
    run: async (call) => {
      const { listConsents } = await import('../admin/consents.ts')
      const { withOperator } = await import('./open.ts')
      const { renderDistance, renderTable } = await import('./render-table.ts')
      const { output } = call
      return withOperator(call, async (deps) => {
        const found = await listConsents(call.args.user, deps)
        if (!found.ok) return output.conclude(found)
        const columns: readonly Column<ConnectedApp>[] = [
          { title: 'client', cell: ({ clientId }) => clientId },
          { title: 'name', cell: ({ name }) => name ?? '' },
          { title: 'scopes', cell: ({ scopes }) => scopes.join(' ') },
          { title: 'since', cell: ({ since }) => renderDistance(since, deps.now()) },
        ]
        output.print(found.value, renderTable(columns, found.value, output.columns))
        return 0
      })
    },
  }),
  defineCommand({
    name: 'consents revoke',
    summary: 'Take the access of an app from a user, and revoke its tokens.',
    args: [
      user,
      { name: 'client', help: 'The id of the client. Default: all clients.', optional: true },
    ],
    reads: 'database',
    examples: [
      'countersign consents revoke ann tides',
      'countersign consents revoke ann@example.org',
      'countersign consents revoke ann tides --json',
    ],
    run: async (call) => {
      const { revokeConsents } = await import('../admin/consents.ts')
      return operate(call, (deps) => revokeConsents(call.args.user, call.args.client, deps))
    },
  }),
]
