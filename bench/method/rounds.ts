import { join } from 'node:path'
import { startChild, nextMessage } from './child.ts'
import type { Child } from './child.ts'
import { startNativeChild } from './native-child.ts'
import type { Batch, Latency } from './messages.ts'
import { sourceFlags } from './places.ts'
import type { Measurement, Role } from './result.ts'
import { summarize } from './statistics.ts'

/** One contender in a process of its own: a module of {@link Prepare}, or a native program with the same questions. */
export type Contender = {
  readonly name: string
  readonly role: Role
  readonly argument: string
} & ({ readonly module: string } | { readonly program: string })

/** The duration of the measurement. */
export interface Effort {
  readonly rounds: number
  readonly batchMillis: number
  readonly warmUpMillis: number
  readonly timedOperations: number
}

export const thorough: Effort = {
  rounds: 15,
  batchMillis: 40,
  warmUpMillis: 500,
  timedOperations: 2000,
}
export const quick: Effort = {
  rounds: 7,
  batchMillis: 20,
  warmUpMillis: 200,
  timedOperations: 300,
}

/**
 * Measures contenders against each other: each in a process of its own, one batch after the other in
 * turns, the order moved by one place each round, never two at the same time.
 * Why: a process of its own keeps one contender's garbage and inlining out of the other's figures. Turns
 * spread other work of the machine over all of them.
 */
export async function measure(
  contenders: readonly Contender[],
  effort: Effort,
): Promise<readonly Measurement[]> {
  const players: Player[] = []
  try {
    for (const contender of contenders) players.push(await enter(contender, effort))
    const batches = await playRounds(players, effort.rounds)
    const measured: Measurement[] = []
    for (const [index, player] of players.entries()) {
      const latency = await player.child.ask<Latency>({
        ask: 'time',
        operations: effort.timedOperations,
      })
      measured.push(conclude(player.contender, batches[index] ?? [], latency))
    }
    return measured
  } finally {
    await Promise.all(players.map(({ child }) => child.stop()))
  }
}

interface Player {
  readonly contender: Contender
  readonly child: Child
  readonly operations: number
}

async function enter(contender: Contender, effort: Effort): Promise<Player> {
  const child = await startContender(contender)
  const run = (operations: number): Promise<Batch> => child.ask<Batch>({ ask: 'run', operations })
  let operations = 10
  let spent = 0
  let micros = 0
  while (spent < effort.warmUpMillis * 1000) {
    const batch = await run(operations)
    spent += Math.max(batch.wallMicros, 1)
    micros = batch.wallMicros / batch.operations
    operations = Math.min(operations * 2, Math.ceil((effort.batchMillis * 1000) / micros))
  }
  return {
    contender,
    child,
    operations: Math.max(1, Math.round((effort.batchMillis * 1000) / micros)),
  }
}

async function startContender(contender: Contender): Promise<Child> {
  const { name, argument } = contender
  if ('program' in contender) return startNativeChild(contender.program, [argument])
  const worker = join(import.meta.dirname, 'worker.ts')
  const child = startChild({
    command: process.execPath,
    args: [...sourceFlags, worker, contender.module, argument],
    output: 'inherit',
  })
  await nextMessage(child.process, name)
  return child
}

async function playRounds(players: readonly Player[], rounds: number): Promise<readonly Batch[][]> {
  const batches: Batch[][] = players.map(() => [])
  for (let round = 0; round < rounds; round += 1) {
    for (const step of players.keys()) {
      const index = (round + step) % players.length
      const player = players[index]
      if (player === undefined) continue
      const batch = await player.child.ask<Batch>({ ask: 'run', operations: player.operations })
      batches[index]?.push(batch)
    }
  }
  return batches
}

function conclude(
  { name, role }: Contender,
  batches: readonly Batch[],
  { p50Micros, p99Micros }: Latency,
): Measurement {
  const wall = summarize(batches.map(({ wallMicros, operations }) => wallMicros / operations))
  return {
    name,
    role,
    rounds: batches.map(({ cpuMicros, operations }) => cpuMicros / operations),
    perSecond: 1e6 / wall.median,
    p50Micros,
    p99Micros,
    peakMegabytes: Math.max(...batches.map(({ peakMegabytes }) => peakMegabytes)),
  }
}
