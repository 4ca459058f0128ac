import { parseArgs } from 'node:util'
import { ok, refuse, type Result } from '@countersign/jwt'
import { commonOptions, type Choices, type CommandOption, type CommandRow } from './command.ts'
import type { Flags } from './load.ts'
import { suggestName } from './spelling.ts'

/** A command line that a row was read from; the values have the types that the row states. */
export interface ParsedLine {
  readonly args: Readonly<Record<string, string | undefined>>
  readonly options: Readonly<Record<string, Value>>
  readonly flags: Flags
}

/** The sentences about a command line that was not understood. */
export type Misunderstood = string

type Given = Map<string, (string | true)[]>

/** Reads the words behind the name of a command. */
export async function parseLine(
  row: CommandRow,
  words: readonly string[],
): Promise<Result<ParsedLine, Misunderstood>> {
  const options = [...(row.options ?? []), ...commonOptions]
  const split = splitWords(row, options, words)
  if (!split.ok) return split
  const { given, positionals } = split.value
  const args = readArguments(row, positionals)
  if (!args.ok) return args
  const values: Record<string, Value> = {}
  const flags: Record<string, string | boolean> = {}
  for (const option of options) {
    const read = await readOption(option, given)
    if (!read.ok) return read
    values[option.name] = read.value
    const [last] = given.get(option.name)?.slice(-1) ?? []
    if (last !== undefined) flags[option.name] = last
  }
  return ok({ args: args.value, options: values, flags })
}

/** Separates options from positional words. */
function splitWords(row: CommandRow, options: readonly CommandOption[], words: readonly string[]) {
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(options.map((option) => [option.name, shapeOf(option)])),
    strict: false,
    tokens: true,
  })
  const given: Given = new Map()
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const option = options.find(({ name }) => name === token.name)
    if (option === undefined) return refuse(unknownOption(row, options, token.rawName))
    const problem = objectToValue(option, options, token.value)
    if (problem !== undefined) return refuse(problem)
    const before = given.get(option.name) ?? []
    if (before.length > 0 && option.value !== undefined && option.repeats !== true)
      return refuse(`--${option.name} is given twice: give it once.`)
    given.set(option.name, [...before, token.value ?? true])
  }
  return ok({ given, positionals })
}

function shapeOf({ value, letter }: CommandOption) {
  const type = value === undefined ? 'boolean' : 'string'
  return letter === undefined ? ({ type } as const) : ({ type, short: letter } as const)
}

function objectToValue(
  { name, value: placeholder }: CommandOption,
  options: readonly CommandOption[],
  value: string | undefined,
): string | undefined {
  if (placeholder === undefined)
    return value === undefined ? undefined : `--${name} is a switch and takes no value.`
  const isOption = options.some((other) => `--${other.name}` === value?.split('=')[0])
  if (value !== undefined && value !== '--' && !isOption) return undefined
  return `--${name} needs a value: --${name} <${placeholder}>.`
}

/**
 * Says that a command has no such option.
 * Why: an id may begin with a hyphen, as an option does.
 */
function unknownOption(
  { name, args = [] }: Pick<CommandRow, 'name' | 'args'>,
  options: readonly CommandOption[],
  raw: string,
): string {
  const names = options.map((option) => option.name)
  const suggested = suggestName(raw.startsWith('--') ? raw.slice(2) : raw, names)
  const hint = suggested === undefined ? '' : ` Did you mean --${suggested}?`
  const isPerhapsId = suggested === undefined && args.length > 0
  const hyphen = isPerhapsId ? ' An id that begins with a hyphen goes behind --.' : ''
  const command = name === '' ? 'countersign' : `countersign ${name}`
  return `"${command}" has no option ${raw}.${hint}${hyphen}\n${helpHint(name)}`
}

