import { isStartFault } from '../config/start-fault.ts'
import { isStoreFault } from '../store/port/fault.ts'
import { asksForJson, complain } from './print.ts'

/**
 * Runs one command and returns the exit code. A problem that prevents the start is one sentence on
 * standard error.
 */
export async function main(argv: readonly string[]): Promise<number> {
  // Every written file is for this user only, the database's own files included.
  process.umask(0o077)
  // A reader that has seen enough, `head` say, is no fault.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit(0)
    process.stderr.write(`The output could not be written (${code}): free some space.\n`)
    process.exit(1)
  })
  // Nor is one of what goes wrong; how it ended is in the exit code.
  process.stderr.on('error', () => {})
  const [command, ...rest] = argv
  try {
    // The quick way: `dev` needs none of what reads the other commands.
    if (command === 'dev' && !rest.some((word) => word === '--help' || word === '-h')) {
      const { dev } = await import('./dev.ts')
      return await dev(rest, process.env)
    }
    const { run } = await import('./program.ts')
    return await run(argv, process.env)
  } catch (fault) {
    const sentence = sentenceOf(fault)
    if (sentence === undefined) throw fault
    complain('not_done', sentence, asksForJson(argv))
    return 1
  }
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
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION':
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE':
    case 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL':
      return fault.message
    default:
      return undefined
  }
}
