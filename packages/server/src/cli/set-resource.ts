import { defineCommand } from './command.ts'
import { operate } from './operate.ts'
import { encryptionOf, encryptionOptions, resource, signingAlgOption } from './resource-options.ts'

/** `countersign resources set`. */
export const setResourceCommand = defineCommand({
  name: 'resources set',
  summary: 'Change the settings of a resource. Those that are not named stay.',
  args: [resource],
  options: [
    {
      name: 'scope',
      value: 'scopes',
      help: 'All scopes of its tokens, with spaces. A scope that a client has stays.',
    },
    { ...signingAlgOption, help: 'The signature algorithm of its tokens.' },
    {
      name: 'ttl-seconds',
      value: 'n',
      help: 'The lifetime of its tokens, from 1 to 86400.',
      counts: true,
    },
    {
      name: 'client',
      value: 'id',
      help: 'The client that acts for it at introspection and exchange.',
      conflicts: 'no-client',
    },
    { name: 'no-client', help: 'No client acts for it.' },
    {
      name: 'encrypt',
      value: 'how',
      help: 'Encrypt its tokens to keys that are kept here, or to none.',
      choices: ['managed', 'none'],
      conflicts: 'encrypt-to',
    },
    ...encryptionOptions,
    {
      name: 'status-list',
      help: 'Its tokens are referenced from a status list.',
      conflicts: 'no-status-list',
    },
    { name: 'no-status-list', help: 'Its tokens are not referenced from a status list.' },
  ],
  reads: 'database',
  examples: [
    'countersign resources set https://api.example.com --scope "read write pay"',
    'countersign resources set https://api.example.com --ttl-seconds 300 --alg Ed25519',
    'countersign resources set https://api.example.com --encrypt managed --client orders-api',
  ],
  run: async (call) => {
    const { args, options } = call
    const { setResource } = await import('../admin/set-resource.ts')
    const { 'status-list': statusList, encrypt } = options
    const { 'encrypt-to': to, 'encryption-curve': curve } = options
    const isKept = encrypt === undefined && to === undefined && curve === undefined
    const update = {
      scope: options.scope,
      tokenAlg: options.alg,
      tokenTtlSeconds: options['ttl-seconds'],
      clientId: options['no-client'] ? null : options.client,
      encryption: isKept ? undefined : encryptionOf(options),
      statusList: statusList || options['no-status-list'] ? statusList : undefined,
    }
    return operate(call, (deps) => setResource(args.audience, update, deps))
  },
})
