import { startFault } from '../config/start-fault.ts'
import type { Config } from '../config/config.ts'
import type { OperatorDeps } from '../admin/operator.ts'
import { defineCommand } from './command.ts'
import { operate } from './operate.ts'

/** The commands that send a link to a user. */
export const linkCommands = [
  defineCommand({
    name: 'users invite',
    summary: 'Invite a person by mail. Without a mail server the link is shown once.',
    about: 'The person proves the address and chooses the password. The link is good for a day.',
    args: [{ name: 'address', help: 'The mail address of the person.' }],
    options: [
      { name: 'resource', value: 'audience', help: 'A resource that the person may use.' },
      { name: 'scope', value: 'scopes', help: 'The scopes there, with spaces.' },
      { name: 'roles', value: 'roles', help: 'The roles there, with spaces.' },
    ],
    reads: 'database',
    examples: [
      'countersign users invite ann@example.org',
      'countersign users invite ann@example.org --resource https://api.example.com --scope read --roles editor',
      'countersign users invite ann@example.org --json',
    ],
    run: async (call) => {
      const { inviteUser } = await import('../admin/invite-user.ts')
      const { resource: audience, scope = '', roles = '' } = call.options
      if (audience === undefined && scope + roles !== '')
        throw startFault(
          'Scopes and roles are those at one API: name it with --resource <audience>.',
        )
      const access = audience === undefined ? undefined : { audience, scope, roles }
      const wanted = { address: call.args.address, access }
      return operate(call, (deps, config) => inviteUser(wanted, withLinks(deps, config)))
    },
  }),
  defineCommand({
    name: 'users reset',
    summary: 'Begin the reset of a password. The user chooses the new one.',
    about: 'A mail has the link and the code. Without a mail server both are shown once.',
    args: [{ name: 'user', help: 'The id or a name of the user.' }],
    reads: 'database',
    examples: [
      'countersign users reset ann',
      'countersign users reset ann@example.org',
      'countersign users reset ann --json',
    ],
    run: async (call) => {
      const { resetUser } = await import('../admin/invite-user.ts')
      return operate(call, (deps, config) => resetUser(call.args.user, withLinks(deps, config)))
    },
  }),
]

/** Adds the facts that operations with links need. */
function withLinks(deps: OperatorDeps, config: Config) {
  return { ...deps, issuer: config.issuer, sendsMail: config.mailServer !== undefined }
}
