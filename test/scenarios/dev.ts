import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { freePort } from '../free-port.ts'

const root = resolve(import.meta.dirname, '..', '..')
const program = join(root, 'packages', 'server', 'bin', 'countersign.js')
const demoNode = join(import.meta.dirname, 'demo-node.ts')

/** A run of the program until it ended, or until it was ready. */
export interface Run {
  readonly child: ChildProcess
  readonly port: number
  readonly folder: string
  /** All it has written so far. */
  readonly output: () => string
  /** Sends a signal and waits for the end; gives the exit code. */
  readonly end: (signal?: NodeJS.Signals) => Promise<number | null>
}

export interface RunOptions {
  readonly args?: readonly string[]
  readonly port?: number
  readonly folder?: string
  readonly env?: Readonly<Record<string, string>>
}

/** A folder that is gone after the test file. */
export function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-scenario-'))
  if (folders.length === 0) process.once('exit', removeFolders)
  folders.push(folder)
  return folder
}

const folders: string[] = []

function removeFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}

/** Starts `countersign dev` in a process of its own, or what stands for it where the environment names a database. */
export async function startProgram(options: RunOptions = {}): Promise<Run> {
  const { args = [], folder = aFolder() } = options
  const port = options.port ?? (await freePort())
  const written: string[] = []
  const [command = 'dev', ...rest] =
    args.length > 0 && !args[0]?.startsWith('-') ? args : ['dev', ...args]
  const isElsewhere = command === 'dev' && options.env?.['DATABASE_URL'] !== undefined
  const words = isElsewhere ? [demoNode, ...rest] : [program, command, ...rest]
  const child = spawn(process.execPath, ['--conditions=countersign-source', ...words], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      PORT: String(port),
      COUNTERSIGN_DATA_DIR: join(folder, 'data'),
      ...options.env,
    },
  })
  child.stdout.on('data', (chunk) => written.push(String(chunk)))
  child.stderr.on('data', (chunk) => written.push(String(chunk)))
  const output = () => written.join('')
  return {
    child,
    port,
    folder,
    output,
    async end(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit')
        child.kill(signal)
        await ended
      }
      return child.exitCode
    },
  }
}

/** The same, and waits until it says that it is ready. */
export async function startDev(options: RunOptions = {}): Promise<Run> {
  const run = await startProgram(options)
  await new Promise<void>((done, fail) => {
    const look = () => {
      if (run.output().includes('ready.')) done()
    }
    run.child.stdout?.on('data', look)
    run.child.once('exit', (code) => fail(new Error(`ended with ${code}: ${run.output()}`)))
  })
  return run
}

/** Runs a command to its end. */
export async function runToEnd(
  options: RunOptions,
): Promise<{ code: number | null; output: string }> {
  const run = await startProgram(options)
  const [code] = await once(run.child, 'close')
  return { code: typeof code === 'number' ? code : null, output: run.output() }
}