/** Finds an option that no command has, in a line that names no command. */
export function findOddOption(name: string, words: readonly string[]): Misunderstood | undefined {
  const options = [...commonOptions, { name: 'version', letter: 'V', help: '' }]
  const known = new Set(options.flatMap((one) => [`--${one.name}`, `-${one.letter ?? one.name}`]))
  const odd = words.find((word) => word.startsWith('-') && !known.has(word.split('=')[0] ?? ''))
  return odd === undefined ? undefined : unknownOption({ name }, options, odd)
}

/** Names the command that lists the choices. */
export function helpHint(name: string): string {
  return `Add --help to see its options and examples: countersign ${name}${name === '' ? '' : ' '}--help`
}

function readArguments(row: CommandRow, positionals: readonly string[]) {
  const wanted = row.args ?? []
  const args: Record<string, string | undefined> = {}
  for (const [index, { name, choices, optional }] of wanted.entries()) {
    const value = positionals[index]
    if (value === undefined && optional !== true)
      return refuse(
        `"countersign ${row.name}" needs <${name}>.${listed(choices)}\n${helpHint(row.name)}`,
      )
    const chosen = value === undefined ? undefined : chooseValue(`<${name}>`, value, choices ?? [])
    if (chosen?.ok === false) return chosen
    args[name] = value
  }
  const beyond = positionals[wanted.length]
  if (beyond === undefined) return ok(args)
  return refuse(`"countersign ${row.name}" takes no word "${beyond}" there.\n${helpHint(row.name)}`)
}

function listed(choices: readonly string[] | undefined): string {
  return choices === undefined ? '' : ` It is one of ${choices.join(', ')}.`
}

/** Gives the value that a word means. No choices allow every word. */
function chooseValue(name: string, word: string, choices: Choices): Result<string, Misunderstood> {
  const meanings: Readonly<Record<string, string>> = isNames(choices)
    ? Object.fromEntries(choices.map((choice) => [choice, choice]))
    : choices
  const names = Object.keys(meanings)
  const isValue = names.length === 0 || Object.values(meanings).includes(word)
  const meant = Object.hasOwn(meanings, word) ? meanings[word] : isValue ? word : undefined
  if (meant !== undefined) return ok(meant)
  const suggested = suggestName(word, names)
  const hint = suggested === undefined ? '' : ` Did you mean ${suggested}?`
  return refuse(`${name} cannot be "${word}".${hint}${listed(names)}`)
}

function isNames(choices: Choices): choices is readonly string[] {
  return Array.isArray(choices)
}

type Value = string | number | boolean | readonly string[] | undefined

async function readOption(
  option: CommandOption,
  given: Given,
): Promise<Result<Value, Misunderstood>> {
  const { name, value: placeholder, conflicts } = option
  const found = given.get(name)
  if (found !== undefined && conflicts !== undefined && given.has(conflicts))
    return refuse(`--${name} and --${conflicts} exclude each other: give one of them.`)
  if (placeholder === undefined) return ok(found !== undefined)
  if (found === undefined && option.required === true)
    return refuse(`--${name} is missing: give --${name} <${placeholder}>.`)
  const texts = found?.filter((value) => value !== true) ?? []
  return readTexts(option, texts)
}

/** Reads the texts of an option that takes a value. */
async function readTexts(
  option: CommandOption,
  given: readonly string[],
): Promise<Result<Value, Misunderstood>> {
  const { name } = option
  const texts = given.length === 0 && option.default !== undefined ? [option.default] : given
  const words =
    option.commas === true
      ? texts.flatMap((text) => text.split(',').map((word) => word.trim()))
      : texts
  const choices =
    option.choices ?? (texts.length === 0 ? undefined : await option.loadChoices?.()) ?? []
  const values: string[] = []
  for (const word of words) {
    const chosen = chooseValue(`--${name}`, word, choices)
    if (!chosen.ok) return chosen
    values.push(chosen.value)
  }
  if (option.repeats === true || option.commas === true) return ok(values)
  const [text] = values
  if (text === undefined || option.counts !== true) return ok(text)
  const count = Number(text)
  if (Number.isSafeInteger(count) && count >= 0 && String(count) === text) return ok(count)
  return refuse(`--${name} must be a whole number, not "${text}".`)
}
