import { DatabaseSync } from 'node:sqlite'
import { head } from '../method/load.ts'
import type { Group } from '../method/result.ts'
import { sessionCheckRequest, signInAll } from './browsers.ts'
import { measureGroup, startOurs } from './groups.ts'
import type { PeopleEffort } from './groups.ts'
import type { PeopleServer } from './place.ts'
import { serverPlayer } from './turns.ts'

export const refreshAtTokenEndpoint = 'refresh at /oauth2/token'
export const renewalOfSession = 'renewal at /session/check'
const connections = 16
/** More than half of the life of an access token. Units: seconds. */
const agedSeconds = 400

/**
 * A renewal of a session with its rotation, next to a refresh with rotation at the token endpoint. Both make a token of
 * the same resource.
 */
export function measureRenewal(folder: string, effort: PeopleEffort): Promise<Group> {
  return measureGroup('renewal with rotation', folder, effort, async (tools) => {
    const operations = effort.renewals
    const refreshing = await startOurs('refresh', tools)
    const renewing = await startOurs('renewal', tools)
    const jars = await signInAll(renewing, operations)
    const database = new DatabaseSync(renewing.database, { timeout: 5000 })
    keepSessions(database)
    let turns = 0
    const requests = jars.map((jar) => sessionCheckRequest(renewing, jar))
    const player = await serverPlayer(
      {
        name: renewalOfSession,
        role: 'ours',
        operations,
        before: () => {
          if (turns > 0) expectRotated(database, operations)
          turns += 1
          bringBackSessions(database)
        },
      },
      renewing.server,
      { connections, status: 204, mayDoze: true, requests },
      tools,
    )
    const first = await Promise.all(
      Array.from({ length: connections }, () => fetchRefreshToken(refreshing)),
    )
    const { machine } = refreshing.seed
    const secret = Buffer.from(`${machine.id}:${machine.secret}`).toString('base64')
    const chain = {
      head: head('POST', '/oauth2/token', {
        Host: `127.0.0.1:${refreshing.server.port}`,
        'Content-Type': 'application/x-www-form-urlencoded',
        Authorization: `Basic ${secret}`,
      }),
      bodyBefore: 'grant_type=refresh_token&refresh_token=',
      member: 'refresh_token',
      first,
    }
    const refresh = await serverPlayer(
      { name: refreshAtTokenEndpoint, role: 'limit', operations },
      refreshing.server,
      { connections, status: 200, mayDoze: true, chain },
      tools,
    )
    const close = async (): Promise<void> => {
      database.close()
      await player.stop()
    }
    return [refresh, { ...player, stop: close }]
  })
}

/** Keeps a copy of all sessions, old enough to be renewed. */
function keepSessions(database: DatabaseSync): void {
  database.exec('begin immediate')
  for (const table of ['families', 'sessions'])
    database.exec(`create table kept_${table} as select * from ${table}`)
  database.exec(`update kept_families set rotated_at = rotated_at - ${agedSeconds}`)
  database.exec('commit')
}

/** Makes all sessions as they were, so that the same cookies are renewed again. */
function bringBackSessions(database: DatabaseSync): void {
  database.exec('begin immediate')
  for (const table of ['families', 'sessions'])
    database.exec(`delete from ${table}; insert into ${table} select * from kept_${table}`)
  database.exec('commit')
}

/** Throws: when a turn before this one left a session without its one rotation. */
function expectRotated(database: DatabaseSync, sessions: number): void {
  const query = `select count(*) as n from families join kept_families as kept using (sid)
    where families.generation = kept.generation + 1`
  const rotated = Number(database.prepare(query).get()?.['n'])
  if (rotated !== sessions) throw new Error(`${rotated} sessions were rotated`)
}

async function fetchRefreshToken({ origin, seed }: PeopleServer): Promise<string> {
  const { id, secret } = seed.machine
  const response = await fetch(`${origin}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_id: id, client_secret: secret, scope: 'offline_access' }),
  })
  const reply: unknown = await response.json()
  if (typeof reply === 'object' && reply !== null && 'refresh_token' in reply)
    if (typeof reply.refresh_token === 'string') return reply.refresh_token
  throw new Error(`/login answered ${response.status} without a refresh token`)
}
