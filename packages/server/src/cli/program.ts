import { Command, CommanderError } from 'commander'
import { settings } from '../config/settings.ts'
import { addClientCommands } from './clients.ts'
import { addDatabaseCommands } from './database.ts'
import { addKeyCommands } from './keys.ts'
import { addResourceCommands } from './resources.ts'
import { addRevokeCommand } from './revoke.ts'
import { addTokenCommand } from './token.ts'
import { flagsOf, isJson, type Line } from './line.ts'
import { asksForJson, complain, print, renderValue } from './print.ts'
import { readVersion } from '../main/version.ts'

/**
 * Runs one command of the command line; exit codes: 0 done, 1 not done (one sentence says why), 2 not
 * understood.
 * Why: a command's modules are imported when it runs, so that help is fast.
 */
export async function run(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  const asJson = asksForJson(argv)
  let code = 0
  const line: Line = {
    environment,
    end: (ended) => {
      code = ended
    },
  }
  const program = new Command('countersign')
    .description('A token service: issues, guards and revokes JWTs.')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      outputError: (text) => complain('not_understood', (text + hintAt(text)).trim(), asJson),
    })
    .version(readVersion(), '--version', 'print the version')
    .option('--json', 'print JSON')
    .option('--data-dir <folder>', 'the folder of the embedded database')
  addRunning(program, line)
  addClientCommands(program, line)
  addResourceCommands(program, line)
  addKeyCommands(program, line)
  addDatabaseCommands(program, line)
  addTokenCommand(program, line)
  addRevokeCommand(program, line)
  addInquiries(program, line)
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    return thrown.exitCode === 0 ? 0 : 2
  }
}

/**
 * Gives the next step after an error of the command line, or an empty text.
 * Why: an id may begin with a hyphen, as an option does.
 */
function hintAt(text: string): string {
  if (text.includes('unknown option')) return 'An id that begins with a hyphen goes behind --.\n'
  const lacks = text.includes('unknown command') || text.includes('missing required argument')
  return lacks ? 'Add --help to see the commands and arguments.\n' : ''
}

function addRunning(program: Command, line: Line): void {
  program
    .command('dev')
    .description('run on loopback with a demo client and an embedded database')
    .option('--port <port>')
    .option('--host <host>')
    .option('--alg <alg>', 'the algorithm of the demo tokens')
    .action(async (_, command: Command) => {
      const flags = flagsOf(command)
      const { dev } = await import('./dev.ts')
      const words = ['port', 'host', 'alg', 'data-dir'].flatMap((name) =>
        typeof flags[name] === 'string' ? [`--${name}=${flags[name]}`] : [],
      )
      line.end(await dev(words, line.environment))
    })
  const serving = program.command('serve').description('run the service for others to reach')
  addSettings(serving).action(async (_, command: Command) => {
    const { serve } = await import('./serve.ts')
    line.end(await serve(flagsOf(command), line.environment))
  })
}

/** The flags of the table, but for the one that every command has. */
function addSettings(command: Command): Command {
  for (const { name, flag, isSwitch, help } of settings) {
    if (flag !== undefined && name !== 'dataDir')
      command.option(isSwitch === true ? `--${flag}` : `--${flag} <value>`, help)
  }
  return command
}

function addInquiries(program: Command, line: Line): void {
  const printing = program
    .command('config')
    .description('the configuration')
    .command('print')
    .description('every setting of serve, its value and where it came from; secrets masked')
  addSettings(printing).action(async (_, command: Command) => {
    const { readConfig } = await import('./load.ts')
    const { lines, problems } = await readConfig(flagsOf(command), line.environment)
    if (isJson(command)) print({ settings: lines, problems }, true)
    else {
      for (const { name, value, origin } of lines)
        process.stdout.write(`${name.padEnd(24)} ${renderValue(value).padEnd(32)} ${origin}\n`)
      for (const problem of problems) process.stderr.write(`${problem}\n`)
    }
    line.end(problems.length === 0 ? 0 : 1)
  })
  program
    .command('version')
    .description('the version of this program')
    .action(async (_, command: Command) => {
      const version = readVersion()
      print(isJson(command) ? { version, node: process.versions.node } : version, isJson(command))
    })
}
