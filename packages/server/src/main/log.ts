import { createRequire } from 'node:module'
import type { Log, LogFacts } from '../http/log.ts'
import { createLineWriter, standardError } from './line-writer.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

type Write = (level: Exclude<LogLevel, 'silent'>, facts: LogFacts, message: string) => void

/**
 * Makes the log: lines of JSON by pino, or short lines for a person at a terminal. Pino is loaded with the first line.
 * Why standard error: the standard output of a command can then be piped.
 */
export function createLog(options: { readonly level: LogLevel; readonly pretty: boolean }): Log {
  const floor = levels.indexOf(options.level)
  let write: Write | undefined
  const say =
    (level: Exclude<LogLevel, 'silent'>) =>
    (facts: LogFacts, message: string): void => {
      if (levels.indexOf(level) < floor) return
      write ??= options.pretty ? writePretty : loadPino()
      write(level, facts, message)
    }
  return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') }
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent']

function loadPino(): Write {
  const { pino } = createRequire(import.meta.url)('pino') as typeof import('pino')
  const write = createLineWriter(
    standardError(),
    (lines) => `{"level":40,"lines":${lines},"msg":"lines of this log were lost"}\n`,
  )
  const logger = pino({ level: 'debug', base: null }, { write })
  return (level, facts, message) => logger[level](facts, message)
}

const writePretty: Write = (level, facts, message) => {
  const shown = Object.entries(facts)
    .filter(([name, value]) => value !== undefined && name !== 'stack')
    .map(([name, value]) => `${name}=${printable(String(value))}`)
  const time = new Date().toISOString().slice(11, 23)
  process.stderr.write(`${[time, level.padEnd(5), message, ...shown].join(' ')}\n`)
}

/** Replaces control characters, so that text from elsewhere cannot move the cursor or begin a line. */
function printable(text: string): string {
  let shown = ''
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    shown += code < 0x20 || (code >= 0x7f && code < 0xa0) ? '?' : character
  }
  return shown
}
