import { commonOptions, type CommandRow } from '../../packages/server/src/cli/command.ts'
import {
  entryOf,
  listArguments,
  listOptions,
  listVariables,
  nameAndArguments,
  type Entry,
} from '../../packages/server/src/cli/help.ts'
import { commandTable } from '../../packages/server/src/cli/table.ts'
import { code, madeBy, page, table } from './markdown.ts'

/** Makes the reference of the command line. */
export async function commandsPage(): Promise<string> {
  const sections = await Promise.all(commandTable.flatMap(({ rows }) => rows.map(sectionOf)))
  return page([
    '# Command reference',
    `Every command of \`countersign\`. ${madeBy('the table of commands')} \`--help\` says the same in the terminal.`,
    table(
      ['command', 'purpose'],
      commandTable.flatMap(({ rows }) =>
        rows.map(({ name, summary }) => [code(`countersign ${name}`), summary]),
      ),
    ),
    'Each command also has these options:',
    entries('option', commonOptions.map(entryOf)),
    ...sections.flat(),
    'Next: [the settings](settings.md) of the service.',
  ])
}

async function sectionOf(row: CommandRow): Promise<readonly (string | undefined)[]> {
  return [
    `## countersign ${row.name}`,
    [row.summary, row.about].filter((text) => text !== undefined).join(' '),
    `Usage: ${code(`countersign ${nameAndArguments(row)} [options]`)}`,
    entries('argument', listArguments(row)),
    entries('option', await listOptions(row)),
    entries('variable', listVariables(row)),
    'Examples:',
    row.examples.map((example) => `- ${code(example)}`).join('\n'),
  ]
}

function entries(head: string, list: readonly Entry[]): string | undefined {
  if (list.length === 0) return undefined
  return table(
    [head, 'meaning'],
    list.map(({ name, text }) => [code(name), text]),
  )
}
