import type { WantedPassword } from '../admin/users.ts'
import { startFault } from '../config/start-fault.ts'
import { defineCommand } from './command.ts'
import { newOption } from './new-option.ts'
import { operate } from './operate.ts'
import type { Column } from './render-table.ts'
import { readSecret } from './read-secret.ts'
import { changeUserCommands } from './change-users.ts'
import { linkCommands } from './invite-users.ts'
import { userFactorCommands } from './user-factors.ts'
import { importUsersCommand } from './import-users.ts'

/** The argument that names a user. */
const user = { name: 'user', help: 'The id or a name of the user.' } as const

const fromStdin = {
  name: 'password-stdin',
  help: 'Read the password from standard input. Default: make one, and show it once.',
} as const

const mustChange = {
  name: 'must-change',
  help: 'The user must choose another password before the next token.',
} as const

/** `countersign users …`. */
export const userCommands = [
  defineCommand({
    name: 'users add',
    summary: 'Make a user.',
    about: 'The password is never an argument. A made password is shown once.',
    args: [{ name: 'name', help: 'A user name or a mail address.' }],
    options: [
      { name: 'name', value: 'name', help: 'One more name or address.', repeats: true },
      { name: 'verified', help: 'The addresses belong to the user.' },
      { name: 'resource', value: 'audience', help: 'A resource that the user may use.' },
      { name: 'scope', value: 'scopes', help: 'The scopes there, with spaces.' },
      { name: 'roles', value: 'roles', help: 'The roles there, with spaces.' },
      { ...fromStdin, conflicts: 'no-password' },
      mustChange,
      { name: 'no-password', help: 'The user has no password yet.', conflicts: 'must-change' },
      newOption,
    ],
    reads: 'database',
    examples: [
      'countersign users add ann --name ann@example.org --verified',
      'countersign users add ann --resource https://api.example.com --scope read --roles "editor admin"',
      'pass show ann | countersign users add ann --password-stdin',
    ],
    run: async (call) => {
      const { args, options } = call
      const { addUser } = await import('../admin/users.ts')
      const { withPasswords } = await import('./operate-on-users.ts')
      const { resource: audience, scope = '', roles = '' } = options
      if (audience === undefined && scope + roles !== '')
        throw startFault(
          'Scopes and roles are those at one API: name it with --resource <audience>.',
        )
      const wanted = {
        names: [args.name, ...options.name],
        isVerified: options.verified,
        profile: {},
        access: audience === undefined ? [] : [{ audience, scope, roles }],
        password: options['no-password']
          ? ({ kind: 'none' } as const)
          : passwordFrom(options['password-stdin']),
        mustChange: options['must-change'],
      }
      return operate(call, (deps, config) => addUser(wanted, withPasswords(deps, config)), {
        begins: options.new,
      })
    },
  }),
  defineCommand({
    name: 'users list',
    summary: 'List users, by id.',
    options: [
      { name: 'after', value: 'id', help: 'Begin after this user.' },
      { name: 'limit', value: 'n', help: 'The count of users.', counts: true, default: '100' },
    ],
    reads: 'database',
    examples: [
      'countersign users list',
      'countersign users list --limit 20 --after 5v1Bq0c6m1kH9Gd0s3x2Yw',
      'countersign users list --json',
    ],
    run: async (call) => {
      const { listUsers } = await import('../admin/users.ts')
      const { withOperator } = await import('./open.ts')
      const limit = Math.max(1, call.options.limit)
      const after = call.options.after ?? null
      const { renderDistance, renderTable } = await import('./render-table.ts')
      const { output } = call
      return withOperator(call, async (deps) => {
        const found = await listUsers(after, limit, deps)
        const columns: readonly Column<(typeof found)[number]>[] = [
          { title: 'id', cell: ({ id }) => id },
          { title: 'status', cell: ({ status }) => status },
          { title: 'names', cell: ({ names }) => names.map(({ name }) => name) },
          { title: 'made', cell: ({ createdAt }) => renderDistance(createdAt, deps.now()) },
        ]
        output.print(found, renderTable(columns, found, output.columns))
        return 0
      })
    },
  }),
  defineCommand({
    name: 'users show',
    summary: 'Show one user with names, profile and access.',
    args: [user],
    reads: 'database',
    examples: [
      'countersign users show ann',
      'countersign users show ann@example.org',
      'countersign users show 5v1Bq0c6m1kH9Gd0s3x2Yw --json',
    ],
    run: async (call) => {
      const { showUser } = await import('../admin/users.ts')
      return operate(call, (deps) => showUser(call.args.user, deps))
    },
  }),
  defineCommand({
    name: 'users password',
    summary: 'Set the password of a user. All tokens and sign-ins of the user end.',
    args: [user],
    options: [fromStdin, mustChange],
    reads: 'database',
    examples: [
      'countersign users password ann',
      'pass show ann | countersign users password ann --password-stdin',
      'countersign users password ann --must-change --json',
    ],
    run: async (call) => {
      const { setUserPassword } = await import('../admin/users.ts')
      const { withPasswords } = await import('./operate-on-users.ts')
      const password = passwordFrom(call.options['password-stdin'])
      return operate(call, (deps, config) =>
        setUserPassword(
          call.args.user,
          password,
          call.options['must-change'],
          withPasswords(deps, config),
        ),
      )
    },
  }),
  ...changeUserCommands,
  ...linkCommands,
  importUsersCommand,
  ...userFactorCommands,
  switchCommand('disable', 'Disable a user. All tokens and sign-ins of the user end.'),
  switchCommand('enable', 'Enable a user again.'),
  defineCommand({
    name: 'users erase',
    summary: 'Delete everything about a user. All tokens and sign-ins of the user end.',
    about: 'The names stay reserved until the last token that shows them has expired.',
    args: [user],
    options: [{ name: 'yes', help: 'Erase without asking.' }],
    reads: 'database',
    examples: [
      'countersign users erase ann --yes',
      'countersign users erase ann@example.org --yes',
      'countersign users erase ann --yes --json',
    ],
    run: async (call) => {
      const { switchUser } = await import('../admin/users.ts')
      if (!call.options.yes) {
        call.output.complain('not_confirmed', 'Nothing was erased: add --yes to erase the user.')
        return 1
      }
      return operate(call, (deps) => switchUser('erase', call.args.user, deps))
    },
  }),
]

function passwordFrom(isTyped: boolean): WantedPassword {
  if (!isTyped) return { kind: 'generated' }
  return { kind: 'typed', text: readSecret(process.stdin.isTTY) }
}

function switchCommand(act: 'disable' | 'enable', summary: string) {
  return defineCommand({
    name: `users ${act}`,
    summary,
    args: [user],
    reads: 'database',
    examples: [
      `countersign users ${act} ann`,
      `countersign users ${act} ann@example.org --json`,
      `countersign users ${act} ann --data-dir /var/lib/countersign`,
    ],
    run: async (call) => {
      const { switchUser } = await import('../admin/users.ts')
      return operate(call, (deps) => switchUser(act, call.args.user, deps))
    },
  })
}
