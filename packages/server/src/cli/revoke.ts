import { defineCommand, type Call } from './command.ts'
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
      help: 'The jti, sid, client_id, user id or kid. The issuer has none. A token may come on standard input instead.',
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
    { name: 'yes', help: 'Revoke all tokens of the issuer without a question.' },
  ],
  reads: 'database',
  examples: [
    'countersign revoke client shop',
    'countersign revoke token < token.txt',
    'countersign revoke user u-17 --below 3',
  ],
  run: async (call) => {
    const { kind, id = '' } = call.args
    const { below } = call.options
    if (kind === 'token' && id === '') return revokeGivenToken(call)
    if (kind === 'issuer' && !call.options.yes && !(await isConfirmed(call))) return 1
    const { revoke } = await import('../admin/revoke.ts')
    const request = { kind, id, ...(below === undefined ? {} : { belowVersion: below }) }
    return operate(call, (deps) => revoke(request, deps))
  },
})

/** Units: bytes. More than any token of this service has. */
const tokenBytesMax = 65_536

/**
 * Reads the token on standard input, and revokes it.
 * Why: an argument is seen by other users of the machine, and stays in the history of the shell.
 */
async function revokeGivenToken(call: Pick<Call, 'flags' | 'environment' | 'input' | 'output'>) {
  if (call.input.isTerminal()) call.output.ask('Paste the token, then press Enter and Ctrl-D:')
  const text = (await call.input.readAll(tokenBytesMax)).trim()
  if (text === '') {
    call.output.complain('malformed', 'Give the jti, or the token itself on standard input.')
    return 2
  }
  const { revokeToken } = await import('../admin/revoke-token.ts')
  return operate(call, (deps, { issuer, port }) =>
    revokeToken(text, issuer ?? `http://localhost:${port}`, deps),
  )
}

/** Asks a person. A program has to state --yes. */
async function isConfirmed({ input, output }: Pick<Call, 'input' | 'output'>): Promise<boolean> {
  const effect = 'This revokes every token of this issuer, and all users log in again.'
  if (!input.isTerminal()) {
    output.complain('unconfirmed', `${effect} State --yes where that is meant.`)
    return false
  }
  output.ask(`${effect} Type yes to go on:`)
  if ((await input.readLine()) === 'yes') return true
  output.complain('unconfirmed', 'Nothing was revoked.')
  return false
}
