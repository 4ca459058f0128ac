import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { BenchOptions } from '../method/bench.ts'
import { nextMessage, startChild } from '../method/child.ts'
import { figure } from '../method/figures.ts'
import { postRequest, startLoad } from '../method/load.ts'
import { sourceFlags } from '../method/places.ts'
import { groupOf, rowOf } from '../method/result.ts'
import type { Table, Target } from '../method/result.ts'
import { measureServers } from '../method/server-rounds.ts'
import type { LoadEffort, ServerContender } from '../method/server-rounds.ts'
import { startServer } from '../method/server.ts'
import { ratioOfRounds } from '../method/statistics.ts'
import { basic } from '../service/clients.ts'
import { oursSpec } from '../service/ours-spec.ts'
import type { Seed } from '../service/seed.ts'

const followers = 1000
// Long rounds, so that one pause of the machine, which stops all connections, is less than a percent.
const thorough: LoadEffort = { rounds: 11, requests: 4000, warmUpRequests: 5000 }
const quick: LoadEffort = { rounds: 5, requests: 2000, warmUpRequests: 3000 }
const alone = 'nobody follows'
const withFollowers = '1,000 streams are open'
/** Both servers have done the same work and rested before their memory is compared. Units: milliseconds. */
const restMillis = 3000

/**
 * The cost of 1,000 followers for a node: two nodes under the same load for tokens, one of them with
 * followers.
 */
export async function measureManyFollowers(
  options: BenchOptions,
): Promise<[Table, readonly Target[]]> {
  const stops: (() => Promise<void>)[] = []
  const load = await startLoad()
  try {
    const contenders: ServerContender[] = []
    for (const name of [alone, withFollowers]) {
      const folder = join(options.folder, `followers-${contenders.length}`)
      mkdirSync(folder, { recursive: true })
      const seedFile = join(folder, 'seed.json')
      const spec = { ...oursSpec(folder, seedFile), logFile: join(folder, 'log') }
      const server = await startServer(spec)
      stops.push(server.stop)
      const { machine }: Seed = JSON.parse(readFileSync(seedFile, 'utf8'))
      const headers = {
        Host: `localhost:${server.port}`,
        'Content-Type': 'application/x-www-form-urlencoded',
        Authorization: basic(machine.id, machine.secret),
      }
      const requests = [postRequest('/oauth2/token', headers, 'grant_type=client_credentials')]
      const target = { connections: 16, status: 200, requests, mayDoze: true } as const
      contenders.push({ name, role: name === alone ? 'limit' : 'ours', server, target })
    }
    const [quiet, followed] = contenders.map(({ server }) => server)
    if (quiet === undefined || followed === undefined) throw new Error('a node is missing')
    const before = (await followed.usage()).residentMegabytes
    stops.push(await follow(followed.port))
    await pause(restMillis)
    const more = (await followed.usage()).residentMegabytes - before
    const effort = options.quick ? quick : thorough
    const group = groupOf(
      'client_credentials',
      await measureServers(contenders, load, effort, options.folder),
    )
    const p99Of = (name: string) => rowOf(group, name).p99Rounds ?? []
    const table = { id: 'followers', title: 'A node with 1,000 followers', note, groups: [group] }
    return [table, targetsOf(more, ratioOfRounds(p99Of(withFollowers), p99Of(alone)).median - 1)]
  } finally {
    await Promise.all([load.stop(), ...stops.map((stop) => stop())])
  }
}

async function follow(port: number): Promise<() => Promise<void>> {
  const file = join(import.meta.dirname, 'followers.ts')
  const child = startChild({
    command: process.execPath,
    args: [...sourceFlags, file, String(port), String(followers)],
    output: 'inherit',
  })
  await nextMessage(child.process, 'the followers')
  return child.stop
}

function targetsOf(megabytes: number, late: number): readonly Target[] {
  return [
    {
      what: '1,000 followers of one node: memory more',
      target: '< 60.0 MB',
      reached: `${figure(megabytes)} MB`,
      met: megabytes < 60,
      reason:
        'each follower is a connection of node:http with its buffers, and resident memory holds garbage that V8 has not freed yet',
    },
    {
      what: '1,000 followers of one node: p99 of /oauth2/token more',
      target: '≤ 20.0 %',
      reached: `${figure(late * 100)} %`,
      met: late <= 0.2,
      reason:
        'another process reads the streams on the same cores, and this is wall-clock time, so a busy machine shows',
    },
  ]
}

const note = `Two nodes of the service, each with its own SQLite file, answer the same requests for tokens in turns. One of them has 1,000 open streams of its revocation feed, held by another process that is not counted. Nothing is revoked meanwhile. The difference of the p99 is taken round by round. The limit is the node without followers. Memory is the growth of resident memory three seconds after the streams opened.`
