import type { Result } from '@countersign/jwt'
import type { OperationRefusal } from '../admin/operator.ts'
import { printable } from '../main/terminal-line.ts'
import { fold } from './fold.ts'
import type { Source } from './input.ts'
import { renderText } from './render-text.ts'

/** The part of a stream that the command line uses. */
export interface Sink {
  readonly write: (text: string) => unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** Where a command writes. */
export interface Output {
  readonly asJson: boolean
  /** Units: letters in a line of a terminal; `undefined` where lines are not folded. */
  readonly columns: number | undefined
  /** Writes what a command found: JSON for programs, `text` or short lines for people. */
  readonly print: (value: unknown, text?: string) => void
  /** Prints what was done, or the sentence why not; gives the exit code. Default of `render`: short lines. */
  readonly conclude: <T>(
    outcome: Result<T, OperationRefusal>,
    render?: (value: T) => string,
  ) => number
  /** Says on standard error why something was not done. */
  readonly complain: (error: string, sentence: string) => void
  /** Makes the titles of a help bold, on a terminal with colours. */
  readonly markTitles: (text: string) => string
  /** Waits for work. After a second a terminal shows that it goes on. */
  readonly during: <T>(work: Promise<T>) => Promise<T>
  /** Says on standard error what is worth knowing. */
  readonly note: (sentence: string) => void
  /** Asks on standard error, without the end of the line. */
  readonly ask: (question: string) => void
  /** Says on standard error what may surprise. */
  readonly warn: (sentence: string) => void
}

/** The streams of a program. */
export interface Streams {
  readonly stdin?: Source
  readonly stdout: Sink
  readonly stderr: Sink
}

/** Makes the output of one command. */
export function createOutput(
  { stdout, stderr }: Streams,
  asJson: boolean,
  environment: NodeJS.ProcessEnv,
): Output {
  const hasColours = (sink: Sink): boolean =>
    sink.isTTY === true && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb'
  const print = (value: unknown, text?: string): void => {
    stdout.write(`${asJson ? JSON.stringify(value) : (text ?? renderText(value))}\n`)
  }
  const say = (json: object, sentences: string, colour?: keyof typeof colours): void => {
    const folded = foldLines(sentences.split('\n').map(printable).join('\n'), stderr)
    const isPainted = colour !== undefined && hasColours(stderr)
    const text = isPainted ? `${colours[colour]}${folded}${colours.none}` : folded
    stderr.write(`${asJson ? JSON.stringify(json) : text}\n`)
  }
  const complain = (error: string, sentence: string): void =>
    say({ error, message: sentence }, sentence, 'red')
  return {
    asJson,
    columns: stdout.isTTY === true ? stdout.columns : undefined,
    print,
    conclude: (outcome, render) => {
      if (outcome.ok) {
        print(outcome.value, render?.(outcome.value))
        return 0
      }
      complain(outcome.refusal.reason, outcome.refusal.sentence)
      return 1
    },
    complain,
    note: (sentence) => say({ note: sentence }, sentence),
    ask: (question) => void stderr.write(`${foldLines(question, stderr)} `),
    warn: (sentence) => say({ warning: sentence }, `warning: ${sentence}`, 'yellow'),
    markTitles: (text) =>
      hasColours(stdout)
        ? text.replaceAll(/^[A-Z]\w+$/gmu, (title) => `${colours.bold}${title}${colours.none}`)
        : text,
    during: stderr.isTTY === true && !asJson ? createSignOfLife(stderr) : (work) => work,
  }
}

/** The codes of a terminal. */
const colours = { bold: '\u001b[1m', red: '\u001b[31m', yellow: '\u001b[33m', none: '\u001b[0m' }

/** Units: milliseconds. */
const silenceMs = 1_000

/** Shows that work goes on, and removes the sign when it ends. Work within work has no sign of its own. */
function createSignOfLife(stderr: Sink): Output['during'] {
  let running = 0
  return async (work) => {
    running += 1
    const isOuter = running === 1
    let seconds = 0
    const timer = setInterval(() => {
      seconds += 1
      if (isOuter) stderr.write(`\rWorking: ${seconds} s`)
    }, silenceMs)
    try {
      return await work
    } finally {
      running -= 1
      clearInterval(timer)
      if (isOuter && seconds > 0) stderr.write('\r\u001b[K')
    }
  }
}

/** Folds the lines for a terminal. A file or a pipe gets them whole. */
function foldLines(text: string, { isTTY, columns }: Sink): string {
  if (isTTY !== true || columns === undefined) return text
  return text
    .split('\n')
    .map((line) => (line.length > columns ? fold(line, columns) : line))
    .join('\n')
}

/** Whether a command line asks for JSON, for what goes wrong before it is understood. */
export function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end === -1 ? argv.length : end).includes('--json')
}
