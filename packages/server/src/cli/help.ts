import { commonOptions, type CommandGroup, type CommandOption, type CommandRow } from './command.ts'
import { fold, foldCommand } from './fold.ts'

/** Units: letters. A line of help is at most so wide, also on a wider terminal. */
const widthMax = 100
const widthDefault = 80
/** Units: letters. Below it a description stands under its name. */
const twoColumnsMin = 60

export interface Entry {
  readonly name: string
  readonly text: string
}

/** Renders the help of the whole program. */
export function renderProgramHelp(table: readonly CommandGroup[], columns?: number): string {
  const width = widthOf(columns)
  const commands = table.map(({ word, summary }) => ({ name: word, text: summary }))
  const version = { name: '-V, --version', text: 'Print the version.' }
  return [
    fold('Countersign issues, guards and revokes JWTs.', width),
    usage('countersign <command> [options]', width),
    section('Commands', commands, width),
    section('Options', [...commonOptions.map(entryOf), version], width),
    fold('Add --help to a command to see its options and examples.', width),
  ].join('\n\n')
}

/** Renders the help of a group of commands. */
export function renderGroupHelp({ word, summary, rows }: CommandGroup, columns?: number): string {
  const width = widthOf(columns)
  const commands = rows.map((row) => ({
    name: nameAndArguments(row).slice(word.length + 1),
    text: row.summary,
  }))
  return [
    fold(summary, width),
    usage(`countersign ${word} <command> [options]`, width),
    section('Commands', commands, width),
    fold(`Add --help to a command to see its options and examples.`, width),
  ].join('\n\n')
}

/** Renders the help of one command: usage, arguments, options, variables and examples. */
export async function renderCommandHelp(row: CommandRow, columns?: number): Promise<string> {
  const width = widthOf(columns)
  const own = await listOptions(row)
  const parts = [
    fold(row.summary, width),
    usage(`countersign ${nameAndArguments(row)} [options]`, width),
    ...(row.about === undefined ? [] : [fold(row.about, width)]),
    section('Arguments', listArguments(row), width),
    section('Options', [...own, ...commonOptions.map(entryOf)], width),
    section('Environment', listVariables(row), width),
    `Examples\n${row.examples.map((line) => indentLines(foldCommand(line, width - 2))).join('\n')}`,
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

/** Lists the arguments of a command, as the help shows them. */
export function listArguments({ args = [] }: CommandRow): readonly Entry[] {
  return args.map(({ name, help, choices }) => ({
    name: `<${name}>`,
    text: choices === undefined ? help : `${help} One of: ${choices.join(', ')}.`,
  }))
}

/** Lists the options of a command but for those that every command has. */
export async function listOptions({ options = [] }: CommandRow): Promise<readonly Entry[]> {
  return (await Promise.all(options.map(completeOption))).map(entryOf)
}

/** Lists the variables that a command reads. */
export function listVariables({ reads, variables }: CommandRow): readonly Entry[] {
  const all = Object.entries({ ...placeVariables[reads ?? 'nothing'], ...variables })
  return all.map(([name, text]) => ({ name, text }))
}

const placeVariables = {
  nothing: {},
  database: {
    DATABASE_URL: 'A postgres:// address, or the path of a SQLite file. Also as DATABASE_URL_FILE.',
    COUNTERSIGN_KEY_ENCRYPTION_KEY:
      'The key that the keys are sealed under. Also as COUNTERSIGN_KEY_ENCRYPTION_KEY_FILE.',
  },
  service: {
    DATABASE_URL: 'A postgres:// address, or the path of a SQLite file. Also as DATABASE_URL_FILE.',
    DATABASE_LISTEN_URL: 'Where LISTEN goes when DATABASE_URL leads through a pooler, or "poll".',
    COUNTERSIGN_KEY_ENCRYPTION_KEY:
      'The key that the keys are sealed under. Also as COUNTERSIGN_KEY_ENCRYPTION_KEY_FILE.',
  },
} as const

function widthOf(columns: number | undefined): number {
  return Math.max(20, Math.min(columns ?? widthDefault, widthMax))
}

/** Writes a command with its arguments. */
export function nameAndArguments({ name, args = [] }: CommandRow): string {
  const words = args.map((arg) => (arg.optional === true ? `[${arg.name}]` : `<${arg.name}>`))
  return [name, ...words].join(' ')
}

async function completeOption(given: CommandOption): Promise<CommandOption> {
  const facts = await given.loadFacts?.()
  const option = facts === undefined ? given : { ...given, help: `${given.help} ${facts}` }
  const choices = option.choices ?? (await option.loadChoices?.())
  if (choices === undefined || option.unlisted === true) return option
  return { ...option, choices: Object.keys(Array.isArray(choices) ? toNames(choices) : choices) }
}

function toNames(choices: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(choices.map((choice) => [choice, choice]))
}

/** Describes an option in one line of the help. */
export function entryOf(option: CommandOption): Entry {
  const { name, letter, value, help, choices, environment } = option
  const dashes = letter === undefined ? `--${name}` : `-${letter}, --${name}`
  const facts = [
    help,
    ...(option.repeats === true ? ['May be given again.'] : []),
    ...(choices === undefined ? [] : [`One of: ${choices.join(', ')}.`]),
    ...(option.default === undefined ? [] : [`Default: ${option.default}.`]),
    ...(environment === undefined ? [] : [`Environment: ${environment}.`]),
  ]
  return {
    name: value === undefined ? dashes : `${dashes} <${value}>`,
    text: facts.join(' '),
  }
}

function usage(line: string, width: number): string {
  return fold(`Usage: ${line}`, width, '       ')
}

function section(title: string, entries: readonly Entry[], width: number): string {
  if (entries.length === 0) return ''
  const longest = Math.max(...entries.map(({ name }) => name.length))
  const indent = width >= twoColumnsMin ? Math.min(longest, 30) + 4 : 6
  const lines = entries.map(({ name, text }) => {
    const head = `  ${name}`
    const body = fold(text, width - indent).replaceAll('\n', `\n${' '.repeat(indent)}`)
    return width >= twoColumnsMin && head.length + 2 <= indent
      ? `${head.padEnd(indent)}${body}`
      : `  ${fold(name, width - 2, '  ')}\n${' '.repeat(indent)}${body}`
  })
  return `${title}\n${lines.join('\n')}`
}

function indentLines(text: string): string {
  return `  ${text.replaceAll('\n', '\n  ')}`
}
