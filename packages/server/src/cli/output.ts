import type { Result } from '@countersign/jwt'
import type { OperationRefusal } from '../admin/operator.ts'
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
export function createOutput({ stdout, stderr }: Streams, asJson: boolean): Output {
  const print = (value: unknown, text?: string): void => {
    stdout.write(`${asJson ? JSON.stringify(value) : (text ?? renderText(value))}\n`)
  }
  const say = (json: object, sentences: string): void => {
    stderr.write(`${asJson ? JSON.stringify(json) : foldLines(sentences, stderr)}\n`)
  }
  const complain = (error: string, sentence: string): void =>
    say({ error, message: sentence }, sentence)
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
    warn: (sentence) => say({ warning: sentence }, `warning: ${sentence}`),
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
