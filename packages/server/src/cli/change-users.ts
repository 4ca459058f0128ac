import { startFault } from '../config/start-fault.ts'
import { defineCommand } from './command.ts'
import { operate } from './operate.ts'

/** The argument that names a user. */
const user = { name: 'user', help: 'The id or a name of the user.' } as const

/** The commands that change names, access and profile of a user. */
export const changeUserCommands = [
  defineCommand({
    name: 'users names',
    summary: 'Add a name to a user, or drop one.',
    about: 'A dropped name stays reserved until the last token that shows it has expired.',
    args: [user],
    options: [
      { name: 'add', value: 'name', help: 'A user name or a mail address.', conflicts: 'drop' },
      { name: 'verified', help: 'The added address belongs to the user.' },
      { name: 'drop', value: 'name', help: 'The name to drop. The last one stays.' },
    ],
    reads: 'database',
    examples: [
      'countersign users names ann --add ann@example.org --verified',
      'countersign users names ann --drop ann@example.net',
      'countersign users names ann@example.org --add ann --json',
    ],
    run: async (call) => {
      const { add, drop, verified } = call.options
      const { addUserName, dropUserName } = await import('../admin/change-user.ts')
      const { args, output } = call
      if (add !== undefined)
        return operate(call, (deps) => addUserName(args.user, add, verified, deps))
      if (drop !== undefined) return operate(call, (deps) => dropUserName(args.user, drop, deps))
      output.complain('malformed', 'Say with --add or --drop which name.')
      return 2
    },
  }),
  defineCommand({
    name: 'users roles',
    summary: 'Set roles and scopes of a user at a resource.',
    about: 'Guards refuse older tokens within a second, and their holders fetch new ones.',
    args: [user],
    options: [
      { name: 'resource', value: 'audience', help: 'The resource.', required: true },
      { name: 'roles', value: 'roles', help: 'All roles there, with spaces; "" for none.' },
      { name: 'scope', value: 'scopes', help: 'All scopes there, with spaces; "" for none.' },
    ],
    reads: 'database',
    examples: [
      'countersign users roles ann --resource https://api.example.com --roles "editor admin"',
      'countersign users roles ann --resource https://api.example.com --scope "read write"',
      'countersign users roles ann --resource https://api.example.com --roles "" --scope ""',
    ],
    run: async (call) => {
      const { resource: audience, roles, scope } = call.options
      const { changeUserAccess } = await import('../admin/change-user.ts')
      return operate(call, (deps) =>
        changeUserAccess(call.args.user, { audience, roles, scope }, deps),
      )
    },
  }),
  defineCommand({
    name: 'users profile',
    summary: 'Show or change the profile of a user: the claims of OpenID Connect.',
    args: [user],
    options: [
      {
        name: 'set',
        value: 'claim=value',
        help: 'A claim to set, such as locale=de or address.country=DE.',
        repeats: true,
      },
      { name: 'drop', value: 'claim', help: 'A claim to remove.', repeats: true },
    ],
    reads: 'database',
    examples: [
      'countersign users profile ann',
      'countersign users profile ann --set "name=Ann Lee" --set locale=de',
      'countersign users profile ann --drop phone_number --set address.country=DE',
    ],
    run: async (call) => {
      const { changeUserProfile } = await import('../admin/change-user.ts')
      const { drop, set } = call.options
      const changes = [
        ...drop.map((claim) => ({ claim, value: null })),
        ...set.map((given) => {
          const at = given.indexOf('=')
          if (at === -1) throw startFault(`A claim needs its value: --set ${given}=<value>.`)
          return { claim: given.slice(0, at), value: given.slice(at + 1) }
        }),
      ]
      return operate(call, (deps) => changeUserProfile(call.args.user, changes, deps))
    },
  }),
]
