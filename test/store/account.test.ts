import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { UserId } from '../../packages/server/src/store/port/user-records.ts'
import { databases, type TestDatabase } from './databases.ts'
import { addPerson, aSession, sha } from './people.ts'
import { aClient, aFamily, context } from './records.ts'

const callers = Array.from({ length: 50 }, (_, index) => index)
const password = { hash: '$argon2id$x', pepperId: 'p1', mustChange: false }

describe.each(databases)('acts of people on their accounts on $name', ({ start }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await start()
    await database.store.clients.add(aClient, context)
  })
  afterAll(() => database.close())

  const open = (sid: string, userId: UserId) =>
    database.store.sessions.open(aSession(sid, userId), {}, context)
  const targetsSince = async (sequence: number) =>
    (await database.store.revocations.page(sequence, 1_000)).map(({ target }) => target)
  const headOfLog = async () => (await database.store.revocations.head()).sequence
  const eventsOf = async (userId: UserId) =>
    (await database.store.audit.list(0, 10_000))
      .map(({ event }) => event)
      .filter((event) => 'userId' in event && event.userId === userId)
  const aMail = (id: string, userId: UserId) => ({
    id,
    recipientHash: 'r',
    userId,
    template: 'password_changed',
    sealed: new Uint8Array([1]),
    ttlSeconds: 600,
  })

  describe('a changed password', () => {
    const change = (userId: UserId, sid: string) =>
      database.store.account.changePassword({ userId, sid }, password, [], context)

    test('ends all sign-ins but one session, which goes on at the new version', async () => {
      const { sessions, refreshTokens, tickets, users, account, outbox } = database.store
      const id = await addPerson(database.store, 'change')
      for (const sid of ['ch-1', 'ch-2', 'ch-3']) await open(sid, id)
      const family = { ...aFamily, sid: 'ch-login', user: { id, version: 1 } }
      await refreshTokens.open(family, {}, context)
      const key = { purpose: 'webauthn', hash: sha('ch'), browserHash: sha('b') } as const
      const ticket = { userId: id, nameKey: null, payload: '{}', attemptsMax: 1, ttlSeconds: 60 }
      await tickets.create({ ...key, ...ticket })
      const before = await headOfLog()
      const actor = { userId: id, sid: 'ch-2' }
      const { waiting } = await outbox.state()
      expect(
        await account.changePassword(actor, password, [aMail('m-change', id)], context),
      ).toEqual({ outcome: 'changed', others: 2 })
      expect((await sessions.list(id, 10)).map(({ family: { sid } }) => sid)).toEqual(['ch-2'])
      expect(await refreshTokens.find('ch-login')).toBeUndefined()
      expect(await tickets.redeem(key)).toBeUndefined()
      expect((await sessions.find('ch-2'))?.family.user).toEqual({ id, version: 2 })
      expect((await users.find(id))?.version).toBe(2)
      expect(await users.findPassword(id)).toMatchObject(password)
      expect(await targetsSince(before)).toEqual([{ kind: 'user', uid: id, belowVersion: 2 }])
      expect(await eventsOf(id)).toContainEqual(
        expect.objectContaining({ event: 'user_password_set', version: 2 }),
      )
      expect((await outbox.state()).waiting).toBe(waiting + 1)
    })

    test('leaves the ways back that were sent by mail', async () => {
      const { tickets } = database.store
      const id = await addPerson(database.store, 'way-back')
      await open('wb-1', id)
      const key = { purpose: 'delete_account', hash: sha('wb'), browserHash: '' } as const
      const ticket = { userId: id, nameKey: null, payload: '{}', attemptsMax: 1, ttlSeconds: 60 }
      await tickets.create({ ...key, ...ticket })
      await change(id, 'wb-1')
      expect(await tickets.redeem(key)).toBeDefined()
    })

    test('is none for a session that has ended, of another person, or of a disabled one', async () => {
      const { sessions, users } = database.store
      const [ann, bob] = [
        await addPerson(database.store, 'none-ann'),
        await addPerson(database.store, 'none-bob'),
      ]
      await open('no-ann', ann)
      await open('no-bob', bob)
      const before = await headOfLog()
      expect(await change(ann, 'no-bob')).toEqual({ outcome: 'session_ended' })
      expect(await change(ann, 'no-session')).toEqual({ outcome: 'session_ended' })
      await sessions.end('no-ann', ann, 'signed_out', context)
      expect(await change(ann, 'no-ann')).toEqual({ outcome: 'session_ended' })
      expect(await users.findPassword(ann)).toBeUndefined()
      expect((await users.find(ann))?.version).toBe(1)
      expect(await targetsSince(before)).toEqual([{ kind: 'sid', sid: 'no-ann' }])
      await users.disable(bob, context)
      expect(await change(bob, 'no-bob')).toEqual({ outcome: 'session_ended' })
    })

    test('from 50 sessions at once is one change: it ends all others', async () => {
      const { sessions, users } = database.store
      const id = await addPerson(database.store, 'race')
      for (const at of callers) await open(`race-${at}`, id)
      const outcomes = await Promise.all(callers.map((at) => change(id, `race-${at}`)))
      const changed = outcomes.filter(({ outcome }) => outcome === 'changed')
      expect(changed).toEqual([{ outcome: 'changed', others: 49 }])
      expect((await users.find(id))?.version).toBe(2)
      expect(await sessions.list(id, 100)).toHaveLength(1)
    })

    test('and the end of its session at the same moment: either one comes first', async () => {
      const { sessions, users } = database.store
      const id = await addPerson(database.store, 'meet')
      for (const at of callers) {
        const sid = `meet-${at}`
        const { version = 0 } = (await users.find(id)) ?? {}
        const user = { id, version }
        const session = aSession(sid, id)
        await sessions.open({ ...session, family: { ...session.family, user } }, {}, context)
        const [changed, ended] = await Promise.all([
          change(id, sid),
          sessions.end(sid, id, 'signed_out', context),
        ])
        expect(ended).toBe('ended')
        const after = (await users.find(id))?.version
        expect(after).toBe(changed.outcome === 'changed' ? version + 1 : version)
        expect(await sessions.find(sid)).toBeUndefined()
      }
    })
  })
})
