import { Argument, type Command } from 'commander'
import type { RevocableKind } from '../admin/revoke.ts'
import { operate } from './clients.ts'
import { readCount, type Line } from './line.ts'

/** `countersign revoke …`. */
export function addRevokeCommand(program: Command, line: Line): void {
  program
    .command('revoke')
    .description('revoke a token, or all of a session, family, client, user, key or the issuer')
    .addArgument(new Argument('<kind>', 'the kind of thing to revoke').choices(kinds))
    .argument('[id]', 'jti, sid, client_id, user id or kid; nothing for the issuer', '')
    .option('--below <version>', 'for a user or its claims: versions below this one', readCount)
    .action(
      async (kind: RevocableKind, id: string, { below }: { below?: number }, command: Command) => {
        const { revoke } = await import('../admin/revoke.ts')
        await operate(command, line, (deps) =>
          revoke({ kind, id, ...(below === undefined ? {} : { belowVersion: below }) }, deps),
        )
      },
    )
}

const kinds: readonly RevocableKind[] = [
  'token',
  'session',
  'family',
  'client',
  'user',
  'claims',
  'key',
  'issuer',
]
