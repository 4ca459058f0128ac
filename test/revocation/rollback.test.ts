import { createLiveIndex, parseFeedMessage, type FeedMessage } from '@countersign/guard/revocations'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFeed } from '../../packages/server/src/revocation/feed.ts'
import type { Store } from '../../packages/server/src/store/port/store.ts'
import { databases, type TestDatabase } from '../store/databases.ts'
import { randomId, startOfTime } from '../store/ids.ts'
import { aClient, aPerson, aKey, aResource, after, context } from '../store/records.ts'
import { savePoint } from '../store/roll-back.ts'

/** A node that reads when it is asked to, and what its feed says. */
async function startNode(store: Store) {
  const index = createLiveIndex()
  const messages: FeedMessage[] = []
  const epochs: string[] = []
  const feed = createFeed({
    store,
    issuer: 'https://issuer.example',
    sign: (claims) => JSON.stringify(claims),
    keysFingerprint: () => 'k',
    now: () => startOfTime,
    randomId,
    index,
    onFault: (fault) => {
      throw fault
    },
    heartbeatSeconds: 3_600,
  })
  await feed.start()
  const { epoch } = await store.revocations.head()
  feed.subscribe({ epoch, after: 0 }, ({ token }) => {
    const message = parseFeedMessage(JSON.parse(token))
    if (message.ok) messages.push(message.value)
  })
  feed.onEpoch(async () => void epochs.push((await store.revocations.head()).epoch))
  return { feed, index, messages, epochs }
}

