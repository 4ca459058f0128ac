import type { LoadProcess, LoadReport, LoadTarget } from './load.ts'
import type { Measurement, Role } from './result.ts'
import type { RunningServer } from './server.ts'
import { summarize } from './statistics.ts'

/** A server that is measured, and its requests. */
export interface ServerContender {
  readonly name: string
  readonly role: Role
  readonly server: RunningServer
  readonly target: Omit<LoadTarget, 'port'>
  /** The share of the requests that it gets. Default: all. */
  readonly share?: number
}

/** The count of rounds, and of requests in each. */
export interface LoadEffort {
  readonly rounds: number
  /** Requests of one round. */
  readonly requests: number
  readonly warmUpRequests: number
  /**
   * Requests at the start of each round that are not counted, so that no figure includes opening
   * connections.
   */
  readonly greetings?: number
}

interface Turn extends LoadReport {
  readonly cpuMicros: number
  readonly peakMegabytes: number
}

/**
 * Measures servers in turns under the same load: CPU time is that of the server; everything else is
 * measured from outside.
 */
export async function measureServers(
  contenders: readonly ServerContender[],
  load: LoadProcess,
  effort: LoadEffort,
  folder: string,
): Promise<readonly Measurement[]> {
  const ids: number[] = []
  for (const { server, target } of contenders)
    ids.push(await load.prepare({ ...target, port: server.port }, folder))
  const turns: Turn[][] = contenders.map(() => [])
  for (let round = -1; round < effort.rounds; round += 1) {
    for (const step of contenders.keys()) {
      const index = (Math.max(round, 0) + step) % contenders.length
      const contender = contenders[index]
      const id = ids[index]
      if (contender === undefined || id === undefined) continue
      const all = round === -1 ? effort.warmUpRequests : effort.requests
      const requests = Math.round(all * (contender.share ?? 1))
      const turn = await takeTurn(contender.server, load, id, requests, effort.greetings)
      if (round >= 0) turns[index]?.push(turn)
    }
  }
  return contenders.map((contender, index) => conclude(contender, turns[index] ?? []))
}

async function takeTurn(
  server: RunningServer,
  load: LoadProcess,
  id: number,
  requests: number,
  greetings = 0,
): Promise<Turn> {
  await load.connect(id)
  if (greetings > 0) await load.run(id, greetings)
  const before = await server.usage()
  const report = await load.run(id, requests)
  const after = await server.usage()
  await load.close(id)
  return {
    ...report,
    cpuMicros: after.cpuMicros - before.cpuMicros,
    peakMegabytes: after.peakMegabytes,
  }
}

function conclude({ name, role }: ServerContender, turns: readonly Turn[]): Measurement {
  const middle = (values: readonly number[]): number => summarize(values).median
  return {
    name,
    role,
    rounds: turns.map(({ cpuMicros, operations }) => cpuMicros / operations),
    perSecond: middle(turns.map(({ operations, wallMicros }) => (operations * 1e6) / wallMicros)),
    p50Micros: middle(turns.map(({ p50Micros }) => p50Micros)),
    p99Micros: middle(turns.map(({ p99Micros }) => p99Micros)),
    p99Rounds: turns.map(({ p99Micros }) => p99Micros),
    peakMegabytes: Math.max(...turns.map(({ peakMegabytes }) => peakMegabytes)),
  }
}
