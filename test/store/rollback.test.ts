import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LogHead } from '../../packages/server/src/store/port/records.ts'
import { databases, type TestDatabase } from './databases.ts'
import { startOfTime } from './ids.ts'
import { aClient, aFamily, aKey, aPerson, aResource, after, context } from './records.ts'
import { savePoint } from './roll-back.ts'

describe.each(databases)('a log that went back on $name', ({ start }) => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await start()
    await database.setNow(startOfTime)
  })
  afterEach(() => database.close())

  const head = () => database.store.revocations.head()
  const revoke = (jti: string) =>
    database.store.revocations.add({ kind: 'token', jti }, after(600), context)
  const isBack = async (known: LogHead) =>
    (await database.store.revocations.headSince(known)).wentBack
  const events = async () => (await database.store.audit.list(0, 1_000)).map(({ event }) => event)
  const begin = (known: LogHead, epoch = 'e2') =>
    database.store.revocations.startEpochAfterRollback(known, epoch, context)

  test('a log that grew, or stands still, continues what was read', async () => {
    expect(await isBack(await head())).toBe(false)
    await revoke('a')
    const known = await head()
    expect(await isBack(known)).toBe(false)
    await revoke('b')
    await database.store.resources.add(aResource, context)
    expect(await isBack(known)).toBe(false)
    expect(await begin(known)).toBe('intact')
  })

  test('a lower number', async () => {
    await revoke('a')
    const rollBack = await savePoint(database)
    await revoke('b')
    const known = await head()
    await rollBack()
    expect(await isBack(known)).toBe(true)
  })

  test('another hash at the same number', async () => {
    const rollBack = await savePoint(database)
    await revoke('a')
    const known = await head()
    await rollBack()
    await revoke('a')
    expect(await isBack(known)).toBe(true)
  })

  test('another hash at a known number of a log that grew beyond it', async () => {
    const rollBack = await savePoint(database)
    await revoke('a')
    const known = await head()
    await rollBack()
    for (const jti of ['b', 'c', 'd']) await revoke(jti)
    expect(await isBack(known)).toBe(true)
  })

  test('no batch that ends at the known number, in a log that grew beyond it', async () => {
    await revoke('a')
    const rollBack = await savePoint(database)
    await revoke('b')
    const known = await head()
    await rollBack()
    const { epoch } = await head()
    const two = ['x', 'y'].map(
      (jti) => ({ target: { kind: 'token', jti }, until: after(9) }) as const,
    )
    await database.store.revocations.heal(epoch, { entries: two, clients: [], users: [] }, context)
    expect(await isBack(known)).toBe(true)
  })

  test('changes alone', async () => {
    const rollBack = await savePoint(database)
    await database.store.resources.add(aResource, context)
    const known = await head()
    await rollBack()
    expect(await isBack(known)).toBe(true)
    await database.store.resources.add(aResource, context)
    expect(await isBack(known)).toBe(true)
  })

  test('an epoch that is lost again', async () => {
    const rollBack = await savePoint(database)
    await database.store.revocations.startEpoch('lost', undefined, context)
    const known = await head()
    await rollBack()
    expect(await isBack(known)).toBe(true)
  })

  test('entries that were pruned leave their hashes, and no rollback is seen', async () => {
    await revoke('a')
    const known = await head()
    await revoke('b')
    await database.setNow(after(5_000))
    while (!(await database.store.prune()).done);
    expect(await database.store.revocations.page(0, 10)).toEqual([])
    expect(await isBack(known)).toBe(false)
  })

  test('one of three nodes begins the new epoch, with its event', async () => {
    await revoke('a')
    const rollBack = await savePoint(database)
    await revoke('b')
    const known = await head()
    await rollBack()
    const second = await database.open()
    const outcomes = await Promise.all([
      begin(known, 'of one'),
      second.revocations.startEpochAfterRollback(known, 'of two', context),
      begin(known, 'of three'),
    ])
    expect(outcomes.toSorted()).toEqual(['begun', 'intact', 'intact'])
    expect(await head()).toMatchObject({ epochStart: startOfTime, fencedAt: 0 })
    expect((await events()).filter(({ event }) => event === 'log_went_back')).toEqual([
      { event: 'log_went_back', known: 2, found: 1, ...context },
    ])
  })

  test('one epoch begins in a minute', async () => {
    await revoke('a')
    const rollBack = await savePoint(database)
    await revoke('b')
    await rollBack()
    const known = { ...(await head()), sequence: 9 }
    expect(await begin(known, 'first')).toBe('begun')
    const again = { ...(await head()), sequence: 9 }
    await database.setNow(after(59))
    expect(await begin(again, 'second')).toBe('too_soon')
    await database.setNow(after(60))
    expect(await begin(again, 'second')).toBe('begun')
  })

  test.each(['restore', 'issuer'] as const)('an epoch after %s is a fence', async (reason) => {
    const { revocations } = database.store
    if (reason === 'issuer') await revocations.startEpoch('e2', undefined, context)
    else await revocations.recover('e2', { disableClients: false }, context)
    expect(await head()).toMatchObject({
      epoch: 'e2',
      fencedAt: startOfTime,
      epochStart: startOfTime,
    })
    expect(await events()).toContainEqual({
      event: 'epoch_started',
      epoch: 'e2',
      reason,
      ...context,
    })
  })

  test('a restored database is made safe: keys burnt, families ended, clients disabled', async () => {
    const { clients, keys, refreshTokens, revocations } = database.store
    await clients.add(aClient, context)
    await refreshTokens.open(aFamily, {}, context)
    await keys.announce({ ...aKey, kid: 'burnt before', state: 'active' }, context)
    const options = { disableClients: true }
    expect(await revocations.recover('e2', options, context)).toEqual({
      lastEventAt: startOfTime,
      keysBurnt: 1,
      clientsDisabled: 1,
    })
    expect(await keys.list()).toEqual([])
    expect(await refreshTokens.find(aFamily.sid)).toBeUndefined()
    expect(await clients.find(aClient.id)).toMatchObject({ enabled: false, version: 2 })
    const kinds = (await revocations.page(0, 10)).map(({ target, until }) => [target.kind, until])
    expect(kinds).toEqual([
      ['issuer', after(86_460)],
      ['key', after(86_460)],
    ])
    expect(await head()).toMatchObject({ epoch: 'e2', fencedAt: startOfTime })
  })

  describe('healing', () => {
    const heal = async (
      entries: Parameters<TestDatabase['store']['revocations']['heal']>[1]['entries'],
      disabled: { readonly clients?: readonly string[]; readonly users?: readonly string[] } = {},
      store = database.store,
    ) => {
      const lost = { entries, clients: [], users: [], ...disabled }
      return store.revocations.heal((await head()).epoch, lost, context)
    }
    const until = after(600)

    test.each([
      { kind: 'token', jti: 'j' },
      { kind: 'sid', sid: 's' },
      { kind: 'client', cid: 'c', belowVersion: 3 },
      { kind: 'user', uid: 'u', belowVersion: 4 },
      { kind: 'claims_stale', uid: 'u', belowVersion: 5 },
      { kind: 'key', kid: 'k' },
      { kind: 'issuer', issuedUpTo: startOfTime },
    ] as const)('writes an entry of kind $kind once', async (target) => {
      expect(await heal([{ target, until }])).toBe('healed')
      const before = await head()
      expect(await heal([{ target, until }])).toBe('nothing_lost')
      expect(await head()).toEqual(before)
      expect(await database.store.revocations.page(0, 10)).toMatchObject([{ target, until }])
    })

    test('two nodes that heal the same entries write them once', async () => {
      const second = await database.open()
      const entries = Array.from({ length: 50 }, (_, n) => ({
        target: { kind: 'token', jti: `lost ${n}` } as const,
        until,
      }))
      await Promise.all([heal(entries), heal(entries.toReversed(), {}, second), heal(entries)])
      expect(await database.store.revocations.page(0, 100)).toHaveLength(50)
      expect((await head()).sequence).toBe(50)
    })

    test('the entries of one batch have one hash, at its end', async () => {
      const entries = ['a', 'b', 'c'].map(
        (jti) => ({ target: { kind: 'token', jti }, until }) as const,
      )
      await heal(entries)
      const { hash } = await head()
      expect(await database.store.revocations.linkUpTo(3)).toEqual({ sequence: 3, hash })
      expect(await database.store.revocations.linkUpTo(2)).toBeUndefined()
    })

    test('raises the version of a client to the lost one, and never lowers it', async () => {
      const { clients, changes } = database.store
      await clients.add({ ...aClient, version: 2 }, context)
      const since = await changes.head()
      const target = { kind: 'client', cid: aClient.internalId } as const
      await heal([{ target: { ...target, belowVersion: 5 }, until }])
      expect((await clients.find(aClient.id))?.version).toBe(5)
      expect(await changes.since(since, 10)).toMatchObject([{ table: 'clients', id: aClient.id }])
      await heal([{ target: { ...target, belowVersion: 4 }, until }])
      expect((await clients.find(aClient.id))?.version).toBe(5)
    })

    test('disables a client again and ends its families', async () => {
      const { clients, refreshTokens } = database.store
      await clients.add(aClient, context)
      await refreshTokens.open(aFamily, {}, context)
      expect(await heal([], { clients: [aClient.internalId] })).toBe('healed')
      expect((await clients.find(aClient.id))?.enabled).toBe(false)
      expect(await refreshTokens.find(aFamily.sid)).toBeUndefined()
      expect(await heal([], { clients: [aClient.internalId] })).toBe('nothing_lost')
      expect(await events()).toContainEqual({
        event: 'log_healed',
        entries: 0,
        clients: 1,
        users: 0,
        keys: 0,
        ...context,
      })
    })

    test('disables a user again and ends the refresh families', async () => {
      const { users, refreshTokens } = database.store
      const { id } = aPerson
      await users.create(aPerson, context)
      await refreshTokens.open({ ...aFamily, subject: id, user: { id, version: 1 } }, {}, context)
      expect(await heal([], { users: [id, 'gone'] })).toBe('healed')
      expect((await users.find(id))?.status).toBe('disabled')
      expect(await refreshTokens.find(aFamily.sid)).toBeUndefined()
      expect(await heal([], { users: [id, 'gone'] })).toBe('nothing_lost')
      expect(await events()).toContainEqual({
        event: 'log_healed',
        entries: 0,
        clients: 0,
        users: 1,
        keys: 0,
        ...context,
      })
      await users.enable(id, context)
      expect((await users.find(id))?.status).toBe('active')
    })

    test('ends the families that a client had when its tokens were revoked', async () => {
      const { clients, refreshTokens } = database.store
      await clients.add(aClient, context)
      await refreshTokens.open(aFamily, {}, context)
      const rollBack = await savePoint(database)
      await clients.revokeTokens(aClient.id, context)
      const [lost] = await database.store.revocations.page(0, 10)
      await rollBack()
      expect(await refreshTokens.find(aFamily.sid)).toBeDefined()
      expect(await heal(lost === undefined ? [] : [lost])).toBe('healed')
      expect(await refreshTokens.find(aFamily.sid)).toBeUndefined()
    })

    test('keeps the families that a client opened after its healing', async () => {
      const { clients, refreshTokens } = database.store
      await clients.add(aClient, context)
      const target = { kind: 'client', cid: aClient.internalId, belowVersion: 5 } as const
      await heal([{ target, until }])
      await refreshTokens.open({ ...aFamily, clientVersion: 5 }, {}, context)
      await heal([{ target, until }])
      expect(await refreshTokens.find(aFamily.sid)).toBeDefined()
    })

    test('ends the family of a lost session', async () => {
      const { clients, refreshTokens } = database.store
      await clients.add(aClient, context)
      await refreshTokens.open(aFamily, {}, context)
      await heal([{ target: { kind: 'sid', sid: aFamily.sid }, until }])
      expect(await refreshTokens.find(aFamily.sid)).toBeUndefined()
    })

    test('burns a key again: its successor is active, and the entry lasts as long as its last token', async () => {
      const { keys, revocations } = database.store
      await keys.announce({ ...aKey, kid: 'k1', state: 'active' }, context)
      await keys.announce({ ...aKey, kid: 'k2' }, context)
      await keys.extend('k1', after(5_000))
      await heal([{ target: { kind: 'key', kid: 'k1' }, until }])
      expect((await keys.list()).map(({ kid, state }) => `${kid} ${state}`)).toEqual(['k2 active'])
      expect(await revocations.page(0, 10)).toMatchObject([
        { target: { kind: 'key', kid: 'k1' }, until: after(5_060) },
      ])
    })

    test('writes nothing in another epoch than it was meant for', async () => {
      const { revocations, clients } = database.store
      await clients.add(aClient, context)
      const before = await head()
      const target = { kind: 'token', jti: 'late' } as const
      const lost = { entries: [{ target, until }], clients: [aClient.internalId], users: [] }
      expect(await revocations.heal('another', lost, context)).toBe('other_epoch')
      expect(await head()).toEqual(before)
      expect((await clients.find(aClient.id))?.enabled).toBe(true)
    })
  })

  test('the disabled clients and users, with the place that they were read at', async () => {
    const { clients, revocations } = database.store
    await clients.add(aClient, context)
    const none = await revocations.disabledRecords()
    const { epoch, changes, changesHash } = await head()
    expect(none).toEqual({ epoch, changes, changesHash, clients: [], users: [] })
    await clients.disable(aClient.id, context)
    expect((await revocations.disabledRecords()).clients).toEqual([aClient.internalId])
    await clients.enable(aClient.id, context)
    expect((await revocations.disabledRecords()).clients).toEqual([])
    const { id } = aPerson
    await database.store.users.create(aPerson, context)
    await database.store.users.disable(id, context)
    expect(await revocations.disabledRecords()).toMatchObject({ clients: [], users: [id] })
    await database.store.users.enable(id, context)
    expect(await revocations.disabledRecords()).toMatchObject({ clients: [], users: [] })
  })
})
