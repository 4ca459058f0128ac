import { defineCommand } from './command.ts'
import type { KeyView } from '../admin/keys.ts'
import type { Column } from './render-table.ts'
import { newKekCommand } from './new-kek.ts'
import { operate } from './operate.ts'

/** `countersign keys …`. */
export const keyCommands = [
  defineCommand({
    name: 'keys ls',
    summary: 'List every key, its state and its next date.',
    reads: 'database',
    examples: [
      'countersign keys ls',
      'countersign keys ls --json',
      'countersign keys ls --data-dir /var/lib/countersign',
    ],
    run: async (call) => {
      const { listKeys } = await import('../admin/keys.ts')
      const { keyTimes } = await import('../config/defaults.ts')
      const { withOperator } = await import('./open.ts')
      const { renderDistance, renderTable } = await import('./render-table.ts')
      const { output } = call
      return withOperator(call, async (deps) => {
        const found = listKeys(deps, keyTimes)
        const columns: readonly Column<KeyView>[] = [
          { title: 'kid', cell: ({ kid }) => kid },
          { title: 'state', cell: ({ state }) => state },
          { title: 'alg', cell: ({ alg }) => alg },
          { title: 'purpose', cell: ({ purpose }) => purpose },
          { title: 'audience', cell: ({ audience }) => audience },
          {
            title: 'announced',
            cell: ({ announcedAt }) => renderDistance(announcedAt, deps.now()),
          },
          { title: 'next step', cell: ({ nextAt }) => renderDistance(nextAt, deps.now()) },
        ]
        output.print(found, renderTable(columns, found, output.columns))
        return 0
      })
    },
  }),
  defineCommand({
    name: 'keys rotate',
    summary: 'Let every standby key take over now.',
    options: [
      { name: 'alg', value: 'alg', help: 'Only keys of this algorithm.' },
      { name: 'audience', value: 'audience', help: 'Only keys of this resource.' },
      { name: 'force', help: 'Rotate also to a standby that guards may not know yet.' },
    ],
    reads: 'database',
    examples: [
      'countersign keys rotate',
      'countersign keys rotate --audience https://api.example.com',
      'countersign keys rotate --alg ES256 --force',
    ],
    run: async (call) => {
      const { alg, audience, force } = call.options
      const { rotateKeys } = await import('../admin/keys.ts')
      const { keyTimes } = await import('../config/defaults.ts')
      const chosen = {
        ...(alg === undefined ? {} : { alg }),
        ...(audience === undefined ? {} : { audience }),
        force,
      }
      return operate(call, (deps) => rotateKeys(chosen, deps, keyTimes))
    },
  }),
  defineCommand({
    name: 'keys revoke',
    summary: 'Burn a key. Its tokens die at once and its standby takes over.',
    args: [{ name: 'kid', help: 'The id of the key, as "keys ls" shows it.' }],
    reads: 'database',
    examples: [
      'countersign keys revoke 5f1c0a52',
      'countersign keys revoke -- -f1c0a52',
      'countersign keys revoke 5f1c0a52 --json',
    ],
    run: async (call) => {
      const { burnKey } = await import('../admin/keys.ts')
      return operate(call, (deps) => burnKey(call.args.kid, deps))
    },
  }),
  defineCommand({
    name: 'keys rotate-pepper',
    summary: 'Hash passwords of users with another key from now on.',
    about: 'Former hashes stay valid, and each is made again at the next sign-in.',
    reads: 'database',
    examples: [
      'countersign keys rotate-pepper',
      'countersign keys rotate-pepper --json',
      'countersign keys rotate-pepper --data-dir /var/lib/countersign',
    ],
    run: async (call) => {
      const { rotatePepper } = await import('../admin/keys.ts')
      return operate(call, rotatePepper)
    },
  }),
  defineCommand({
    name: 'keys reseal',
    summary: 'Seal every key under another key-encryption key. Restart the service with it.',
    reads: 'database',
    variables: {
      COUNTERSIGN_NEW_KEY_ENCRYPTION_KEY:
        'The key to seal under. Also as COUNTERSIGN_NEW_KEY_ENCRYPTION_KEY_FILE.',
    },
    examples: [
      'COUNTERSIGN_NEW_KEY_ENCRYPTION_KEY_FILE=kek.next countersign keys reseal',
      'COUNTERSIGN_NEW_KEY_ENCRYPTION_KEY_FILE=kek.next countersign keys reseal --json',
      'COUNTERSIGN_NEW_KEY_ENCRYPTION_KEY_FILE=kek.next countersign keys reseal --data-dir /var/lib/countersign',
    ],
    run: async (call) => {
      const { resealKeys } = await import('../admin/keys.ts')
      const { newSeals } = await import('./reseal.ts')
      const next = newSeals(call.environment)
      return operate(call, (deps) => resealKeys(next, deps))
    },
  }),
  newKekCommand,
]
