import { get } from 'node:http'
import { join } from 'node:path'
import { startLoad } from '../method/load.ts'
import type { LoadProcess } from '../method/load.ts'
import { benchFolder } from '../method/places.ts'
import { groupOf } from '../method/result.ts'
import type { Group } from '../method/result.ts'
import { startServer } from '../method/server.ts'
import type { RunningServer } from '../method/server.ts'
import {
  pageRequest,
  peerSessionRequest,
  peerSignInRequest,
  sessionCheckRequest,
  signInAll,
  signInRequests,
} from './browsers.ts'
import { startBetterAuth, startPeople } from './place.ts'
import type { PeopleServer } from './place.ts'
import { loopPlayer, serverPlayer, takeTurns } from './turns.ts'
import type { Player, Rounds } from './turns.ts'

/** The duration of a part of the bench. */
export interface PeopleEffort extends Rounds {
  readonly signIns: number
  readonly pages: number
  readonly checks: number
  readonly renewals: number
}

export const bareHash = 'bare argon2id in a loop'
export const barePage = 'bare node:http, same bytes'
export const ours = 'countersign'
const users = 64
const connections = 4

interface Tools {
  readonly load: LoadProcess
  readonly folder: string
  readonly start: (server: Promise<RunningServer>) => Promise<RunningServer>
}

/** Measures players of one group, and ends all servers afterwards. */
export async function measureGroup(
  name: string,
  folder: string,
  rounds: Rounds,
  makePlayers: (tools: Tools) => Promise<readonly Player[]>,
): Promise<Group> {
  const running: RunningServer[] = []
  const load = await startLoad()
  const start = async (starting: Promise<RunningServer>): Promise<RunningServer> => {
    const server = await starting
    running.push(server)
    return server
  }
  let players: readonly Player[] = []
  try {
    players = await makePlayers({ load, folder, start })
    return groupOf(name, await takeTurns(players, rounds))
  } finally {
    await Promise.all([load.stop(), ...[...running, ...players].map(({ stop }) => stop())])
  }
}

/** Starts our service with users, as one of the servers of a group. */
export async function startOurs(name: string, { folder, start }: Tools): Promise<PeopleServer> {
  const people = await startPeople(name, folder, users)
  await start(Promise.resolve(people.server))
  return people
}

/** A sign-in by password, next to the bare hash and the peer. The lanes are those of our queue. */
export function measureSignIn(folder: string, effort: PeopleEffort, lanes: number): Promise<Group> {
  return measureGroup('sign-in by password', folder, effort, async (tools) => {
    const operations = effort.signIns
    const people = await startOurs('sign-in', tools)
    const peer = await tools.start(startBetterAuth(folder, false))
    const module = join(benchFolder, 'people', 'hash-loop.ts')
    const mayDoze = true
    return [
      await loopPlayer({ name: bareHash, role: 'limit', operations }, module, String(lanes)),
      await serverPlayer(
        { name: ours, role: 'ours', operations },
        people.server,
        { connections, status: 303, mayDoze, requests: await signInRequests(people, users) },
        tools,
      ),
      await serverPlayer(
        { name: 'better-auth, the same argon2id', role: 'peer', operations },
        peer,
        { connections: lanes, status: 200, mayDoze, requests: [peerSignInRequest(peer)] },
        tools,
      ),
    ]
  })
}

/** The sign-in page for a new browser. */
export function measurePage(folder: string, effort: PeopleEffort): Promise<Group> {
  return measureGroup('GET /sign-in', folder, effort, async (tools) => {
    const operations = effort.pages
    const people = await startOurs('page', tools)
    const answer = JSON.stringify(await copyAnswer(`${people.origin}/sign-in`))
    const file = join(benchFolder, 'http', 'bare.ts')
    const bare = await tools.start(startServer({ runtime: 'node', file, env: { ANSWER: answer } }))
    const target = { connections: 16, status: 200, requests: [pageRequest(people)] }
    return [
      await serverPlayer({ name: barePage, role: 'limit', operations }, bare, target, tools),
      await serverPlayer({ name: ours, role: 'ours', operations }, people.server, target, tools),
    ]
  })
}

/** An answer with its headers, for a server that repeats it. */
function copyAnswer(url: string): Promise<object> {
  return new Promise((resolve, reject) => {
    const request = get(url, { headers: { accept: 'text/html' } }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body += chunk
      })
      response.on('end', () => {
        const own = new Set(['date', 'connection', 'keep-alive'])
        const entries = Object.entries(response.headers).filter(([name]) => !own.has(name))
        resolve({ status: response.statusCode, headers: Object.fromEntries(entries), body })
      })
    })
    request.once('error', reject)
  })
}

/** The check of a session that needs no renewal. */
export function measureCheck(folder: string, effort: PeopleEffort): Promise<Group> {
  return measureGroup('session check', folder, effort, async (tools) => {
    const operations = effort.checks
    const people = await startOurs('check', tools)
    const [jar = ''] = await signInAll(people, 1)
    const peers: Player[] = []
    for (const cached of [false, true]) {
      const peer = await tools.start(startBetterAuth(folder, cached))
      const name = cached ? 'better-auth, its cookie cache on' : 'better-auth'
      const requests = [await peerSessionRequest(peer)]
      const target = { connections: 16, status: 200, requests }
      peers.push(await serverPlayer({ name, role: 'peer', operations }, peer, target, tools))
    }
    const requests = [sessionCheckRequest(people, jar)]
    const target = { connections: 16, status: 204, requests }
    return [
      await serverPlayer({ name: ours, role: 'ours', operations }, people.server, target, tools),
      ...peers,
    ]
  })
}
