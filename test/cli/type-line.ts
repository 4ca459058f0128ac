import { main } from '../../packages/server/src/cli/main.ts'

/** One command line as a person or a program types it. */
export interface TypedLine {
  readonly environment?: Readonly<Record<string, string>>
  /** Gives the text of standard input. Default: it is empty. */
  readonly stdin?: string
  /** Whether a person types at a terminal. Default: false. */
  readonly isTerminal?: boolean
  readonly columns?: number
  /** Is called with each text that is written. */
  readonly onText?: (text: string) => void
}

/** Runs a command in this process; gives its exit code and its two streams. */
export async function typeLine(
  argv: readonly string[],
  { environment = {}, stdin = '', isTerminal = false, columns, onText }: TypedLine = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const texts = { stdout: '', stderr: '' }
  const stream = (name: keyof typeof texts) => ({
    isTTY: isTerminal,
    columns,
    write: (text: string) => {
      texts[name] += text
      onText?.(text)
    },
  })
  async function* read() {
    yield stdin
  }
  const streams = {
    stdin: Object.assign(read(), { isTTY: isTerminal }),
    stdout: stream('stdout'),
    stderr: stream('stderr'),
  }
  const code = await main(argv, environment, streams)
  return { code, ...texts }
}
