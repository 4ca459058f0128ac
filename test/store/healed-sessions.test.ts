import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases, startOfTime, type TestDatabase } from './databases.ts'
import { addPerson, aSession, sha } from './people.ts'
import { aClient, aFamily, after, context } from './records.ts'

const rows = [
  { name: 'of a session', has: { sessions: 1, tickets: 1 }, target: sidTarget },
  { name: 'of a user', has: { sessions: 1, tickets: 0 }, target: userTarget },
  { name: 'of the claims of a user', has: { sessions: 2, tickets: 1 }, target: claimsTarget },
  { name: 'of a client', has: { sessions: 0, tickets: 1 }, target: clientTarget },
  { name: 'of the issuer', has: { sessions: 0, tickets: 1 }, target: issuerTarget },
] as const

describe.each(databases)('healing of sessions on $name', ({ start }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await start()
    await database.store.clients.add(aClient, context)
  })
  afterAll(() => database.close())

  async function countOf(table: string) {
    const [row] = await database.sql(`select count(*) as rows from ${table}`)
    return Number(row?.['rows'])
  }

  test.each(rows)('a lost entry $name leaves $has', async ({ name, has, target }) => {
    const { sessions, revocations, tickets } = database.store
    for (const table of ['sessions', 'tickets', 'families'])
      await database.sqlTogether([`delete from ${table}`])
    const user = await addPerson(database.store, `mine ${name}`)
    const other = await addPerson(database.store, `another ${name}`)
    const { version } = (await database.store.clients.find(aClient.id)) ?? aClient
    for (const [sid, id] of [
      ['mine', user],
      ['another', other],
    ] as const) {
      const family = { ...aFamily, sid, access: [], subject: id, clientVersion: version }
      const ofUser = { ...family, user: { id, version: 1 } }
      expect(await sessions.open(aSession(sid, id, { family: ofUser }), {}, context)).toBe('opened')
    }
    await tickets.create(aTicketOf(user, name))
    const { epoch } = await revocations.head()
    const lost = { target: target(user), until: after(60) }
    const heal = () => revocations.heal(epoch, { entries: [lost], clients: [], users: [] }, context)
    expect(await heal()).toBe('healed')
    const left = has.sessions
    expect([await countOf('sessions'), await countOf('families')]).toEqual([left, left])
    expect(await countOf('tickets')).toBe(has.tickets)
    // A later ticket stays, because the user is healed already.
    await tickets.create(aTicketOf(user, `${name} later`))
    expect(await heal()).toBe('nothing_lost')
    expect(await countOf('tickets')).toBe(has.tickets + 1)
  })
})

function sidTarget() {
  return { kind: 'sid', sid: 'mine' } as const
}
function userTarget(uid: string) {
  return { kind: 'user', uid, belowVersion: 2 } as const
}
function claimsTarget(uid: string) {
  return { kind: 'claims_stale', uid, belowVersion: 2 } as const
}
function clientTarget() {
  return { kind: 'client', cid: aClient.internalId, belowVersion: 2 } as const
}
function issuerTarget() {
  return { kind: 'issuer', issuedUpTo: startOfTime } as const
}

function aTicketOf(userId: Awaited<ReturnType<typeof addPerson>>, name: string) {
  return {
    purpose: 'delete_account',
    hash: sha(name),
    browserHash: sha(`browser of ${name}`),
    userId,
    nameKey: null,
    payload: '{}',
    attemptsMax: 5,
    ttlSeconds: 600,
  } as const
}
