import type { ResourceRecord } from '../store/port/records.ts'
import { defineCommand } from './command.ts'
import { newOption } from './new-option.ts'
import { operate } from './operate.ts'
import { encryptionOf, encryptionOptions, resource, signingAlgOption } from './resource-options.ts'
import type { Column } from './render-table.ts'
import { setResourceCommand } from './set-resource.ts'

/** `countersign resources …`. */
export const resourceCommands = [
  defineCommand({
    name: 'resources add',
    summary: 'Make a resource, which is an API that tokens are for.',
    args: [resource],
    options: [
      {
        name: 'scope',
        value: 'scopes',
        help: 'The scopes of its tokens, with spaces.',
        default: '',
      },
      { ...signingAlgOption, help: 'The signature algorithm of its tokens. Default: ES256.' },
      {
        name: 'ttl-seconds',
        value: 'n',
        help: 'The lifetime of its tokens, from 1 to 86400. Default: 600.',
        counts: true,
      },
      {
        name: 'client',
        value: 'id',
        help: 'The client that acts for it at introspection and exchange.',
      },
      {
        name: 'encrypt',
        value: 'how',
        help: 'Encrypt its tokens to keys that are kept here. Its client fetches them.',
        choices: ['managed'],
        conflicts: 'encrypt-to',
      },
      ...encryptionOptions,
      { name: 'status-list', help: 'Its tokens are referenced from a status list.' },
      newOption,
    ],
    reads: 'database',
    examples: [
      'countersign resources add https://api.example.com --scope "read write"',
      'countersign resources add https://api.example.com --scope read --ttl-seconds 300 --alg Ed25519',
      'countersign resources add https://api.example.com --encrypt managed --client orders-api',
    ],
    run: async (call) => {
      const { args, options } = call
      const { addResource } = await import('../admin/resources.ts')
      const wanted = {
        audience: args.audience,
        scope: options.scope,
        tokenAlg: options.alg,
        tokenTtlSeconds: options['ttl-seconds'],
        clientId: options.client,
        encryption: encryptionOf(options),
        statusList: options['status-list'],
      }
      return operate(call, (deps) => addResource(wanted, deps), { begins: options.new })
    },
  }),
  setResourceCommand,
  defineCommand({
    name: 'resources list',
    summary: 'List all resources.',
    reads: 'database',
    examples: [
      'countersign resources list',
      'countersign resources list --json',
      'countersign resources list --data-dir /var/lib/countersign',
    ],
    run: async (call) => {
      const { withOperator } = await import('./open.ts')
      const { renderDistance, renderTable } = await import('./render-table.ts')
      const { output } = call
      return withOperator(call, async ({ store, now }) => {
        const found = await store.resources.list()
        const columns: readonly Column<ResourceRecord>[] = [
          { title: 'audience', cell: ({ audience }) => audience },
          { title: 'scopes', cell: ({ scopes }) => scopes },
          { title: 'alg', cell: ({ tokenAlg }) => tokenAlg },
          { title: 'lifetime', cell: ({ tokenTtlSeconds }) => `${tokenTtlSeconds} s` },
          { title: 'client', cell: ({ clientId }) => clientId },
          { title: 'encrypted', cell: ({ encryption }) => (encryption === null ? 'no' : 'yes') },
          { title: 'made', cell: ({ createdAt }) => renderDistance(createdAt, now()) },
        ]
        output.print(found, renderTable(columns, found, output.columns))
        return 0
      })
    },
  }),
  defineCommand({
    name: 'resources show',
    summary: 'Show one resource.',
    args: [resource],
    reads: 'database',
    examples: [
      'countersign resources show https://api.example.com',
      'countersign resources show https://api.example.com --json',
      'countersign resources show https://api.example.com --data-dir /var/lib/countersign',
    ],
    run: async (call) => {
      const { showResource } = await import('../admin/resources.ts')
      return operate(call, (deps) => showResource(call.args.audience, deps))
    },
  }),
  defineCommand({
    name: 'resources remove',
    summary: 'Remove a resource that no client has access to.',
    args: [resource],
    reads: 'database',
    examples: [
      'countersign resources remove https://api.example.com',
      'countersign resources remove https://api.example.com --json',
      'countersign resources remove https://api.example.com --data-dir /var/lib/countersign',
    ],
    run: async (call) => {
      const { removeResource } = await import('../admin/resources.ts')
      return operate(call, (deps) => removeResource(call.args.audience, deps))
    },
  }),
]
