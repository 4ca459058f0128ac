import type { Command } from 'commander'
import { operate } from './clients.ts'
import { print } from './print.ts'
import { flagsOf, isJson, type Line } from './line.ts'

interface RotateFlags {
  readonly alg?: string
  readonly audience?: string
  readonly force?: boolean
}

/** `countersign keys …`. */
export function addKeyCommands(program: Command, line: Line): void {
  const keys = program
    .command('keys')
    .description('the keys that tokens are signed with and encrypted to')
  keys
    .command('ls')
    .description('every key, its state and its next date')
    .action(async (_, command: Command) => {
      const { listKeys } = await import('../admin/keys.ts')
      const { keyTimes } = await import('../config/defaults.ts')
      const { withOperator } = await import('./open.ts')
      const found = await withOperator(flagsOf(command), line.environment, async (deps) =>
        listKeys(deps, keyTimes),
      )
      print(found, isJson(command))
    })
  keys
    .command('rotate')
    .description('let every standby take over now')
    .option('--alg <alg>', 'only keys of this algorithm')
    .option('--audience <audience>', 'only keys of this resource alone')
    .option('--force', 'also a standby that guards may not know yet')
    .action(async (options: RotateFlags, command: Command) => {
      const { rotateKeys } = await import('../admin/keys.ts')
      const { keyTimes } = await import('../config/defaults.ts')
      await operate(command, line, (deps) =>
        rotateKeys({ ...options, force: options.force === true }, deps, keyTimes),
      )
    })
  keys
    .command('revoke <kid>')
    .description('burn a key: its tokens are dead at once, its standby takes over')
    .action(async (kid: string, _, command: Command) => {
      const { burnKey } = await import('../admin/keys.ts')
      await operate(command, line, (deps) => burnKey(kid, deps))
    })
  keys
    .command('reseal')
    .description(
      'seal every key under COUNTERSIGN_NEW_KEY_ENCRYPTION_KEY; restart the service with it',
    )
    .action(async (_, command: Command) => {
      const { resealKeys } = await import('../admin/keys.ts')
      const { newSeals } = await import('./reseal.ts')
      const next = newSeals(line.environment)
      await operate(command, line, (deps) => resealKeys(next, deps))
    })
}
