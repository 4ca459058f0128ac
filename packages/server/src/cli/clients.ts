import { startFault } from '../config/start-fault.ts'
import {
  accessOf,
  algOption,
  authChoices,
  claimOptions,
  claimsOf,
  client,
  grantChoices,
} from './client-options.ts'
import { signInOf, signInOptions } from './sign-in-options.ts'
import { secretCommands } from './client-secrets.ts'
import { defineCommand } from './command.ts'
import { newOption } from './new-option.ts'
import { operate } from './operate.ts'
import { readText } from './read-text.ts'
import type { Column } from './render-table.ts'
import { setClientCommand } from './set-client.ts'

/** `countersign clients …`. */
export const clientCommands = [
  defineCommand({
    name: 'clients add',
    summary: 'Make a client. Its secret is shown once.',
    args: [client],
    options: [
      {
        name: 'resource',
        value: 'audience',
        help: 'A resource of its tokens.',
        repeats: true,
      },
      {
        name: 'scope',
        value: 'scopes',
        help: 'The scopes at the one --resource, with spaces. Default: all its scopes.',
      },
      {
        name: 'access',
        value: 'audience=scopes',
        help: 'One more resource with its scopes, as "https://api=read write".',
        repeats: true,
      },
      {
        name: 'grants',
        value: 'names',
        help: 'The grants that it may use, with commas.',
        commas: true,
        default: 'client',
        loadChoices: grantChoices,
      },
      {
        name: 'auth',
        value: 'method',
        help: 'The way it authenticates. Default: client_secret, or private_key_jwt with --jwks.',
        conflicts: 'public',
        loadChoices: authChoices,
      },
      { name: 'public', help: 'The client has no secret and does not authenticate.' },
      {
        name: 'jwks',
        value: 'file',
        help: 'It authenticates with private_key_jwt and these keys: a JWK set, a JWK or PEM.',
      },
      algOption,
      { name: 'dpop', help: 'It gets tokens only with a proof of possession.' },
      ...claimOptions,
      ...signInOptions,
      { name: 'secret-only', help: 'Print the secret and nothing else, for scripts.' },
      newOption,
    ],
    reads: 'database',
    examples: [
      'countersign clients add shop --resource https://api.example.com --scope "read write"',
      'countersign clients add tides --grants code,refresh --redirect-uri https://tides.example.com/cb --name "Tide Tables"',
      `countersign clients add batch --jwks batch.pem --alg ES256 --roles admin --claims '{"tenant":"north"}'`,
    ],
    run: async (call) => {
      const { args, options } = call
      const { jwks, resource: resources, scope } = options
      if (scope !== undefined && resources.length !== 1) throw startFault(oneScope)
      const { addClient } = await import('../admin/clients.ts')
      const byMaterial = jwks === undefined ? 'client_secret' : 'private_key_jwt'
      const wanted = {
        id: args.id,
        authentication: options.auth ?? (options.public ? 'none' : byMaterial),
        grantTypes: options.grants,
        access: [
          ...resources.map((audience) => ({ audience, scope: scope || undefined })),
          ...options.access.map(accessOf),
        ],
        jwks: jwks === undefined ? undefined : readText(jwks),
        alg: options.alg,
        dpopRequired: options.dpop,
        ...claimsOf(options),
        signIn: signInOf(options),
      }
      const { withOperator } = await import('./open.ts')
      const { renderAddedClient } = await import('./client-added.ts')
      return withOperator(
        call,
        async (deps, config) => {
          const outcome = await addClient(wanted, deps)
          return call.output.conclude(outcome, (added) =>
            options['secret-only'] ? (added.secret ?? '') : renderAddedClient(added, config),
          )
        },
        { begins: options.new },
      )
    },
  }),
  setClientCommand,
  defineCommand({
    name: 'clients list',
    summary: 'List all clients, by id.',
    options: [
      { name: 'after', value: 'id', help: 'Begin after this client.' },
      { name: 'limit', value: 'n', help: 'The count of clients.', counts: true, default: '100' },
    ],
    reads: 'database',
    examples: [
      'countersign clients list',
      'countersign clients list --limit 20 --after shop',
      'countersign clients list --json',
    ],
    run: async (call) => {
      const { listClients } = await import('../admin/clients.ts')
      const { withOperator } = await import('./open.ts')
      const limit = Math.max(1, call.options.limit)
      const { renderDistance, renderTable } = await import('./render-table.ts')
      const { findGrant } = await import('../grants/table.ts')
      const { output } = call
      return withOperator(call, async (deps) => {
        const found = await listClients(call.options.after ?? null, limit, deps)
        const columns: readonly Column<(typeof found)[number]>[] = [
          { title: 'id', cell: ({ id }) => id },
          { title: 'state', cell: ({ enabled }) => (enabled ? 'enabled' : 'disabled') },
          { title: 'authenticates by', cell: ({ authentication }) => authentication },
          {
            title: 'grants',
            cell: ({ grantTypes }) => grantTypes.map((type) => findGrant(type)?.shortName ?? type),
          },
          { title: 'resources', cell: ({ access }) => access.map(({ audience }) => audience) },
          { title: 'made', cell: ({ createdAt }) => renderDistance(createdAt, deps.now()) },
        ]
        output.print(found, renderTable(columns, found, output.columns))
        return 0
      })
    },
  }),
  defineCommand({
    name: 'clients show',
    summary: 'Show one client.',
    args: [client],
    reads: 'database',
    examples: [
      'countersign clients show shop',
      'countersign clients show shop --json',
      'countersign clients show -- -an-id-that-begins-with-a-hyphen',
    ],
    run: async (call) => {
      const { showClient } = await import('../admin/clients.ts')
      return operate(call, (deps) => showClient(call.args.id, deps))
    },
  }),
  ...secretCommands,
  switchCommand('disable', 'Disable a client. Its tokens die at once.'),
  switchCommand('enable', 'Enable a client again.'),
  switchCommand('remove', 'Remove a client. Its tokens die at once.'),
]

const oneScope =
  '--scope belongs to one --resource: give each resource its scopes, as --access "https://api.example.com=read write".'

function switchCommand(act: 'disable' | 'enable' | 'remove', summary: string) {
  return defineCommand({
    name: `clients ${act}`,
    summary,
    args: [client],
    reads: 'database',
    examples: [
      `countersign clients ${act} shop`,
      `countersign clients ${act} shop --json`,
      `countersign clients ${act} shop --data-dir /var/lib/countersign`,
    ],
    run: async (call) => {
      const { switchClient } = await import('../admin/clients.ts')
      return operate(call, (deps) => switchClient(act, call.args.id, deps))
    },
  })
}
