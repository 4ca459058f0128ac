import { readVersion } from '../main/version.ts'
import type { CommandGroup } from './command.ts'
import { findCommand, type FoundCommand } from './find-command.ts'
import { createInput } from './input.ts'
import { asksForJson, createOutput, type Output, type Streams } from './output.ts'
import { findOddOption, parseLine } from './parse.ts'
import { versionFacts } from './version.ts'

/**
 * Runs one command of the command line; exit codes: 0 done, 1 not done (one sentence says why), 2 not
 * understood.
 * Why: a command's modules are imported when it runs, so that help is fast.
 */
export async function run(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
  streams: Streams = process,
): Promise<number> {
  const table = await loadTable(argv)
  const output = createOutput(streams, asksForJson(argv), environment)
  const misunderstood = (sentences: string): 2 => {
    output.complain('not_understood', sentences)
    return 2
  }
  const found = findCommand(table, withoutHelpWord(argv))
  if (!found.ok) return misunderstood(found.refusal)
  const { group, row, words } = found.value
  if (group === undefined && asksFor(words, '-V', '--version')) {
    output.print(versionFacts(), readVersion())
    return 0
  }
  if (asksFor(words, '-h', '--help')) {
    const text = await renderHelp(table, found.value, output)
    output.print({ help: text }, output.markTitles(text))
    return 0
  }
  if (row === undefined)
    return misunderstood(
      findOddOption(group?.word ?? '', words) ?? (await renderHelp(table, found.value, output)),
    )
  const parsed = await parseLine(row, words)
  if (!parsed.ok) return misunderstood(parsed.refusal)
  const input = createInput(() => streams.stdin)
  return row.run({ ...parsed.value, environment, input, output, table })
}

/** Reads `help users add` as `users add --help`. */
function withoutHelpWord(argv: readonly string[]): readonly string[] {
  const [first, ...rest] = argv
  return first === 'help' ? [...rest, '--help'] : argv
}

async function renderHelp(
  table: readonly CommandGroup[],
  { group, row }: FoundCommand,
  { columns }: Output,
): Promise<string> {
  const help = await import('./help.ts')
  if (row !== undefined) return help.renderCommandHelp(row, columns)
  return group === undefined
    ? help.renderProgramHelp(table, columns)
    : help.renderGroupHelp(group, columns)
}

/**
 * Gives the table of commands.
 * Why: the row of `dev` needs none of the others, and a start is quicker without them.
 */
async function loadTable([word]: readonly string[]): Promise<readonly CommandGroup[]> {
  if (word !== 'dev') return (await import('./table.ts')).commandTable
  const { devCommand } = await import('./dev-command.ts')
  return [{ word, summary: devCommand.summary, rows: [devCommand] }]
}

function asksFor(words: readonly string[], ...names: readonly string[]): boolean {
  const end = words.indexOf('--')
  return words.slice(0, end === -1 ? words.length : end).some((word) => names.includes(word))
}
