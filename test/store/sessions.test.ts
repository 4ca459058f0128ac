import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { UserId } from '../../packages/server/src/store/port/user-records.ts'
import { databases, startOfTime, type TestDatabase } from './databases.ts'
import { addPerson, aSession, sha } from './people.ts'
import { aClient, aFamily, context, planOf } from './records.ts'

const callers = Array.from({ length: 50 }, (_, index) => index)

describe.each(databases)('sessions on $name', ({ start }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await start()
    await database.store.clients.add(aClient, context)
  })
  afterAll(() => database.close())

  async function openOne(sid: string, userId: UserId, origin = {}) {
    return database.store.sessions.open(aSession(sid, userId), origin, context)
  }

  async function targetsSince(sequence: number) {
    return (await database.store.revocations.page(sequence, 1_000)).map(({ target }) => target)
  }

  async function headOfLog() {
    return (await database.store.revocations.head()).sequence
  }

  test('a session is found with its facts and its family', async () => {
    const { sessions } = database.store
    const ann = await addPerson(database.store, 'facts')
    expect(await openOne('s-facts', ann)).toBe('opened')
    expect(await sessions.find('s-facts')).toEqual(
      expect.objectContaining({
        userId: ann,
        browserHash: sha('browser'),
        acr: '1',
        amr: ['pwd'],
        isPersistent: false,
        agent: 'Firefox',
        network: '192.0.2.1',
        authTime: startOfTime,
        lastSeen: startOfTime,
      }),
    )
    expect((await sessions.find('s-facts'))?.family).toMatchObject({
      sid: 's-facts',
      generation: 1,
      user: { id: ann, version: 1 },
    })
  })

  test('a refresh family of a client or of a login is no session', async () => {
    const { sessions, refreshTokens } = database.store
    const id = await addPerson(database.store, 'family-only')
    const family = { ...aFamily, sid: 's-family', user: { id, version: 1 } }
    await refreshTokens.open(family, {}, context)
    expect(await sessions.find('s-family')).toBeUndefined()
    expect(await sessions.list(id, 10)).toEqual([])
    expect(await sessions.end('s-family', id, 'signed_out', context)).toBe('unknown')
    expect(await sessions.endOthers(id, null, 'signed_out', context)).toBe(0)
    expect(await refreshTokens.find('s-family')).toBeDefined()
  })

  test.each([
    ['idle', 1_000, { idleTtlSeconds: 1_000, absoluteTtlSeconds: 9_000 }],
    ['absolute', 5_000, { idleTtlSeconds: 9_000, absoluteTtlSeconds: 5_000 }],
  ])('a session beyond its %s limit is not found', async (limit, seconds, limits) => {
    const { sessions } = database.store
    const id = await addPerson(database.store, `limit-${limit}`)
    const session = aSession(`s-${limit}`, id)
    await sessions.open({ ...session, family: { ...session.family, ...limits } }, {}, context)
    await database.setNow(startOfTime + seconds - 1)
    expect(await sessions.find(`s-${limit}`)).toBeDefined()
    await database.setNow(startOfTime + seconds)
    expect(await sessions.find(`s-${limit}`)).toBeUndefined()
    expect(await sessions.list(id, 10)).toEqual([])
    await database.setNow(startOfTime)
  })

  test('a new session ends the one that the browser had, whosever it was', async () => {
    const { sessions } = database.store
    const [ann, bob] = [
      await addPerson(database.store, 'before'),
      await addPerson(database.store, 'after'),
    ]
    await openOne('s-before', ann)
    const head = await headOfLog()
    expect(await openOne('s-after', bob, { replaces: 's-before' })).toBe('opened')
    expect(await sessions.find('s-before')).toBeUndefined()
    expect(await targetsSince(head)).toEqual([{ kind: 'sid', sid: 's-before' }])
    expect(await openOne('s-after-2', bob, { replaces: 's-never-was' })).toBe('opened')
  })

  test('one user cannot end or list the session of another', async () => {
    const { sessions } = database.store
    const [ann, bob] = [
      await addPerson(database.store, 'owner'),
      await addPerson(database.store, 'other'),
    ]
    await openOne('s-owner', ann)
    expect(await sessions.end('s-owner', bob, 'signed_out', context)).toBe('unknown')
    expect(await sessions.list(bob, 10)).toEqual([])
    expect(await sessions.find('s-owner')).toBeDefined()
  })

  test('an ended session is gone, its secret does not rotate, its tokens are revoked', async () => {
    const { sessions, refreshTokens } = database.store
    const ann = await addPerson(database.store, 'ends')
    await openOne('s-ends', ann)
    const head = await headOfLog()
    expect(await sessions.end('s-ends', ann, 'signed_out', context)).toBe('ended')
    expect(await sessions.end('s-ends', ann, 'signed_out', context)).toBe('unknown')
    expect(await sessions.find('s-ends')).toBeUndefined()
    expect(await targetsSince(head)).toEqual([{ kind: 'sid', sid: 's-ends' }])
    const plan = planOf(1, { sid: 's-ends' })
    expect(await refreshTokens.rotate(plan)).toEqual({ outcome: 'ended' })
  })

  test('all sessions but one end together', async () => {
    const { sessions } = database.store
    const ann = await addPerson(database.store, 'many')
    for (const sid of ['s-m1', 's-m2', 's-m3', 's-m4']) await openOne(sid, ann)
    expect(await sessions.endOthers(ann, 's-m2', 'signed_out', context)).toBe(3)
    expect((await sessions.list(ann, 10)).map(({ family }) => family.sid)).toEqual(['s-m2'])
    expect(await sessions.endOthers(ann, null, 'signed_out', context)).toBe(1)
  })

  test.each(['disable', 'erase', 'revokeTokens', 'setPassword'] as const)(
    'after %s the user has no session and no ticket',
    async (act) => {
      const { sessions, tickets, users } = database.store
      const id = await addPerson(database.store, `gone-${act.toLowerCase()}`)
      await openOne(`s-${act}`, id)
      const key = { purpose: 'second_factor', hash: sha(act), browserHash: sha('b') } as const
      const rest = { userId: id, nameKey: null, payload: '{}', attemptsMax: 5, ttlSeconds: 600 }
      await tickets.create({ ...key, ...rest })
      const password = { hash: '$argon2id$x', pepperId: 'p1', mustChange: false }
      if (act === 'setPassword') await users.setPassword(id, password, context)
      else await users[act](id, context)
      expect(await sessions.find(`s-${act}`)).toBeUndefined()
      expect(await tickets.redeem(key)).toBeUndefined()
    },
  )

  test('a user of another version, or who may not sign in, opens no session', async () => {
    const { users, sessions } = database.store
    const id = await addPerson(database.store, 'stale')
    await users.revokeTokens(id, context)
    expect(await openOne('s-stale', id)).toBe('stale_user')
    await users.erase(id, context)
    expect(await openOne('s-stale', id)).toBe('stale_user')
    expect(await sessions.find('s-stale')).toBeUndefined()
  })

  test('a refused sign-in does not spend its ticket or end the session before', async () => {
    const { users, sessions, tickets } = database.store
    const [ann, bob] = [
      await addPerson(database.store, 'undone'),
      await addPerson(database.store, 'undone-2'),
    ]
    await openOne('s-undone', ann)
    const ticket = { purpose: 'second_factor', hash: sha('t'), browserHash: sha('b') } as const
    const rest = { userId: null, nameKey: null, payload: '{}', attemptsMax: 5, ttlSeconds: 600 }
    await tickets.create({ ...ticket, ...rest })
    await users.revokeTokens(bob, context)
    expect(await openOne('s-undone-2', bob, { ticket, replaces: 's-undone' })).toBe('stale_user')
    expect(await sessions.find('s-undone')).toBeDefined()
    expect(await openOne('s-undone-3', ann, { ticket })).toBe('opened')
    expect(await openOne('s-undone-4', ann, { ticket })).toBe('spent')
    expect(await sessions.find('s-undone-4')).toBeUndefined()
  })

  test('of 50 sign-ins with one ticket exactly one opens a session', async () => {
    const { sessions, tickets } = database.store
    const ann = await addPerson(database.store, 'race-ticket')
    const ticket = { purpose: 'second_factor', hash: sha('race'), browserHash: sha('b') } as const
    const rest = { userId: ann, nameKey: null, payload: '{}', attemptsMax: 5, ttlSeconds: 600 }
    await tickets.create({ ...ticket, ...rest })
    const outcomes = await Promise.all(
      callers.map((index) => openOne(`s-race-${index}`, ann, { ticket })),
    )
    expect(outcomes.filter((outcome) => outcome === 'opened')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'spent')).toHaveLength(49)
    expect(await sessions.list(ann, 100)).toHaveLength(1)
  })

  test('of 50 callers exactly one ends a session, and one entry is written', async () => {
    const { sessions } = database.store
    const ann = await addPerson(database.store, 'race-end')
    await openOne('s-race-end', ann)
    const head = await headOfLog()
    const outcomes = await Promise.all(
      callers.map(() => sessions.end('s-race-end', ann, 'signed_out', context)),
    )
    expect(outcomes.filter((outcome) => outcome === 'ended')).toHaveLength(1)
    expect(await targetsSince(head)).toHaveLength(1)
  })

  test('sign-ins, ends and disabling at once leave a disabled user without a session', async () => {
    const { sessions, users } = database.store
    const ann = await addPerson(database.store, 'race-all')
    await Promise.all([
      ...callers.slice(0, 20).map((index) => openOne(`s-all-${index}`, ann)),
      ...callers.slice(0, 5).map(() => sessions.endOthers(ann, null, 'signed_out', context)),
      users.disable(ann, context),
    ])
    expect(await sessions.list(ann, 100)).toEqual([])
    const rows = await database.sql(
      `select families.sid from families join users on users.id = families.user_id where users.id = '${ann}'`,
    )
    expect(rows).toEqual([])
  })

  test('a user has 100 sessions at most: a further one ends the one that was seen longest ago', async () => {
    const { sessions } = database.store
    const ann = await addPerson(database.store, 'crowded')
    for (let at = 0; at < 100; at += 1) {
      await database.setNow(startOfTime + at)
      await openOne(`s-crowd-${at}`, ann)
    }
    expect(await sessions.list(ann, 200)).toHaveLength(100)
    const head = await headOfLog()
    expect(await openOne('s-crowd-100', ann)).toBe('opened')
    expect(await targetsSince(head)).toEqual([{ kind: 'sid', sid: 's-crowd-0' }])
    expect(await sessions.list(ann, 200)).toHaveLength(100)
    expect(await sessions.find('s-crowd-100')).toBeDefined()
    await database.setNow(startOfTime)
  })

  test('the last use is written once a minute at most', async () => {
    const { sessions } = database.store
    const ann = await addPerson(database.store, 'seen')
    await openOne('s-seen', ann)
    const seenAfter = async (seconds: number) => {
      await database.setNow(startOfTime + seconds)
      await sessions.touch('s-seen')
      return ((await sessions.find('s-seen'))?.lastSeen ?? 0) - startOfTime
    }
    expect(await seenAfter(59)).toBe(0)
    expect(await seenAfter(60)).toBe(60)
    expect(await seenAfter(119)).toBe(60)
    expect(await seenAfter(121)).toBe(121)
    // The clock was set back.
    expect(await seenAfter(30)).toBe(30)
    await database.setNow(startOfTime)
  })

  test('rows without a family, and tickets that have expired, are pruned', async () => {
    const { sessions, tickets, refreshTokens } = database.store
    const ann = await addPerson(database.store, 'pruned')
    await openOne('s-pruned', ann)
    await openOne('zz-pruned', ann)
    for (const sid of ['s-pruned', 'zz-pruned']) await refreshTokens.end(sid, 'reuse', context)
    const key = { purpose: 'webauthn', hash: sha('old'), browserHash: sha('b') } as const
    const rest = { userId: null, nameKey: null, payload: '{}', attemptsMax: 1, ttlSeconds: 60 }
    await tickets.create({ ...key, ...rest })
    expect(await sessions.find('s-pruned')).toBeUndefined()
    await database.setNow(startOfTime + 60 + 3_600)
    for (let step = 0; step < 100; step += 1) if ((await database.store.prune()).done) break
    await database.setNow(startOfTime)
    expect(await database.sql(`select sid from sessions where user_id = '${ann}'`)).toEqual([])
    expect(await database.sql(`select hash from tickets where hash = '${key.hash}'`)).toEqual([])
  })
})
