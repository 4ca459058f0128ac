import { readFileSync } from 'node:fs'
import { Option, type Command } from 'commander'
import { startFault } from '../config/start-fault.ts'
import { conclude, print } from './print.ts'
import { flagsOf, isJson, readCount, type Line } from './line.ts'

interface AddOptions {
  readonly resource?: string
  readonly scope?: string
  readonly access: readonly string[]
  readonly grants: string
  readonly auth?: string
  readonly public?: boolean
  readonly jwks?: string
  readonly alg?: string
  readonly dpop?: boolean
}

/** `countersign clients …`. */
export function addClientCommands(program: Command, line: Line): void {
  const clients = program.command('clients').description('manage clients, which get tokens')
  clients
    .command('add <id>')
    .description('make a client; its secret is shown once')
    .option('--resource <audience>', 'the resource of its tokens')
    .option('--scope <scopes>', 'the scopes there; default: all of them', '')
    .option(
      '--access <audience=scopes>',
      'one more resource with its scopes, as "https://api=read write"; may be given again',
      (given: string, before: readonly string[]) => [...before, given],
      [],
    )
    .option('--grants <names>', 'grant types, with commas', 'client_credentials')
    .addOption(
      new Option(
        '--auth <method>',
        'the way it authenticates; default: by a secret, with --jwks by keys',
      ).conflicts('public'),
    )
    .option('--public', 'without a secret')
    .option(
      '--jwks <file>',
      'authenticates with private_key_jwt and these keys: a JWK set, a JWK, PEM',
    )
    .option('--alg <alg>', 'the algorithm of PEM and of RSA keys that name none')
    .option('--dpop', 'only with a proof of possession')
    .action(async (id: string, options: AddOptions, command: Command) => {
      const { addClient } = await import('../admin/clients.ts')
      const { jwks, resource, scope = '' } = options
      const byMaterial = jwks === undefined ? 'client_secret' : 'private_key_jwt'
      const authentication = options.auth ?? (options.public === true ? 'none' : byMaterial)
      const wanted = {
        id,
        authentication,
        grantTypes: options.grants.split(',').map((name) => name.trim()),
        access: [
          ...(resource === undefined ? [] : [{ audience: resource, scope }]),
          ...options.access.map(accessOf),
        ],
        jwks: jwks === undefined ? undefined : readText(jwks),
        alg: options.alg,
        dpopRequired: options.dpop === true,
      } as const
      await operate(command, line, (deps) => addClient(wanted, deps), { mayBegin: true })
    })
  clients
    .command('list')
    .description('all clients, by id')
    .option('--after <id>', 'begin after this one')
    .option('--limit <n>', 'how many', readCount, 100)
    .action(async (options: { after?: string; limit: number }, command: Command) => {
      const { listClients } = await import('../admin/clients.ts')
      const { withOperator } = await import('./open.ts')
      const limit = Math.max(1, options.limit)
      const found = await withOperator(flagsOf(command), line.environment, (deps) =>
        listClients(options.after ?? null, limit, deps),
      )
      print(found, isJson(command))
    })
  clients
    .command('show <id>')
    .description('one client')
    .action(async (id: string, _, command: Command) => {
      const { showClient } = await import('../admin/clients.ts')
      await operate(command, line, (deps) => showClient(id, deps))
    })
  clients
    .command('rotate-secret <id>')
    .description('add a second secret, shown once; both work until one is dropped')
    .option('--drop <secret-id>', 'end this one instead')
    .action(async (id: string, { drop }: { drop?: string }, command: Command) => {
      const { rotateSecret } = await import('../admin/clients.ts')
      await operate(command, line, (deps) => rotateSecret(id, drop, deps))
    })
  for (const act of ['disable', 'enable', 'remove'] as const) {
    clients
      .command(`${act} <id>`)
      .description(act === 'enable' ? 'switch on again' : `${act}; its tokens die at once`)
      .action(async (id: string, _, command: Command) => {
        const { switchClient } = await import('../admin/clients.ts')
        await operate(command, line, (deps) => switchClient(act, id, deps))
      })
  }
}

/** Split at the last `=`, since an address may hold one itself; nothing behind it stands for all scopes. */
function accessOf(given: string): { readonly audience: string; readonly scope: string } {
  const at = given.lastIndexOf('=')
  if (at === -1) return { audience: given, scope: '' }
  return { audience: given.slice(0, at), scope: given.slice(at + 1) }
}

type Operation = Parameters<
  typeof import('./open.ts').withOperator<Parameters<typeof conclude>[0]>
>[2]

/** Opens the database, runs one operation, prints what came of it. */
export async function operate(
  command: Command,
  line: Line,
  work: Operation,
  how: { readonly mayBegin?: boolean } = {},
): Promise<void> {
  const { withOperator } = await import('./open.ts')
  const outcome = await withOperator(flagsOf(command), line.environment, work, how)
  line.end(conclude(outcome, isJson(command)))
}

export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw startFault(`${file} cannot be read.`)
  }
}
