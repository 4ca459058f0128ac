// The process of one contender: imports its module, then runs batches when the conductor asks.
import { pathToFileURL } from 'node:url'
import type { Ask, Batch, Latency } from './messages.ts'
import { readUsage } from './messages.ts'
import { quantile } from './statistics.ts'
import type { Prepare, Work } from './work.ts'

const [, , modulePath = '', argument = ''] = process.argv

async function main(): Promise<void> {
  const module: { readonly prepare: Prepare } = await import(pathToFileURL(modulePath).href)
  const work = await module.prepare(argument)
  process.on('message', (message: Ask) => {
    answer(work, message).then(
      (reply) => process.send?.(reply),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  })
  process.send?.('ready')
}

async function answer(
  work: Work,
  message: Ask,
): Promise<Batch | Latency | ReturnType<typeof readUsage>> {
  if (message.ask === 'usage') return readUsage()
  return message.ask === 'run'
    ? runBatch(work, message.operations)
    : timeEach(work, message.operations)
}

async function runBatch(work: Work, operations: number): Promise<Batch> {
  const before = readUsage()
  const began = performance.now()
  const pending = work(operations)
  if (pending !== undefined) await pending
  const wallMicros = (performance.now() - began) * 1000
  const after = readUsage()
  return {
    operations,
    cpuMicros: after.cpuMicros - before.cpuMicros,
    wallMicros,
    peakMegabytes: after.peakMegabytes,
  }
}

async function timeEach(work: Work, operations: number): Promise<Latency> {
  const times: number[] = []
  for (let index = 0; index < operations; index += 1) {
    const began = process.hrtime.bigint()
    const pending = work(1)
    if (pending !== undefined) await pending
    times.push(Number(process.hrtime.bigint() - began) / 1000)
  }
  times.sort((a, b) => a - b)
  return { p50Micros: quantile(times, 0.5), p99Micros: quantile(times, 0.99) }
}

await main()
