import { isStartFault } from '../config/start-fault.ts'
import { isStoreFault } from '../store/port/fault.ts'
import { asksForJson, createOutput, type Streams } from './output.ts'
import { run } from './program.ts'

/**
 * Runs one command and returns the exit code. A problem that prevents the start is one sentence on
 * standard error.
 */
export async function main(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
  streams: Streams = process,
): Promise<number> {
  // Every written file is for this user only, the database's own files included.
  process.umask(0o077)
  if (streams === process) endWithReader()
  try {
    return await run(argv, environment, streams)
  } catch (fault) {
    const sentence = sentenceOf(fault)
    if (sentence === undefined) throw fault
    createOutput(streams, asksForJson(argv), environment).complain('not_done', sentence)
    return 1
  }
}

/** Ends the process quietly when nobody reads its output any more. */
function endWithReader(): void {
  // A reader that has seen enough, `head` say, is no fault.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit(0)
    process.stderr.write(`The output could not be written (${code}): free some space.\n`)
    process.exit(1)
  })
  // Nor is one of what goes wrong; how it ended is in the exit code.
  process.stderr.on('error', () => {})
}

/** The faults that an operator can fix. Any other is a bug and keeps its stack. */
function sentenceOf(fault: unknown): string | undefined {
  if (isStoreFault(fault) && fault.mayHaveCommitted)
    return `${fault.message} What was asked may have been done all the same: look before you ask again.`
  if (isStartFault(fault) || isStoreFault(fault)) return fault.message
  if (!(fault instanceof Error) || !('code' in fault)) return undefined
  const port = 'port' in fault ? String(fault.port) : ''
  switch (port === '' && fault.code === 'EACCES' ? undefined : fault.code) {
    case 'EADDRINUSE':
      return `Port ${port} is taken: stop the program that listens there, or name another with PORT.`
    case 'EACCES':
      return `Port ${port} may not be used by this user: name one above 1023 with PORT.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'This machine has no such address to listen on: name one that it has with HOST.'
    default:
      return undefined
  }
}
