// Checks of the service's listeners with long requests and streams, on each runtime that the service
// supports.
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { createEdge } from '../../packages/server/src/http/edge.ts'
import type { Endpoint, Outlet } from '../../packages/server/src/http/exchange.ts'
import { listen, type Listening } from '../../packages/server/src/http/listen.ts'
import { replyText } from '../../packages/server/src/http/reply.ts'

/** The result of one run of these checks. */
export interface ListenerReport {
  readonly checks: number
  readonly failed: readonly string[]
}

interface Stage {
  readonly server: Listening
  readonly outlets: readonly Outlet[]
  /** How often a stream was notified that it is over. */
  readonly ended: () => number
  /** Lets the waiting handler answer. */
  readonly release: () => void
}

async function openStage(): Promise<Stage> {
  const outlets: Outlet[] = []
  let ended = 0
  let release = (): void => undefined
  const waiting = new Promise<void>((resolve) => (release = resolve))
  const endpoints: readonly Endpoint[] = [
    {
      method: 'GET',
      path: '/stream',
      handle: () => ({
        status: 200,
        headers: { 'content-type': 'text/event-stream' },
        start: (outlet) => {
          outlets.push(outlet)
          outlet.write('data: first\n\n')
          return () => (ended += 1)
        },
      }),
    },
    {
      method: 'GET',
      path: '/waits',
      handle: async () => {
        await waiting
        return replyText(200, 'waited')
      },
    },
    { method: 'GET', path: '/never', handle: () => new Promise(() => undefined) },
    {
      method: 'GET',
      path: '/fails',
      handle: () => {
        throw new Error('a secret detail')
      },
    },
    {
      method: 'POST',
      path: '/echo/*',
      handle: ({ path, query, address, body, requestId }) => {
        const said = [path, query, address, Buffer.from(body).toString(), requestId !== '']
        return replyText(200, said.join(' '))
      },
    },
  ]
  const silent = (): void => undefined
  const edge = createEdge({
    endpoints,
    limits: { stopTimeoutMs: 1_000, headersTimeoutMs: 1_000, requestTimeoutMs: 1_000 },
    log: { debug: silent, info: silent, warn: silent, error: silent },
    clockMs: () => performance.now(),
    idPrefix: 't-',
  })
  const server = await listen(edge, { hosts: ['127.0.0.1'], port: 0 })
  return { server, outlets, ended: () => ended, release }
}

interface Line {
  readonly socket: Socket
  readonly heard: () => string
  readonly closed: Promise<void>
}

