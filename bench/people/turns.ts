import { join } from 'node:path'
import { nextMessage, startChild } from '../method/child.ts'
import type { LoadProcess, LoadTarget } from '../method/load.ts'
import type { Batch } from '../method/messages.ts'
import { sourceFlags } from '../method/places.ts'
import type { Measurement, Role } from '../method/result.ts'
import type { RunningServer } from '../method/server.ts'
import { summarize } from '../method/statistics.ts'

/** One contender: a server under load, or a loop without a server. */
export interface Player {
  readonly name: string
  readonly role: Role
  /** The operations of one turn. */
  readonly operations: number
  /** Runs before each turn and counts for nobody. */
  readonly before?: () => void | Promise<void>
  readonly take: (operations: number) => Promise<Turn>
  readonly stop: () => Promise<void>
}

/** The rounds of a run: those that count, and those that warm up before. */
export interface Rounds {
  readonly rounds: number
  readonly warmUps: number
}

/** The cost of one turn. */
export interface Turn extends Batch {
  readonly p50Micros: number
  readonly p99Micros: number
}

/**
 * Measures players in turns, the order moved by one place each round. The rounds that warm up are not counted.
 * Why there are several: a server compiles its code during the first hundreds of requests.
 */
export async function takeTurns(
  players: readonly Player[],
  { rounds, warmUps }: Rounds,
): Promise<readonly Measurement[]> {
  const turns: Turn[][] = players.map(() => [])
  for (let round = -warmUps; round < rounds; round += 1)
    for (const step of players.keys()) {
      const index = (Math.max(round, 0) + step) % players.length
      const player = players[index]
      if (player === undefined) continue
      await player.before?.()
      const turn = await player.take(player.operations)
      if (round >= 0) turns[index]?.push(turn)
    }
  return players.map((player, index) => conclude(player, turns[index] ?? []))
}

/** A player that sends requests to a server and reads the server's own accounting. */
export async function serverPlayer(
  { name, role, operations, before }: Pick<Player, 'name' | 'role' | 'operations' | 'before'>,
  server: RunningServer,
  target: Omit<LoadTarget, 'port'>,
  { load, folder }: { readonly load: LoadProcess; readonly folder: string },
): Promise<Player> {
  const id = await load.prepare({ ...target, port: server.port }, folder)
  const take = async (count: number): Promise<Turn> => {
    await load.connect(id)
    const started = await server.usage()
    const report = await load.run(id, count)
    const ended = await server.usage()
    await load.close(id)
    const cpuMicros = ended.cpuMicros - started.cpuMicros
    return { ...report, cpuMicros, peakMegabytes: ended.peakMegabytes }
  }
  const player = { name, role, operations, take, stop: async () => {} }
  return before === undefined ? player : { ...player, before }
}

/** A player that runs a module of the bench in a process of its own. */
export async function loopPlayer(
  { name, role, operations }: Pick<Player, 'name' | 'role' | 'operations'>,
  module: string,
  argument: string,
): Promise<Player> {
  const worker = join(import.meta.dirname, '..', 'method', 'worker.ts')
  const args = [...sourceFlags, worker, module, argument]
  const child = startChild({ command: process.execPath, args, output: 'inherit' })
  await nextMessage(child.process, name)
  const take = async (count: number): Promise<Turn> => {
    const batch = await child.ask<Batch>({ ask: 'run', operations: count })
    const each = batch.wallMicros / count
    return { ...batch, p50Micros: each, p99Micros: each }
  }
  return { name, role, operations, take, stop: child.stop }
}

function conclude({ name, role }: Player, turns: readonly Turn[]): Measurement {
  const middle = (pick: (turn: Turn) => number): number => summarize(turns.map(pick)).median
  return {
    name,
    role,
    rounds: turns.map(({ cpuMicros, operations }) => cpuMicros / operations),
    perSecond: middle(({ operations, wallMicros }) => (operations * 1e6) / wallMicros),
    p50Micros: middle(({ p50Micros }) => p50Micros),
    p99Micros: middle(({ p99Micros }) => p99Micros),
    peakMegabytes: Math.max(...turns.map(({ peakMegabytes }) => peakMegabytes)),
  }
}
