import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startChild } from './child.ts'
import { readNativeUsage } from './native-usage.ts'
import type { Usage } from './messages.ts'
import { benchFolder, sourceFlags } from './places.ts'

/** The start of a server that listens on `PORT`. */
export interface ServerSpec {
  readonly runtime: 'node' | 'bun' | 'native'
  /** The script, or the program where it is native. */
  readonly file: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** The path that answers with any status once the server is ready. */
  readonly readyPath?: string
  /** A file that takes its standard output, as a log on a disk would. */
  readonly logFile?: string
}

/** A server that runs, in a process of its own. */
export interface RunningServer {
  readonly port: number
  readonly pid: number
  readonly usage: () => Promise<Usage>
  readonly stop: () => Promise<void>
}

export const bunProgram = join(benchFolder, 'node_modules', '@oven', 'bun-linux-x64', 'bin', 'bun')
const sideChannel = join(import.meta.dirname, 'side-channel.ts')

/**
 * Starts a server on a free port and waits until it answers. Throws: when it does not in time.
 * Units: seconds.
 */
export async function startServer(spec: ServerSpec, patienceSeconds = 20): Promise<RunningServer> {
  const port = await freePort()
  const child = startChild({
    ...commandFor(spec),
    env: { NODE_ENV: 'production', HOST: '127.0.0.1', ...spec.env, PORT: String(port) },
    output: spec.logFile === undefined ? 'ignore' : openSync(spec.logFile, 'a'),
  })
  await answersSoon(`http://127.0.0.1:${port}${spec.readyPath ?? '/'}`, spec.file, patienceSeconds)
  return {
    port,
    pid: child.pid,
    usage: () =>
      spec.runtime === 'native'
        ? Promise.resolve(readNativeUsage(child.pid))
        : child.ask<Usage>({ ask: 'usage' }),
    stop: child.stop,
  }
}

/** The program and its arguments, with a side channel where it is JavaScript. */
export function commandFor({ runtime, file, args = [] }: ServerSpec) {
  if (runtime === 'native') return { command: file, args }
  if (runtime === 'bun')
    return { command: bunProgram, args: [...sourceFlags, '--preload', sideChannel, file, ...args] }
  return {
    command: process.execPath,
    args: [...sourceFlags, '--import', sideChannel, file, ...args],
  }
}

/** A port on which nobody listens at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Waits until an address answers with any status. */
async function answersSoon(url: string, name: string, patienceSeconds: number): Promise<void> {
  const patienceMillis = patienceSeconds * 1000
  const began = performance.now()
  while (performance.now() - began < patienceMillis) {
    try {
      const response = await fetch(url)
      await response.arrayBuffer()
      return
    } catch {
      await pause(25)
    }
  }
  throw new Error(`${name} does not answer at ${url}`)
}
