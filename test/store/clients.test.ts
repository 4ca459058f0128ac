import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases, type TestDatabase } from './databases.ts'
import { aClient, aFamily, aResource, context } from './records.ts'

describe.each(databases)('clients and resources on $name', ({ start }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await start()
  })
  afterAll(() => database.close())

  async function entriesSince(sequence: number) {
    return (await database.store.revocations.page(sequence, 10)).map(({ target }) => target)
  }

  test('a client is added once and read back as it was', async () => {
    const { clients } = database.store
    expect(await clients.add(aClient, context)).toBe('added')
    expect(await clients.add(aClient, context)).toBe('exists')
    expect(await clients.find('shop')).toEqual(aClient)
    expect(await clients.find('nobody')).toBeUndefined()
  })

  test('clients are listed in pages by id', async () => {
    const { clients } = database.store
    await clients.add({ ...aClient, id: 'another', internalId: 'i2' }, context)
    const first = await clients.list(null, 1)
    expect(first.map(({ id }) => id)).toEqual(['another'])
    expect((await clients.list('another', 10)).map(({ id }) => id)).toEqual(['shop'])
  })

  test('secrets overlap up to a limit; dropping one kills lower versions', async () => {
    const { clients, revocations } = database.store
    const { sequence } = await revocations.head()
    for (const id of ['s2', 's3', 's4', 's5']) {
      const secret = { id, form: 'generated', hash: id, createdAt: aClient.createdAt } as const
      expect(await clients.addSecret('shop', secret, context)).toBe('added')
    }
    const sixth = { id: 's6', form: 'chosen', hash: 'x', createdAt: aClient.createdAt } as const
    expect(await clients.addSecret('shop', sixth, context)).toBe('too_many')
    expect(await clients.addSecret('nobody', sixth, context)).toBe('unknown')
    expect(await clients.dropSecret('shop', 's9', context)).toBe('unknown')
    expect(await clients.dropSecret('shop', 's1', context)).toBe('dropped')
    expect((await clients.find('shop'))?.version).toBe(2)
    expect(await entriesSince(sequence)).toEqual([
      { kind: 'client', cid: aClient.internalId, belowVersion: 2 },
    ])
  })

  test('a change of claims raises the version, another change does not', async () => {
    const { clients } = database.store
    expect(await clients.change('shop', { dpopRequired: true }, false, context)).toBe('changed')
    expect(await clients.find('shop')).toMatchObject({ version: 2, dpopRequired: true })
    expect(await clients.change('shop', { dpopRequired: false }, true, context)).toBe('changed')
    expect(await clients.find('shop')).toMatchObject({ version: 3, dpopRequired: false })
    expect(await clients.change('nobody', {}, true, context)).toBe('unknown')
  })

  test('disabling ends the families and kills lower versions; enabling works at once', async () => {
    const { clients, refreshTokens, revocations } = database.store
    const { sequence } = await revocations.head()
    const family = { ...aFamily, clientVersion: 3 }
    expect(await refreshTokens.open(family, {}, context)).toBe('opened')
    expect(await clients.disable('shop', context)).toBe('disabled')
    expect(await clients.disable('shop', context)).toBe('already')
    expect(await clients.disable('nobody', context)).toBe('unknown')
    expect(await refreshTokens.find(aFamily.sid)).toBeUndefined()
    expect(await refreshTokens.open(family, {}, context)).toBe('stale_client')
    expect(await entriesSince(sequence)).toEqual([
      { kind: 'client', cid: aClient.internalId, belowVersion: 4 },
    ])
    expect(await clients.enable('shop', context)).toBe('enabled')
    expect(await clients.enable('shop', context)).toBe('already')
    expect(await clients.enable('nobody', context)).toBe('unknown')
    expect(await clients.find('shop')).toMatchObject({ version: 4, enabled: true })
  })

  test('a resource in use stays, one that is not used goes', async () => {
    const { clients, resources } = database.store
    expect(await resources.add(aResource, context)).toBe('added')
    expect(await resources.add(aResource, context)).toBe('exists')
    const encryption = { source: 'managed', alg: 'ECDH-ES', enc: 'A256GCM' } as const
    const scopes = ['read', 'write', 'pay']
    const changed = { ...aResource, encryption, scopes, clientId: 'shop' }
    expect(await resources.change(changed, context)).toBe('changed')
    expect(await resources.change({ ...aResource, audience: 'x' }, context)).toBe('unknown')
    expect(await resources.find(aResource.audience)).toEqual(changed)
    expect(await resources.remove(aResource.audience, context)).toBe('in_use')
    await clients.change('shop', { access: [] }, false, context)
    await clients.change('another', { access: [] }, false, context)
    expect(await resources.list()).toEqual([changed])
    expect(await resources.remove(aResource.audience, context)).toBe('removed')
    expect(await resources.remove(aResource.audience, context)).toBe('unknown')
  })

  test('a removed client leaves an entry above its last version', async () => {
    const { clients, revocations } = database.store
    const { sequence } = await revocations.head()
    expect(await clients.remove('shop', context)).toBe('removed')
    expect(await clients.remove('shop', context)).toBe('unknown')
    expect(await clients.find('shop')).toBeUndefined()
    expect(await entriesSince(sequence)).toEqual([
      { kind: 'client', cid: aClient.internalId, belowVersion: 5 },
    ])
  })

  test('each act is one event in the log, in order', async () => {
    const events = (await database.store.audit.list(0, 100)).map(({ event }) => event.event)
    expect(events.filter((event) => event === 'client_added')).toHaveLength(2)
    expect(events.filter((event) => event === 'client_secret_added')).toHaveLength(4)
    expect(events.filter((event) => event === 'client_disabled')).toHaveLength(1)
    expect(events.at(-1)).toBe('client_removed')
  })

  test('changes name each changed record once, the latest last', async () => {
    const { changes } = database.store
    const all = await changes.since(0, 100)
    const names = all.map(({ table, id }) => `${table}/${id}`)
    expect(names).toEqual(['clients/another', 'resources/https://api.test', 'clients/shop'])
    expect(all.at(-1)?.sequence).toBe(await changes.head())
    expect(await changes.since(await changes.head(), 100)).toEqual([])
  })

  test('a client added while its resource is removed: one of both is refused', async () => {
    const { clients, resources } = database.store
    const second = await database.open()
    const { audience } = aResource
    for (let round = 0; round < 20; round += 1) {
      await resources.add(aResource, context)
      const late = { ...aClient, id: `late ${round}`, internalId: `late ${round}` }
      const outcome = await Promise.all([
        resources.remove(audience, context),
        second.clients.add(late, context, [audience]),
      ])
      expect(['in_use, added', 'removed, no_resource']).toContain(outcome.join(', '))
      if (outcome[1] === 'added') await clients.remove(late.id, context)
    }
    await resources.remove(audience, context)
    expect(await clients.add({ ...aClient, id: 'x' }, context, [audience])).toBe('no_resource')
    expect(await clients.find('x')).toBeUndefined()
  })
})