describe.each(databases)('nodes that survive a rollback on $name', ({ start }) => {
  let database: TestDatabase
  let nodes: readonly Awaited<ReturnType<typeof startNode>>[]
  beforeEach(async () => {
    database = await start()
    await database.setNow(startOfTime)
    nodes = [await startNode(database.store), await startNode(await database.open())]
  })
  afterEach(async () => {
    for (const { feed } of nodes) feed.close()
    await database.close()
  })

  const one = () => nodes[0] ?? fail()
  const other = () => nodes[1] ?? fail()
  const fail = (): never => {
    throw new Error('a node is missing')
  }
  const pumpAll = async () => {
    for (const { feed } of nodes) await feed.pump()
  }
  const head = () => database.store.revocations.head()
  const revoke = (jti: string, until = after(600)) =>
    database.store.revocations.add({ kind: 'token', jti }, until, context)
  const inLog = async () =>
    (await database.store.revocations.page(0, 100)).map(({ target }) =>
      target.kind === 'token' ? target.jti : target.kind,
    )
  const verdicts = (jti: string) => nodes.map(({ index }) => index.check({ jti, iat: startOfTime }))

  test('write what they had read again, under a new epoch that their feeds state', async () => {
    await revoke('kept')
    const rollBack = await savePoint(database)
    for (const jti of ['a', 'b', 'c']) await revoke(jti)
    await pumpAll()
    const before = await head()
    await rollBack()
    await pumpAll()
    const now = await head()
    expect(now.epoch).not.toBe(before.epoch)
    expect(now).toMatchObject({ epochStart: startOfTime, fencedAt: 0 })
    expect(await inLog()).toEqual(['kept', 'a', 'b', 'c'])
    for (const jti of ['kept', 'a', 'b', 'c']) expect(verdicts(jti)).toEqual(['revoked', 'revoked'])
    for (const { messages, epochs } of nodes) {
      expect(messages.at(-1)).toMatchObject({
        epoch: now.epoch,
        epochStart: startOfTime,
        to: now.sequence,
        toHash: now.hash,
      })
      expect(new Set(epochs)).toEqual(new Set([now.epoch]))
    }
  })

  test('each write what only they had read', async () => {
    const rollBack = await savePoint(database)
    await revoke('of both')
    await one().feed.pump()
    await revoke('of the other')
    await other().feed.pump()
    await rollBack()
    await pumpAll()
    await pumpAll()
    expect((await inLog()).toSorted()).toEqual(['of both', 'of the other'])
    expect(verdicts('of the other')).toEqual(['revoked', 'revoked'])
  })

  test('notice a log that grew beyond theirs again', async () => {
    const rollBack = await savePoint(database)
    await revoke('lost')
    await pumpAll()
    await rollBack()
    for (const jti of ['x', 'y', 'z']) await revoke(jti)
    await pumpAll()
    expect((await inLog()).toSorted()).toEqual(['lost', 'x', 'y', 'z'])
    for (const jti of ['lost', 'x', 'y', 'z']) expect(verdicts(jti)).toEqual(['revoked', 'revoked'])
  })

  test('publish later revocations at once', async () => {
    const rollBack = await savePoint(database)
    for (const jti of ['a', 'b']) await revoke(jti)
    await pumpAll()
    await rollBack()
    await pumpAll()
    await revoke('later')
    await pumpAll()
    for (const { messages } of nodes) {
      expect(messages.at(-1)?.entries.map(([, , id]) => id)).toEqual(['later'])
    }
  })

  test('leave out what no token can concern any more', async () => {
    const rollBack = await savePoint(database)
    await revoke('dead by now', startOfTime)
    await revoke('alive')
    await pumpAll()
    await rollBack()
    await pumpAll()
    expect(await inLog()).toEqual(['alive'])
  })

  test('disable a client and a user again, burn a key again, and raise a version again', async () => {
    const { clients, keys, users } = database.store
    const second = { ...aClient, id: 'second', internalId: 'internal-of-second' }
    await clients.add(aClient, context)
    await clients.add(second, context)
    await users.create(aPerson, context)
    await keys.announce({ ...aKey, kid: 'stolen', state: 'active' }, context)
    await pumpAll()
    const rollBack = await savePoint(database)
    await clients.disable(aClient.id, context)
    await clients.revokeTokens(second.id, context)
    await keys.burn('stolen', context)
    await users.disable(aPerson.id, context)
    await pumpAll()
    await rollBack()
    expect((await clients.find(aClient.id))?.enabled).toBe(true)
    expect((await users.find(aPerson.id))?.status).toBe('active')
    await pumpAll()
    expect(await clients.find(aClient.id)).toMatchObject({ enabled: false, version: 2 })
    expect(await clients.find(second.id)).toMatchObject({ enabled: true, version: 2 })
    expect(await users.find(aPerson.id)).toMatchObject({ status: 'disabled', version: 2 })
    expect(await keys.list()).toEqual([])
    expect((await inLog()).toSorted()).toEqual(['client', 'client', 'key', 'user'])
  })

  test('leave a client and a user enabled that were enabled again before the rollback', async () => {
    const { clients, resources, users } = database.store
    await clients.add(aClient, context)
    await users.create(aPerson, context)
    await clients.disable(aClient.id, context)
    await users.disable(aPerson.id, context)
    await pumpAll()
    await clients.enable(aClient.id, context)
    await users.enable(aPerson.id, context)
    await pumpAll()
    const rollBack = await savePoint(database)
    await resources.add(aResource, context)
    await pumpAll()
    await rollBack()
    await pumpAll()
    expect((await clients.find(aClient.id))?.enabled).toBe(true)
    expect((await users.find(aPerson.id))?.status).toBe('active')
  })

  test.each(['restore', 'issuer'] as const)('write nothing again after %s', async (reason) => {
    const rollBack = await savePoint(database)
    await revoke('before it')
    await pumpAll()
    await rollBack()
    const { revocations } = database.store
    if (reason === 'issuer') await revocations.startEpoch('fenced', undefined, context)
    else await revocations.recover('fenced', { disableClients: false }, context)
    await pumpAll()
    expect(await inLog()).toEqual(['issuer'])
    for (const { epochs } of nodes) expect(epochs).toEqual(['fenced'])
  })

  test('revoke everything again when the log loses that', async () => {
    const rollBack = await savePoint(database)
    await database.store.revocations.startEpoch('lost', undefined, context)
    await pumpAll()
    await rollBack()
    await pumpAll()
    expect((await head()).epoch).not.toBe('lost')
    expect(await inLog()).toEqual(['issuer'])
  })

  test('count the log as unread when it goes back twice in a minute, and then go on', async () => {
    const rollBack = await savePoint(database)
    await revoke('a')
    await pumpAll()
    await rollBack()
    await pumpAll()
    const again = await savePoint(database)
    await revoke('b')
    await pumpAll()
    await again()
    await expect(one().feed.pump()).rejects.toThrow('twice within a minute')
    expect(verdicts('b')).toEqual(['revoked', 'revoked'])
    await database.setNow(after(61))
    await pumpAll()
    expect((await inLog()).toSorted()).toEqual(['a', 'b'])
  })

  test('write more entries than one transaction takes', async () => {
    const rollBack = await savePoint(database)
    const entries = Array.from({ length: 450 }, (_, n) => ({
      target: { kind: 'token', jti: `t${n}` } as const,
      until: after(600),
    }))
    await database.store.revocations.heal(
      (await head()).epoch,
      { entries, clients: [], users: [] },
      context,
    )
    await pumpAll()
    await rollBack()
    await pumpAll()
    expect(await database.store.revocations.page(0, 1_000)).toHaveLength(450)
  })
})
