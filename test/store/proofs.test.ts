import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SessionProof } from '../../packages/server/src/store/port/session-verbs.ts'
import type { UserId } from '../../packages/server/src/store/port/user-records.ts'
import { databases, startOfTime, type TestDatabase } from './databases.ts'
import { addPerson, aSession } from './people.ts'
import { aClient, context, hashOf, planOf } from './records.ts'

const callers = Array.from({ length: 50 }, (_, index) => index)

describe.each(databases)('proofs in sessions on $name', ({ start }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await start()
    await database.store.clients.add(aClient, context)
  })
  afterAll(() => database.close())

  async function openOne(sid: string, over = {}): Promise<UserId> {
    const userId = await addPerson(database.store, `user-${sid}`)
    const session = { ...aSession(sid, userId), ...over }
    const limits = { idleTtlSeconds: 900_000, absoluteTtlSeconds: 900_000 }
    const family = { ...session.family, ...limits, currentHash: hashOf(sid, 1) }
    expect(await database.store.sessions.open({ ...session, family }, {}, context)).toBe('opened')
    return userId
  }

  async function prove(sid: string, userId: UserId, over: Partial<SessionProof> = {}) {
    const rotation = planOf(1, { sid, repeatUntilSuccessorUsed: true, idleTtlSeconds: 900_000 })
    const proof = { userId, acr: '2', amr: ['pwd', 'otp'], rotation, ...over } as const
    return database.store.sessions.prove(proof, context)
  }

  const levelOf = async (sid: string) => (await database.store.sessions.find(sid))?.acr

  async function eventsOf(sid: string) {
    const rows = await database.store.audit.list(0, 10_000)
    return rows.flatMap(({ event }) => ('sid' in event && event.sid === sid ? [event.event] : []))
  }

  test('a session begins with the proof of its sign-in', async () => {
    await openOne('s-begin')
    expect(await database.store.sessions.find('s-begin')).toMatchObject({
      provedAt: startOfTime,
      authTime: startOfTime,
    })
  })

  test('a proof raises the level, sets the moment, and exchanges the secret', async () => {
    const userId = await openOne('s-raise')
    await database.setNow(startOfTime + 300)
    expect(await prove('s-raise', userId)).toEqual({ outcome: 'rotated' })
    const moment = startOfTime + 300
    expect(await database.store.sessions.find('s-raise')).toMatchObject({
      acr: '2',
      amr: ['pwd', 'otp'],
      authTime: moment,
      provedAt: moment,
      lastSeen: moment,
      family: { generation: 2 },
    })
    expect(await eventsOf('s-raise')).toEqual([
      'family_opened',
      'refresh_rotated',
      'session_proved',
    ])
    await database.setNow(startOfTime)
  })

  test.each([
    ['of another user', 'unknown user' as UserId, {}],
    ['with a secret of another session', undefined, { presentedHash: 'of-another-session' }],
    ['for a client that changed', undefined, { clientVersion: 7 }],
  ])('a proof %s changes nothing', async (how, stranger, over) => {
    const sid = `s-${how.replaceAll(' ', '-')}`
    const userId = await openOne(sid)
    const rotation = planOf(1, { sid, repeatUntilSuccessorUsed: true, ...over })
    const { outcome } = await prove(sid, stranger ?? userId, { rotation })
    expect(['ended', 'unknown', 'stale_client']).toContain(outcome)
    expect(await levelOf(sid)).toBe('1')
    expect(await eventsOf(sid)).toEqual(['family_opened'])
  })

  test('of 50 proofs with one secret all give the same next secret', async () => {
    const userId = await openOne('s-race')
    const outcomes = await Promise.all(callers.map(() => prove('s-race', userId)))
    const count = (wanted: string) => outcomes.filter(({ outcome }) => outcome === wanted).length
    expect([count('rotated'), count('repeated')]).toEqual([1, 49])
    expect(await levelOf('s-race')).toBe('2')
  })

  test('a proof after the end of the session brings nothing back', async () => {
    const userId = await openOne('s-ended')
    await database.store.sessions.end('s-ended', userId, 'signed_out', context)
    expect(await prove('s-ended', userId)).toEqual({ outcome: 'ended' })
    expect(await levelOf('s-ended')).toBeUndefined()
  })

  test('level 2 falls to 1 after an hour without a visit, and a visit does not raise it', async () => {
    const { sessions } = database.store
    await openOne('s-idle', { acr: '2', amr: ['pwd', 'otp'] })
    await database.setNow(startOfTime + 3_599)
    expect(await levelOf('s-idle')).toBe('2')
    await sessions.touch('s-idle')
    await database.setNow(startOfTime + 3_599 + 3_600)
    expect(await levelOf('s-idle')).toBe('1')
    await sessions.touch('s-idle')
    expect(await levelOf('s-idle')).toBe('1')
    expect((await sessions.find('s-idle'))?.amr).toEqual(['pwd', 'otp'])
    await database.setNow(startOfTime)
  })

  test('level 2 falls to 1 a day after its proof, also with visits', async () => {
    await openOne('s-day', { acr: '2', amr: ['pwd', 'otp'] })
    for (let hour = 1; hour <= 24; hour += 1) {
      await database.setNow(startOfTime + hour * 3_599)
      expect(await levelOf('s-day')).toBe('2')
      await database.store.sessions.touch('s-day')
    }
    await database.setNow(startOfTime + 86_400)
    expect(await levelOf('s-day')).toBe('1')
    await database.setNow(startOfTime)
  })

  test('a user is listed with the ways to sign in', async () => {
    const { users } = database.store
    const id = await addPerson(database.store, 'ways')
    const none = {
      hasPassword: false,
      hasTotp: false,
      recoveryCodesLeft: 0,
      passkeys: 0,
      passkeysWithUv: 0,
    }
    expect(await users.factors(id)).toEqual(none)
    const password = { hash: '$argon2id$x', pepperId: 'p1', mustChange: false }
    await users.setPassword(id, password, context)
    expect(await users.factors(id)).toEqual({ ...none, hasPassword: true })
  })
})
