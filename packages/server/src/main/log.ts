import { createRequire } from 'node:module'
import { hostname } from 'node:os'
import type { Log, LogFacts } from '../http/log.ts'
import { createLineWriter, standardError } from './line-writer.ts'
import { renderLine } from './terminal-line.ts'
import { readVersion } from './version.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

type WrittenLevel = Exclude<LogLevel, 'silent'>
type Write = (level: WrittenLevel, facts: LogFacts, message: string) => void

export interface LogOptions {
  readonly level: LogLevel
  /** Whether a person reads the log at a terminal. */
  readonly pretty: boolean
  /** Writes whole lines. Default: to standard error, so that the standard output of a command can be piped. */
  readonly writeLine?: (line: string) => void
}

/** Makes the log: lines of JSON by pino, or short lines for a terminal. Pino is loaded with the first line. */
export function createLog(options: LogOptions): Log {
  const floor = levels.indexOf(options.level)
  let write: Write | undefined
  const writerOf =
    (level: WrittenLevel) =>
    (facts: LogFacts, message: string): void => {
      write ??= options.pretty ? prettyWriter(options) : jsonWriter(options)
      write(level, facts, message)
    }
  const at = (level: WrittenLevel) => (levels.indexOf(level) < floor ? ignore : writerOf(level))
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    ...(options.level === 'debug' ? { writesDebug: true } : {}),
  }
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent']
const ignore = (): void => {}

/** Writes one JSON object a line. Each names its service, version, host and process, so that logs of nodes can be mixed. */
function jsonWriter({ writeLine }: LogOptions): Write {
  const { pino } = createRequire(import.meta.url)('pino') as typeof import('pino')
  const base = {
    service: 'countersign',
    version: readVersion(),
    host: hostname(),
    pid: process.pid,
  }
  const lostLine = (lines: number): string => {
    const time = new Date().toISOString()
    const msg = 'lines of this log were lost'
    return `${JSON.stringify({ level: 'warn', time, ...base, lines, msg })}\n`
  }
  const write = writeLine ?? createLineWriter(standardError(), lostLine)
  const logger = pino(
    {
      level: 'debug',
      base,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  )
  return (level, facts, message) => logger[level](facts, message)
}

function prettyWriter({ writeLine }: LogOptions): Write {
  const write = writeLine ?? ((line: string) => void process.stderr.write(line))
  return (level, facts, message) => write(renderLine(new Date(), level, facts, message))
}
