import { defineCommand } from './command.ts'
import { operate } from './operate.ts'

/** `countersign revoke`. */
export const revokeCommand = defineCommand({
  name: 'revoke',
  summary: 'Revoke a token, or all tokens of a session, client, user, key or the issuer.',
  args: [
    {
      name: 'kind',
      help: 'The kind of thing to revoke.',
      choices: ['token', 'session', 'family', 'client', 'user', 'claims', 'key', 'issuer'],
    },
    {
      name: 'id',
      help: 'The jti, sid, client_id, user id or kid. The issuer has none.',
      optional: true,
    },
  ],
  options: [
    {
      name: 'below',
      value: 'version',
      help: 'For a user or its claims: revoke versions below this one.',
      counts: true,
    },
  ],
  reads: 'database',
  examples: [
    'countersign revoke client shop',
    'countersign revoke session 5f1c0a52',
    'countersign revoke user u-17 --below 3',
  ],
  run: async (call) => {
    const { kind, id = '' } = call.args
    const { below } = call.options
    const { revoke } = await import('../admin/revoke.ts')
    const request = { kind, id, ...(below === undefined ? {} : { belowVersion: below }) }
    return operate(call, (deps) => revoke(request, deps))
  },
})
