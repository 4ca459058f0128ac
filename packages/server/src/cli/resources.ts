import { Option, type Command } from 'commander'
import { startFault } from '../config/start-fault.ts'
import type { ResourceRecord } from '../store/port/records.ts'
import { operate, readText } from './clients.ts'
import { print } from './print.ts'
import { flagsOf, isJson, type Line } from './line.ts'

type Managed = Extract<ResourceRecord['encryption'], { readonly source: 'managed' }>

interface AddOptions {
  readonly scope: string
  readonly alg?: string
  readonly ttlSeconds?: string
  readonly client?: string
  readonly encrypt?: string
  readonly encryptTo?: string
  readonly encryptionAlg: string
  readonly encryptionEnc: string
  readonly encryptionCurve?: Managed['curve']
  readonly statusList?: boolean
}

/** `countersign resources …`. */
export function addResourceCommands(program: Command, line: Line): void {
  const resources = program.command('resources').description('the APIs that tokens are made for')
  resources
    .command('add <audience>')
    .description('make a resource; its audience is the name that the API has in its tokens')
    .option('--scope <scopes>', 'the scopes of its tokens', '')
    .option('--alg <alg>', 'the signature algorithm of its tokens')
    .option('--ttl-seconds <n>', 'how long its tokens live')
    .option('--client <id>', 'the client that acts for it at introspection and exchange')
    .addOption(
      new Option('--encrypt <how>', 'encrypt its tokens to keys that are kept here, for its client')
        .choices(['managed'])
        .conflicts('encryptTo'),
    )
    .option(
      '--encrypt-to <key>',
      'encrypt its tokens: a file with a public JWK, or the address of a key set',
    )
    .option('--encryption-alg <alg>', 'how its key is used', 'ECDH-ES+A256KW')
    .option('--encryption-enc <enc>', 'how the token is encrypted', 'A256GCM')
    .option(
      '--encryption-curve <curve>',
      'of keys that are kept here: X25519, P-256, P-384 or P-521',
    )
    .option('--status-list', 'its tokens are referenced from a status list')
    .action(async (audience: string, options: AddOptions, command: Command) => {
      const { addResource } = await import('../admin/resources.ts')
      const wanted = {
        audience,
        scope: options.scope,
        tokenAlg: options.alg,
        tokenTtlSeconds: options.ttlSeconds === undefined ? undefined : Number(options.ttlSeconds),
        clientId: options.client,
        encryption: encryptionOf(options),
        statusList: options.statusList === true,
      }
      await operate(command, line, (deps) => addResource(wanted, deps), { mayBegin: true })
    })
  resources
    .command('list')
    .description('all resources')
    .action(async (_, command: Command) => {
      const { withOperator } = await import('./open.ts')
      const found = await withOperator(flagsOf(command), line.environment, ({ store }) =>
        store.resources.list(),
      )
      print(found, isJson(command))
    })
  resources
    .command('show <audience>')
    .description('one resource')
    .action(async (audience: string, _, command: Command) => {
      const { showResource } = await import('../admin/resources.ts')
      await operate(command, line, (deps) => showResource(audience, deps))
    })
  resources
    .command('remove <audience>')
    .description('remove a resource that no client has access to')
    .action(async (audience: string, _, command: Command) => {
      const { removeResource } = await import('../admin/resources.ts')
      await operate(command, line, (deps) => removeResource(audience, deps))
    })
}

/** A key is kept here, given as a file, or published at an address. */
function encryptionOf(options: AddOptions): ResourceRecord['encryption'] {
  const { encrypt, encryptTo, encryptionAlg: alg, encryptionEnc: enc } = options
  const { encryptionCurve: curve } = options
  if (encrypt === 'managed')
    return { source: 'managed', alg, enc, ...(curve === undefined ? {} : { curve }) }
  if (curve !== undefined)
    throw startFault('A curve is of keys that are kept here: say --encrypt managed with it.')
  if (encryptTo === undefined) return null
  return URL.canParse(encryptTo)
    ? { source: 'jwks_uri', jwksUri: encryptTo, alg, enc }
    : { source: 'jwk', jwk: readText(encryptTo), alg, enc }
}
