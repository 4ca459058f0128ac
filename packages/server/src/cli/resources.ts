import type { Command } from 'commander'
import { operate } from './clients.ts'
import { print } from './print.ts'
import { flagsOf, isJson, type Line } from './line.ts'

interface AddOptions {
  readonly scope: string
  readonly alg?: string
  readonly ttlSeconds?: string
  readonly client?: string
  readonly statusList?: boolean
}

/** `countersign resources …`. */
export function addResourceCommands(program: Command, line: Line): void {
  const resources = program.command('resources').description('the APIs that tokens are made for')
  resources
    .command('add <audience>')
    .description('make a resource; its audience is the name that the API has in its tokens')
    .option('--scope <scopes>', 'what its tokens may say', '')
    .option('--alg <alg>', 'what its tokens are signed with')
    .option('--ttl-seconds <n>', 'how long its tokens live')
    .option('--client <id>', 'the client that acts for it at introspection and exchange')
    .option('--status-list', 'its tokens are referenced from a status list')
    .action(async (audience: string, options: AddOptions, command: Command) => {
      const { addResource } = await import('../admin/resources.ts')
      const wanted = {
        audience,
        scope: options.scope,
        tokenAlg: options.alg,
        tokenTtlSeconds: options.ttlSeconds === undefined ? undefined : Number(options.ttlSeconds),
        clientId: options.client,
        statusList: options.statusList === true,
      }
      await operate(command, line, (deps) => addResource(wanted, deps))
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
