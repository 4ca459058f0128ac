import type { Flags } from './load.ts'
import type { Input } from './input.ts'
import type { Output } from './output.ts'

/** One argument of a command, in its place. */
export interface CommandArgument {
  readonly name: string
  readonly help: string
  readonly choices?: readonly string[]
  readonly optional?: true
}

/** The allowed values, or short names with the values that they stand for. */
export type Choices = readonly string[] | Readonly<Record<string, string>>

/** One option of a command. Without `value` it is a switch. */
export interface CommandOption {
  /** The name without the two dashes. */
  readonly name: string
  /** One letter that stands for the name. */
  readonly letter?: string
  /** The word for the value in the help. */
  readonly value?: string
  readonly help: string
  /** The allowed values; the parser refuses others. */
  readonly choices?: readonly string[]
  /** Like `choices`, for a list that costs a module. A record gives short names their values. */
  readonly loadChoices?: () => Promise<Choices>
  /** There are too many choices for the help. Errors list them. */
  readonly unlisted?: true
  /** More sentences for the help, such as the allowed values of a setting. */
  readonly loadFacts?: () => Promise<string>
  readonly default?: string
  /** The variable that gives the same value. */
  readonly environment?: string
  /** May be given again; the command receives a list. */
  readonly repeats?: true
  /** Several values with commas between them; the command receives a list. */
  readonly commas?: true
  /** The value is a whole number. */
  readonly counts?: true
  readonly required?: true
  /** The option that excludes this one. */
  readonly conflicts?: string
}

type Has<Option, Facts> = Option extends Facts ? true : false

type Present<Option> =
  Has<Option, { readonly default: string } | { readonly required: true }> extends true
    ? never
    : undefined

type OptionValue<Option extends CommandOption> =
  Has<Option, { readonly value: string }> extends false
    ? boolean
    : Has<Option, { readonly repeats: true } | { readonly commas: true }> extends true
      ? readonly string[]
      : Has<Option, { readonly counts: true }> extends true
        ? number | Present<Option>
        : Option extends { readonly choices: readonly (infer Choice extends string)[] }
          ? Choice | Present<Option>
          : string | Present<Option>

type ArgumentValue<Argument extends CommandArgument> =
  | (Argument extends { readonly choices: readonly (infer Choice extends string)[] }
      ? Choice
      : string)
  | (Has<Argument, { readonly optional: true }> extends true ? undefined : never)

type ArgumentValues<Arguments extends readonly CommandArgument[]> = {
  readonly [Argument in Arguments[number] as Argument['name']]: ArgumentValue<Argument>
}

type OptionValues<Options extends readonly CommandOption[]> = {
  readonly [Option in Options[number] as Option['name']]: OptionValue<Option>
}

/** A command line that was understood. */
export interface Call<
  Arguments = Readonly<Record<string, string | undefined>>,
  Options = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>,
> {
  readonly args: Arguments
  readonly options: Options
  /** The options that were given, for the configuration. */
  readonly flags: Flags
  readonly environment: NodeJS.ProcessEnv
  readonly input: Input
  readonly output: Output
  /** The whole table, for the completion of a shell. */
  readonly table: readonly CommandGroup[]
}

/** The parts of a command that its row states. */
interface CommandParts<
  Arguments extends readonly CommandArgument[],
  Options extends readonly CommandOption[],
> {
  /** One word, or the word of a group and its own. */
  readonly name: string
  readonly summary: string
  /** More for the help: one fact a sentence. */
  readonly about?: string
  readonly args?: Arguments
  readonly options?: Options
  /** The place that the command works on; the help names its variables. Default: none. */
  readonly reads?: 'database' | 'service'
  /** Further variables that the command reads, with a sentence each. */
  readonly variables?: Readonly<Record<string, string>>
  /** Whole command lines. A test parses each of them. */
  readonly examples: readonly [string, string, string]
  /** Gives the exit code. */
  readonly run: (call: Call<ArgumentValues<Arguments>, OptionValues<Options>>) => Promise<number>
}

/** One row of the table of commands. */
export type CommandRow = Omit<
  CommandParts<readonly CommandArgument[], readonly CommandOption[]>,
  'run'
> & { readonly run: (call: Call) => Promise<number> }

/** Makes a row of the table of commands. The types of `args` and `options` follow from the row. */
export function defineCommand<
  const Arguments extends readonly CommandArgument[] = [],
  const Options extends readonly CommandOption[] = [],
>(parts: CommandParts<Arguments, Options>): CommandRow {
  return parts as unknown as CommandRow
}

/** A first word with its commands. */
export interface CommandGroup {
  readonly word: string
  readonly summary: string
  readonly rows: readonly CommandRow[]
}

/** The options that each command has. */
export const commonOptions: readonly CommandOption[] = [
  { name: 'json', help: 'Print JSON: one value a line.' },
  {
    name: 'data-dir',
    value: 'folder',
    help: 'The folder of the embedded database.',
    default: '.countersign',
    environment: 'COUNTERSIGN_DATA_DIR',
  },
  { name: 'help', letter: 'h', help: 'Print this help.' },
]
