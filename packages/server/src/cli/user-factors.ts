import { defineCommand } from './command.ts'
import { operate } from './operate.ts'

/** The argument that names a user. */
const user = { name: 'user', help: 'The id or a name of the user.' } as const

/** The commands about second factors of a user. */
export const userFactorCommands = [
  defineCommand({
    name: 'users factors',
    summary: 'Show the ways of a user to sign in.',
    args: [user],
    reads: 'database',
    examples: [
      'countersign users factors ann',
      'countersign users factors ann@example.org',
      'countersign users factors ann --json',
    ],
    run: async (call) => {
      const { showUserFactors } = await import('../admin/user-factors.ts')
      return operate(call, (deps) => showUserFactors(call.args.user, deps))
    },
  }),
  defineCommand({
    name: 'users reset-factors',
    summary: 'Remove all second factors of a user. All tokens and sign-ins of the user end.',
    about:
      'For a person who lost them. Make sure who asks: the password alone signs in afterwards. Passkeys stay where there is no password.',
    args: [user],
    options: [{ name: 'yes', help: 'Remove them without asking.' }],
    reads: 'database',
    examples: [
      'countersign users reset-factors ann --yes',
      'countersign users reset-factors ann@example.org --yes',
      'countersign users reset-factors ann --yes --json',
    ],
    run: async (call) => {
      const { resetUserFactors } = await import('../admin/user-factors.ts')
      const { withMail } = await import('./operate-with-mail.ts')
      if (!call.options.yes) {
        call.output.complain(
          'not_confirmed',
          'Nothing was removed: add --yes to remove the second factors.',
        )
        return 1
      }
      return operate(call, (deps, config) =>
        resetUserFactors(call.args.user, withMail(deps, config)),
      )
    },
  }),
]
