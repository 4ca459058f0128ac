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
import { defineCommand } from './command.ts'
import { operate } from './operate.ts'
import { readText } from './read-text.ts'

/** `countersign clients set`. */
export const setClientCommand = defineCommand({
  name: 'clients set',
  summary: 'Change the settings of a client. Its tokens die where something is taken away.',
  args: [client],
  options: [
    {
      name: 'access',
      value: 'audience=scopes',
      help: 'Add a resource, or set its scopes, as "https://api=read write".',
      repeats: true,
    },
    {
      name: 'drop-access',
      value: 'audience',
      help: 'Take a resource away.',
      repeats: true,
    },
    {
      name: 'grants',
      value: 'names',
      help: 'All grants that it may use, with commas.',
      commas: true,
      loadChoices: grantChoices,
    },
    {
      name: 'auth',
      value: 'method',
      help: 'The way it authenticates. A new secret is shown once.',
      loadChoices: authChoices,
    },
    {
      name: 'jwks',
      value: 'file',
      help: 'Its keys from now on: a JWK set, a JWK or PEM.',
    },
    algOption,
    {
      name: 'dpop',
      help: 'It gets tokens only with a proof of possession.',
      conflicts: 'no-dpop',
    },
    { name: 'no-dpop', help: 'It gets tokens without a proof of possession too.' },
    ...claimOptions,
    ...signInOptions,
  ],
  reads: 'database',
  examples: [
    'countersign clients set shop --access "https://api.example.com=read write"',
    'countersign clients set shop --drop-access https://old.example.com --grants client,refresh',
    'countersign clients set batch --auth private_key_jwt --jwks batch.pem --alg ES256',
  ],
  run: async (call) => {
    const { args, options } = call
    const { setClient } = await import('../admin/set-client.ts')
    const { grants, jwks, dpop } = options
    const update = {
      addAccess: options.access.map(accessOf),
      dropAccess: options['drop-access'],
      grantTypes: grants.length === 0 ? undefined : grants,
      authentication: options.auth,
      jwks: jwks === undefined ? undefined : readText(jwks),
      alg: options.alg,
      ...claimsOf(options),
      signIn: signInOf(options),
      dpopRequired: dpop || options['no-dpop'] ? dpop : undefined,
    }
    return operate(call, (deps) => setClient(args.id, update, deps))
  },
})
