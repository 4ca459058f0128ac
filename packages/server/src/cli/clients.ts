import {
  accessOf,
  algOption,
  authChoices,
  claimOptions,
  claimsOf,
  client,
  grantChoices,
} from './client-options.ts'
import { secretCommands } from './client-secrets.ts'
import { defineCommand } from './command.ts'
import { operate } from './operate.ts'
import { readText } from './read-text.ts'
import { setClientCommand } from './set-client.ts'

/** `countersign clients …`. */
export const clientCommands = [
  defineCommand({
    name: 'clients add',
    summary: 'Make a client. Its secret is shown once.',
    args: [client],
    options: [
      { name: 'resource', value: 'audience', help: 'The resource of its tokens.' },
      {
        name: 'scope',
        value: 'scopes',
        help: 'The scopes there, with spaces. Default: all scopes of the resource.',
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
    ],
    reads: 'database',
    examples: [
      'countersign clients add shop --resource https://api.example.com --scope "read write"',
      'countersign clients add app --public --grants refresh --resource https://api.example.com',
      `countersign clients add batch --jwks batch.pem --alg ES256 --roles admin --claims '{"tenant":"north"}'`,
    ],
    run: async (call) => {
      const { args, options } = call
      const { jwks, resource, scope } = options
      const { addClient } = await import('../admin/clients.ts')
      const byMaterial = jwks === undefined ? 'client_secret' : 'private_key_jwt'
      const wanted = {
        id: args.id,
        authentication: options.auth ?? (options.public ? 'none' : byMaterial),
        grantTypes: options.grants,
        access: [
          ...(resource === undefined ? [] : [{ audience: resource, scope: scope || undefined }]),
          ...options.access.map(accessOf),
        ],
        jwks: jwks === undefined ? undefined : readText(jwks),
        alg: options.alg,
        dpopRequired: options.dpop,
        ...claimsOf(options),
      }
      return operate(call, (deps) => addClient(wanted, deps), { mayBegin: true })
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
      const found = await withOperator(call, (deps) =>
        listClients(call.options.after ?? null, limit, deps),
      )
      call.output.print(found)
      return 0
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
