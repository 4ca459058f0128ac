import { InvalidArgumentError, type Command } from 'commander'
import type { Flags } from './load.ts'

/** The parts of the environment that a command needs. */
export interface Line {
  readonly environment: NodeJS.ProcessEnv
  /** Says how it ended; the last word counts. */
  readonly end: (code: number) => void
}

/** All options of a command and those above it, under their names on the command line. */
export function flagsOf(command: Command): Flags {
  const flags: Record<string, string | boolean | undefined> = {}
  for (let at: Command | null = command; at !== null; at = at.parent) {
    for (const option of at.options) {
      const value: unknown = at.getOptionValue(option.attributeName())
      if (typeof value === 'string' || typeof value === 'boolean')
        flags[option.long?.slice(2) ?? option.name()] ??= value
    }
  }
  return flags
}

export function isJson(command: Command): boolean {
  return flagsOf(command)['json'] === true
}

/** Reads a number that counts something. Throws: the error that commander answers with exit code 2. */
export function readCount(text: string): number {
  const count = Number(text)
  if (Number.isSafeInteger(count) && count >= 0 && String(count) === text) return count
  throw new InvalidArgumentError('It must be a whole number.')
}
