import { ok, refuse, type Result } from '@countersign/jwt'
import type { CommandGroup, CommandRow } from './command.ts'
import { commonOptions } from './command.ts'
import { helpHint, type Misunderstood } from './parse.ts'
import { suggestName } from './spelling.ts'

/** The place in the table that the words of a command line name. */
export interface FoundCommand {
  readonly group: CommandGroup | undefined
  readonly row: CommandRow | undefined
  /** The words without the name of the command. */
  readonly words: readonly string[]
}

/** Finds the command. Options that each command has may come before its name. Refuses: a name that is not in the table. */
export function findCommand(
  table: readonly CommandGroup[],
  argv: readonly string[],
): Result<FoundCommand, Misunderstood> {
  const first = takeWord(argv)
  if (first.word === undefined) return ok({ group: undefined, row: undefined, words: argv })
  const group = table.find(({ word }) => word === first.word)
  if (group === undefined)
    return refuse(
      misspelled(
        '',
        first.word,
        table.map(({ word }) => word),
      ),
    )
  const alone = group.rows.find(({ name }) => name === group.word)
  if (alone !== undefined) return ok({ group, row: alone, words: first.words })
  const second = takeWord(first.words)
  if (second.word === undefined) return ok({ group, row: undefined, words: first.words })
  const row = group.rows.find(({ name }) => name === `${group.word} ${second.word}`)
  if (row !== undefined) return ok({ group, row, words: second.words })
  const names = group.rows.map(({ name }) => name.slice(group.word.length + 1))
  return refuse(misspelled(group.word, second.word, names))
}

/** Takes the first word that is no option of all commands, and no value of one. */
function takeWord(argv: readonly string[]) {
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? ''
    if (word === '--') break
    if (!word.startsWith('-')) return { word, words: [...argv.slice(0, at), ...argv.slice(at + 1)] }
    const isFollowed = commonOptions.some(
      ({ name, value }) => value !== undefined && word === `--${name}`,
    )
    if (isFollowed) at += 1
  }
  return { word: undefined, words: argv }
}

function misspelled(group: string, word: string, names: readonly string[]): string {
  const program = group === '' ? 'countersign' : `countersign ${group}`
  const suggested = suggestName(word, names)
  const choices =
    suggested === undefined
      ? ` Its commands are ${names.join(', ')}.`
      : ` Did you mean "${program} ${suggested}"?`
  return `"${program}" has no command ${word}.${choices}\n${helpHint(group)}`
}
