import { defineCommand } from './command.ts'
import { renderValue } from './render-text.ts'
import { settingOptions } from './setting-options.ts'

/** `countersign config …`. */
export const configCommands = [
  defineCommand({
    name: 'config print',
    summary: 'Print every setting of serve, its value and its source. Secrets are masked.',
    options: settingOptions,
    reads: 'service',
    examples: [
      'countersign config print',
      'countersign config print --json',
      'DATABASE_LISTEN_URL=poll countersign config print --issuer https://id.example.com',
    ],
    run: async ({ flags, environment, output }) => {
      const { readConfig } = await import('./load.ts')
      const { lines, problems } = await readConfig(flags, environment)
      const rows = lines.map(
        ({ name, value, origin }) =>
          `${name.padEnd(24)} ${renderValue(value).padEnd(32)} ${origin}`,
      )
      output.print({ settings: lines, problems }, rows.join('\n'))
      if (problems.length === 0) return 0
      output.complain('problems', problems.join('\n'))
      return 1
    },
  }),
]
