import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { freePort } from '../free-port.ts'
import { startFront } from './front.ts'

const root = resolve(import.meta.dirname, '..', '..')
const program = join(root, 'packages', 'server', 'bin', 'countersign.js')
const demoNode = join(import.meta.dirname, 'demo-node.ts')

/** The runtime of the service: this Node, or the one that `npm run test:runtimes` names. */
const runtime = process.env['SERVICE_RUNTIME'] ?? process.execPath
export const isOnBun = process.env['SERVICE_RUNTIME'] !== undefined

/** A service that runs, in one process or in several that take turns. */
export interface Run {
  /** Where it is reached. */
  readonly port: number
  readonly folder: string
  /** All it has written so far, one process after the other. */
  readonly output: () => string
  readonly isRunning: () => boolean
  /** Sends a signal and waits for the end; gives the exit code, of several the first that is not 0. */
  readonly end: (signal?: NodeJS.Signals) => Promise<number | null>
}

export interface RunOptions {
  /** `dev` unless the first word is another command. */
  readonly args?: readonly string[]
  readonly port?: number
  readonly folder?: string
  readonly env?: Readonly<Record<string, string>>
  /** The program file. Default: that of this workspace. */
  readonly programFile?: string
  /** The count of serving processes. Default: 1. */
  readonly nodes?: number
}

/** A folder that is gone after the test file. */
export function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-scenario-'))
  folders.push(folder)
  return folder
}

const folders: string[] = []
const children: ChildProcess[] = []

/** Ends the processes of a scenario that failed too, and removes all folders. */
async function leaveNothing(): Promise<void> {
  await Promise.all(children.splice(0).map((child) => endOf(child, 'SIGKILL')))
  for (const folder of folders.splice(0)) removeFolder(folder)
}

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}

// A worker of Vitest is ended by a signal, which calls no listener of `exit`.
if (process.env['VITEST'] !== undefined) (await import('vitest')).afterAll(leaveNothing)
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  for (const folder of folders) removeFolder(folder)
})

/** Starts `countersign dev`, or what stands for it where the environment names a database; waits until it is ready. */
export async function startDev(options: RunOptions = {}): Promise<Run> {
  const { folder = aFolder(), nodes = 1 } = options
  const port = options.port ?? (await freePort())
  if (nodes === 1) return whenReady([spawnProgram({ ...options, port, folder })], port, folder)
  const ports = await Promise.all(Array.from({ length: nodes }, freePort))
  const front = await startFront(port, ports)
  const env = { COUNTERSIGN_ISSUER: `http://localhost:${port}`, ...options.env }
  const spawned = ports.map((port) => spawnProgram({ ...options, port, folder, env }))
  return whenReady(spawned, port, folder, front.close)
}

/** Starts one process and waits for nothing. */
export async function startProgram(
  options: RunOptions,
): Promise<Run & { readonly child: ChildProcess }> {
  const { folder = aFolder(), port = await freePort() } = options
  const spawned = spawnProgram({ ...options, port, folder })
  return { ...runOf([spawned], port, folder), child: spawned.child }
}

/** Runs a command to its end. */
export async function runToEnd(
  options: RunOptions,
): Promise<{ code: number | null; output: string }> {
  const { folder = aFolder(), port = await freePort() } = options
  const { child, output } = spawnProgram({ ...options, folder, port })
  const [code] = await once(child, 'close')
  return { code: typeof code === 'number' ? code : null, output: output() }
}

interface Spawned {
  readonly child: ChildProcess
  readonly output: () => string
  /** Throws: when it ends before it is ready. */
  readonly ready: Promise<void>
}

function spawnProgram({ args = [], env = {}, ...at }: RunOptions): Spawned {
  const { folder = '', port = 0, programFile = program } = at
  const [command = 'dev', ...rest] =
    args.length > 0 && !args[0]?.startsWith('-') ? args : ['dev', ...args]
  const isElsewhere = command === 'dev' && env['DATABASE_URL'] !== undefined
  const words = isElsewhere ? [demoNode, ...rest] : [programFile, ...begin([command, ...rest])]
  const child = spawn(runtime, ['--conditions=countersign-source', ...words], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      PORT: String(port),
      COUNTERSIGN_DATA_DIR: join(folder, 'data'),
      ...env,
    },
  })
  children.push(child)
  const written: string[] = []
  const output = () => written.join('')
  const ready = new Promise<void>((done, fail) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        written.push(String(chunk))
        if (output().includes('ready.')) done()
      })
    }
    child.once('close', (code) => fail(new Error(`ended with ${code}: ${output()}`)))
  })
  // A command that runs to its end is never ready, and nobody waits for it.
  ready.catch(() => {})
  return { child, output, ready }
}

/** Adds --new to a command that may make a database: most scenarios begin with none. */
function begin(words: readonly string[]): readonly string[] {
  const makes = ['serve', 'migrate', 'clients add', 'resources add']
  const isMaking = makes.some((name) => words.join(' ').startsWith(name))
  return isMaking && !words.includes('--help') ? [...words, '--new'] : words
}

async function whenReady(
  spawned: readonly Spawned[],
  port: number,
  folder: string,
  close?: () => Promise<void>,
): Promise<Run> {
  const run = runOf(spawned, port, folder, close)
  try {
    await Promise.all(spawned.map(({ ready }) => ready))
    return run
  } catch (fault) {
    await run.end('SIGKILL')
    throw fault
  }
}

function runOf(
  spawned: readonly Spawned[],
  port: number,
  folder: string,
  close?: () => Promise<void>,
): Run {
  return {
    port,
    folder,
    output: () => spawned.map(({ output }) => output()).join(''),
    isRunning: () => spawned.every(({ child }) => isRunning(child)),
    async end(signal = 'SIGTERM') {
      const codes = await Promise.all(spawned.map(({ child }) => endOf(child, signal)))
      await close?.()
      const bad = codes.filter((code) => code !== 0)
      return bad.length === 0 ? 0 : (bad[0] ?? null)
    },
  }
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null
}

async function endOf(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (isRunning(child)) {
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  return child.exitCode
}
