// Makes load over raw sockets: one request at a time on each connection, the next as soon as the answer
// is complete.
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { createAnswerReader } from './answers.ts'
import type { LoadAsk, LoadReport, LoadTarget } from './load.ts'
import { quantile } from './statistics.ts'

interface Lane {
  readonly socket: Socket
  request: Buffer
  began: number
}

interface Run {
  operations: number
  sent: number
  answered: number
  times: Float64Array
  finish: () => void
}

interface Battery {
  readonly target: LoadTarget
  readonly requests: readonly Buffer[]
  readonly values: string[]
  cursor: number
  lanes: Lane[]
  run: Run | undefined
}

const batteries: Battery[] = []

function prepare(file: string): number {
  const target: LoadTarget = JSON.parse(readFileSync(file, 'utf8'))
  const requests = (target.requests ?? []).map((request) => Buffer.from(request))
  const values = [...(target.chain?.first ?? [])]
  return batteries.push({ target, requests, values, cursor: 0, lanes: [], run: undefined }) - 1
}

async function open(battery: Battery): Promise<void> {
  const { connections, port } = battery.target
  await Promise.all(
    Array.from({ length: connections }, async (_, place) => {
      battery.lanes[place] = await openLane(battery, place, port)
    }),
  )
}

function openLane(battery: Battery, place: number, port: number): Promise<Lane> {
  return new Promise((resolve, reject) => {
    const read = createAnswerReader((status, body) => answered(battery, place, status, body))
    const socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafe(32_768),
        callback: (size, buffer) => {
          read(Buffer.from(buffer.buffer, buffer.byteOffset, size))
          return true
        },
      },
    })
    socket.once('error', (error) => {
      if (battery.run !== undefined) fail(`a connection broke: ${error.message}`)
      reject(error)
    })
    socket.once('connect', () => resolve({ socket, request: nothing, began: 0 }))
    socket.once('close', () => {
      if (battery.run !== undefined) fail('the server closed a connection under load')
    })
  })
}

const nothing = Buffer.alloc(0)

function answered(battery: Battery, place: number, status: number, body: string): void {
  const { run, target } = battery
  const lane = battery.lanes[place]
  if (run === undefined || lane === undefined) return fail('an answer that nobody asked for')
  if (status !== target.status) return fail(`status ${status} instead of ${target.status}: ${body}`)
  run.times[run.answered] = (performance.now() - lane.began) * 1000
  run.answered += 1
  if (target.chain !== undefined) battery.values[place] = readMember(body, target.chain.member)
  if (run.sent < run.operations) send(battery, place, run)
  else if (run.answered === run.operations) run.finish()
}

function send(battery: Battery, place: number, run: Run): void {
  const lane = battery.lanes[place]
  if (lane === undefined) return
  run.sent += 1
  lane.began = performance.now()
  lane.socket.write(nextRequest(battery, place))
}

function nextRequest(battery: Battery, place: number): Buffer {
  const { target, requests } = battery
  if (target.chain !== undefined) {
    const body = target.chain.bodyBefore + encodeURIComponent(battery.values[place] ?? '')
    return Buffer.from(`${target.chain.head}Content-Length: ${body.length}\r\n\r\n${body}`)
  }
  if (battery.cursor === requests.length) battery.cursor = 0
  const request = requests[battery.cursor]
  battery.cursor += 1
  return request ?? nothing
}

function readMember(body: string, member: string): string {
  const parsed: Readonly<Record<string, unknown>> = JSON.parse(body)
  const value = parsed[member]
  return typeof value === 'string' ? value : fail(`the answer has no ${member}`)
}

async function runLoad(battery: Battery, operations: number): Promise<LoadReport> {
  const times = new Float64Array(operations)
  const began = performance.now()
  await new Promise<void>((finish) => {
    const run: Run = { operations, sent: 0, answered: 0, times, finish }
    battery.run = run
    if (battery.target.mayDoze !== true) stayAwake(battery, run)
    for (const place of battery.lanes.keys()) if (run.sent < operations) send(battery, place, run)
  })
  const wallMicros = (performance.now() - began) * 1000
  battery.run = undefined
  const sorted = Array.from(times.toSorted())
  return {
    operations,
    wallMicros,
    p50Micros: quantile(sorted, 0.5),
    p99Micros: quantile(sorted, 0.99),
  }
}

/**
 * Polls without a pause until the run has ended.
 * Why: a server that answers a sleeping process pays for waking it, up to 13 µs within its own write.
 * The process sleeps more the longer an answer takes, so a difference of 7 µs looked like one of 20.
 */
function stayAwake(battery: Battery, run: Run): void {
  if (battery.run === run) setImmediate(() => stayAwake(battery, run))
}

function close(battery: Battery): void {
  for (const { socket } of battery.lanes) socket.destroy()
  battery.lanes = []
}

function fail(reason: string): never {
  console.error(`load: ${reason}`)
  process.exit(1)
}

async function answer(message: LoadAsk): Promise<unknown> {
  if (message.ask === 'prepare') return prepare(message.file)
  const battery = batteries[message.id]
  if (battery === undefined) return fail('no such target')
  if (message.ask === 'run') return runLoad(battery, message.operations)
  if (message.ask === 'connect') await open(battery)
  else close(battery)
  return 'done'
}

process.on('message', (message: LoadAsk) => {
  answer(message).then(
    (reply) => process.send?.(reply),
    (error: unknown) => fail(String(error)),
  )
})
process.send?.('ready')