function call({ server }: Stage, text: string): Line {
  const pieces: string[] = []
  const socket = connect(server.port, '127.0.0.1', () => socket.write(text))
  socket.on('data', (piece) => void pieces.push(String(piece)))
  socket.on('error', () => undefined)
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  return { socket, heard: () => pieces.join(''), closed }
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: here\r\n\r\n`

/**
 * Waits until a condition holds.
 * Throws: when it does not within five seconds.
 */
async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500; turn += 1) {
    if (isSo()) return
    await pause(10)
  }
  throw new Error('the condition did not hold in time')
}

function demand(isSo: boolean, heard: string): void {
  if (!isSo) throw new Error(`heard ${JSON.stringify(heard.slice(0, 300))}`)
}

const checks: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  'a stream reaches its receiver at once, and is notified when the receiver leaves': async (
    stage,
  ) => {
    const line = call(stage, get('/stream'))
    await until(() => line.heard().includes('data: first'))
    stage.outlets[0]?.write('data: second\n\n')
    await until(() => line.heard().includes('data: second'))
    line.socket.destroy()
    await until(() => stage.ended() === 1)
  },
  'a receiver that does not read is detected, and can be cut': async (stage) => {
    const line = call(stage, get('/stream'))
    await until(() => line.heard().includes('data: first'))
    line.socket.pause()
    const [outlet] = stage.outlets
    if (outlet === undefined) throw new Error('no stream')
    let taken = true
    for (let turn = 0; outlet.waitingBytes() < 2_000_000; turn += 1) {
      if (turn > 1_000) throw new Error('nothing waits')
      taken = outlet.write('x'.repeat(100_000))
      await pause(1)
    }
    demand(!taken, 'a write that was taken')
    outlet.cut()
    line.socket.resume()
    await line.closed
    demand(!line.heard().endsWith('0\r\n\r\n'), 'a good end')
    await until(() => stage.ended() === 1)
  },
  'a receiver that reads leaves no byte waiting': async (stage) => {
    const line = call(stage, get('/stream'))
    await until(() => line.heard().includes('data: first'))
    const [outlet] = stage.outlets
    outlet?.write('x'.repeat(300_000))
    await until(() => outlet?.waitingBytes() === 0 && line.heard().length > 300_000)
    line.socket.destroy()
  },
  'a stop ends streams, lets a running request finish and closes its connection': async (stage) => {
    const stream = call(stage, get('/stream'))
    const waiting = call(stage, get('/waits'))
    await until(() => stream.heard().includes('data: first'))
    await pause(50)
    const stopped = stage.server.stop()
    await until(() => stage.ended() === 1)
    stage.release()
    await Promise.all([stopped, waiting.closed])
    demand(waiting.heard().toLowerCase().includes('connection: close'), waiting.heard())
    demand(waiting.heard().endsWith('waited'), waiting.heard())
    demand(stream.heard().endsWith('0\r\n\r\n'), stream.heard())
    const late = call(stage, get('/waits'))
    await late.closed
    demand(late.heard() === '', late.heard())
  },
  'a stop cuts a request that never finishes': async (stage) => {
    const line = call(stage, get('/never'))
    await pause(50)
    await stage.server.stop()
    await line.closed
    demand(line.heard() === '', line.heard())
  },
  'a stop does not wait for idle connections': async (stage) => {
    const line = call(stage, get('/echo/'))
    await until(() => line.heard().includes('405'))
    const began = performance.now()
    await stage.server.stop()
    await line.closed
    demand(performance.now() - began < 900, 'it waited')
  },
  'a fault is a 500 with an id and no detail': async (stage) => {
    const line = call(stage, get('/fails'))
    await until(() => line.heard().includes('request_id'))
    demand(line.heard().startsWith('HTTP/1.1 500'), line.heard())
    demand(!line.heard().includes('detail'), line.heard())
    line.socket.destroy()
  },
  'any one last segment is given as it was sent': async (stage) => {
    const line = call(
      stage,
      'POST /echo/a%2Fb?c=%20d HTTP/1.1\r\nHost: here\r\nContent-Length: 4\r\n\r\nbody',
    )
    await until(() => line.heard().includes('200 OK'))
    await until(() => line.heard().endsWith('/echo/a%2Fb c=%20d 127.0.0.1 body true'))
    line.socket.destroy()
  },
  'a body in chunks is put together': async (stage) => {
    const line = call(
      stage,
      'POST /echo/x HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n',
    )
    await pause(30)
    line.socket.write('2\r\ndy\r\n0\r\n\r\n')
    await until(() => line.heard().endsWith('/echo/x  127.0.0.1 body true'))
    line.socket.destroy()
  },
  'a body that does not come is a 408': async (stage) => {
    const line = call(stage, 'POST /echo/x HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\nbo')
    await line.closed
    demand(line.heard().startsWith('HTTP/1.1 408'), line.heard())
  },
}

const failed: string[] = []
for (const [name, check] of Object.entries(checks)) {
  const stage = await openStage()
  try {
    await check(stage)
  } catch (fault) {
    failed.push(`${name}: ${fault instanceof Error ? fault.message : String(fault)}`)
  }
  await stage.server.stop()
}
const report: ListenerReport = { checks: Object.keys(checks).length, failed }
console.log(JSON.stringify(report))
process.exit(failed.length === 0 ? 0 : 1)
