import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { openSync } from 'node:fs'
import { startChild } from '../method/child.ts'
import type { Usage } from '../method/messages.ts'
import { readNativeUsage } from '../method/native-usage.ts'
import { commandFor, freePort } from '../method/server.ts'
import type { ServerSpec } from '../method/server.ts'

/** One start, from the start of the process. */
export interface Start {
  readonly listeningMillis: number
  /** Until the first answer to a whole request. */
  readonly readyMillis: number
  readonly firstTokenMillis: number | undefined
  readonly cpuMillis: number
  /** Resident a moment after the last answer. */
  readonly restMegabytes: number
}

const restMillis = 3000
const patienceMillis = 20_000

/** Starts a server, waits for its first answer, its first token and a rest, and ends it. */
export async function startOnce(
  spec: ServerSpec,
  firstToken?: (port: number) => Promise<unknown>,
): Promise<Start> {
  const port = await freePort()
  const began = performance.now()
  const child = startChild({
    ...commandFor(spec),
    env: { NODE_ENV: 'production', HOST: '127.0.0.1', ...spec.env, PORT: String(port) },
    output: spec.logFile === undefined ? 'ignore' : openSync(spec.logFile, 'a'),
  })
  const since = (): number => performance.now() - began
  try {
    await listens(port)
    const listeningMillis = since()
    const response = await fetch(`http://127.0.0.1:${port}${spec.readyPath ?? '/'}`)
    await response.arrayBuffer()
    const readyMillis = since()
    const cpuMicros = readNativeUsage(child.pid).cpuMicros
    await firstToken?.(port)
    const firstTokenMillis = firstToken === undefined ? undefined : since()
    await pause(restMillis)
    const usage: Usage = readNativeUsage(child.pid)
    return {
      listeningMillis,
      readyMillis,
      firstTokenMillis,
      cpuMillis: cpuMicros / 1000,
      restMegabytes: usage.residentMegabytes,
    }
  } finally {
    await child.stop()
  }
}

async function listens(port: number): Promise<void> {
  const began = performance.now()
  while (performance.now() - began < patienceMillis) {
    if (await accepts(port)) return
    await pause(1)
  }
  throw new Error('the server did not begin to listen')
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
