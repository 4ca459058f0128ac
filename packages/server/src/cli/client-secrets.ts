import type { DroppedSecret, HeldSecret, RotatedSecret } from '../admin/client-secrets.ts'
import { sayAge } from '../admin/say-age.ts'
import { client } from './client-options.ts'
import { defineCommand } from './command.ts'
import { quoteWord } from './quote-word.ts'

/** `countersign clients rotate-secret` and `countersign clients drop-secret`. */
export const secretCommands = [
  defineCommand({
    name: 'clients rotate-secret',
    summary: 'Add a second secret, shown once. Both work until one is dropped.',
    args: [client],
    options: [{ name: 'secret-only', help: 'Print the new secret and nothing else.' }],
    reads: 'database',
    examples: [
      'countersign clients rotate-secret shop',
      'countersign clients rotate-secret shop --json',
      'countersign clients rotate-secret shop --secret-only > shop.secret',
    ],
    run: async (call) => {
      const { rotateSecret } = await import('../admin/client-secrets.ts')
      const { withOperator } = await import('./open.ts')
      const outcome = await withOperator(call, (deps) => rotateSecret(call.args.id, deps))
      if (!outcome.ok) return call.output.conclude(outcome)
      const folder = textOf(call.flags['data-dir'])
      const { secret } = outcome.value
      call.output.print(
        outcome.value,
        call.options['secret-only'] ? secret : renderRotated(outcome.value, folder),
      )
      return 0
    },
  }),
  defineCommand({
    name: 'clients drop-secret',
    summary: 'Drop a secret. Tokens of the client die at once.',
    args: [
      client,
      { name: 'secret-id', help: 'The id of the secret, as "clients show" lists it.' },
    ],
    reads: 'database',
    examples: [
      'countersign clients drop-secret shop 5f1c0a52',
      'countersign clients drop-secret shop 5f1c0a52 --json',
      'countersign clients drop-secret shop -- -f1c0a52',
    ],
    run: async (call) => {
      const { dropSecret } = await import('../admin/client-secrets.ts')
      const { withOperator } = await import('./open.ts')
      const { id, 'secret-id': secretId } = call.args
      const outcome = await withOperator(call, (deps) => dropSecret(id, secretId, deps))
      if (!outcome.ok) return call.output.conclude(outcome)
      call.output.print(outcome.value, renderDropped(outcome.value))
      return 0
    },
  }),
]

function textOf(flag: string | boolean | undefined): string | undefined {
  return typeof flag === 'string' ? flag : undefined
}

function renderRotated(
  { clientId, secret, secretId, former }: RotatedSecret,
  folder: string | undefined,
): string {
  const drops = former.flatMap((held) => [
    `  ${sayHeld(held)}. Drop it with:`,
    `    ${dropLine(clientId, held.id, folder)}`,
  ])
  const rest =
    drops.length === 0
      ? []
      : ['', 'Change all programs first. These secrets are still valid:', ...drops]
  return [`secret  ${secret}`, `id      ${secretId}`, '        It is shown once.', ...rest].join(
    '\n',
  )
}

function renderDropped({ clientId, dropped, remaining }: DroppedSecret): string {
  const first = `The secret ${dropped} is dropped, and all tokens of ${clientId} are revoked.`
  return remaining.length === 0
    ? `${first}\nNo secret remains, so ${clientId} cannot authenticate. Make one with:\n  countersign clients rotate-secret ${quoteWord(clientId)}`
    : [first, 'Still valid:', ...remaining.map((held) => `  ${sayHeld(held)}`)].join('\n')
}

function sayHeld({ id, form, ageSeconds }: HeldSecret): string {
  return `${id}, ${sayAge(ageSeconds)} old${form === 'chosen' ? ', chosen by a person' : ''}`
}

/** The words behind `--` may begin with a hyphen, as one in 64 random ids does. */
function dropLine(clientId: string, secretId: string, folder: string | undefined): string {
  const place = folder === undefined ? '' : ` --data-dir ${quoteWord(folder)}`
  const end = [clientId, secretId].some((word) => word.startsWith('-')) ? ' --' : ''
  return `countersign clients drop-secret${place}${end} ${quoteWord(clientId)} ${quoteWord(secretId)}`
}
