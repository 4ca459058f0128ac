import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ClientChange, ClientChangeFacts } from '../../packages/server/src/store/port/store.ts'
import type { NameKey, UserId } from '../../packages/server/src/store/port/user-records.ts'
import { databases, type TestDatabase } from './databases.ts'
import { aClient, aFamily, aKey, aResource, context } from './records.ts'

const managed = { source: 'managed', alg: 'ECDH-ES', enc: 'A256GCM' } as const

/** Callers that change one record at once. */
const callers = Array.from({ length: 50 }, (_, caller) => caller)

describe.each(databases)('changed settings on $name', ({ start }) => {
  let database: TestDatabase
  let second: TestDatabase['store']
  beforeAll(async () => {
    database = await start()
    second = await database.open()
  })
  afterAll(() => database.close())

  beforeEach(async () => {
    const { clients, resources } = database.store
    for (const { id } of await clients.list(null, 1_000)) {
      for (const { audience, clientId, ...rest } of await resources.list())
        if (clientId === id) await resources.change({ ...rest, audience, clientId: null }, context)
      await clients.remove(id, context)
    }
    for (const { audience } of await resources.list()) await resources.remove(audience, context)
    await resources.add(aResource, context)
    await clients.add(aClient, context)
  })

  async function recordsOf(act: () => Promise<unknown>) {
    const { audit, revocations } = database.store
    const before = (await audit.list(0, 10_000)).length
    const { sequence } = await revocations.head()
    const outcome = await act()
    const events = (await audit.list(0, 10_000)).slice(before).map(({ event }) => event.event)
    const entries = (await revocations.page(sequence, 100)).map(({ target }) => target)
    return { outcome, events, entries }
  }

  const entry = { kind: 'client', cid: aClient.internalId, belowVersion: 2 }
  const event = 'client_changed'
  const { audience } = aResource
  const pay = [{ audience, scopes: ['pay'] }]
  const none = { grantTypes: [], authentication: 'none', secrets: [] }
  const rows: readonly {
    readonly name: string
    readonly change: ClientChange
    readonly raises?: boolean
    readonly facts?: ClientChangeFacts
    readonly outcome: string
    readonly writes?: { readonly events?: readonly string[]; readonly entries?: readonly object[] }
  }[] = [
    {
      name: 'a grant more, decided from the present record',
      change: { grantTypes: [...aClient.grantTypes, 'a'] },
      facts: { was: aClient },
      outcome: 'changed',
      writes: { events: [event] },
    },
    {
      name: 'a grant less, with the tokens of before revoked',
      change: { grantTypes: [] },
      raises: true,
      facts: { was: aClient },
      outcome: 'changed',
      writes: { events: [event], entries: [entry] },
    },
    {
      name: 'a decision from a record with other grants',
      change: { grantTypes: [] },
      raises: true,
      facts: { was: { ...aClient, grantTypes: ['client_credentials'] } },
      outcome: 'stale',
    },
    {
      name: 'a decision from a record of a former client of that name',
      change: { grantTypes: [] },
      facts: { was: { ...aClient, internalId: 'former' } },
      outcome: 'stale',
    },
    {
      name: 'a decision from before a secret was added',
      change: { grantTypes: [] },
      facts: { was: { ...aClient, secrets: [], version: 0 } },
      outcome: 'changed',
      writes: { events: [event] },
    },
    {
      name: 'a scope that the resource does not have',
      change: { access: pay },
      facts: { was: aClient, resources: [audience] },
      outcome: 'no_resource',
    },
    {
      name: 'a resource that is gone',
      change: { access: [{ audience: 'https://gone.test', scopes: [] }] },
      facts: { was: aClient, resources: ['https://gone.test'] },
      outcome: 'no_resource',
    },
    {
      name: 'an authentication less, where no resource needs it',
      change: none,
      raises: true,
      facts: { was: aClient, endFamilies: true },
      outcome: 'changed',
      writes: { events: [event], entries: [entry] },
    },
  ]
  test.each(rows)('$name: $outcome', async (row) => {
    const { clients } = database.store
    const { change, raises = false, facts = {}, outcome, writes = {} } = row
    const seen = await recordsOf(() => clients.change('shop', change, raises, context, facts))
    expect(seen).toEqual({ outcome, events: [], entries: [], ...writes })
    const expected = { ...(outcome === 'changed' ? change : {}), version: raises ? 2 : 1 }
    expect(await clients.find('shop')).toEqual({
      ...aClient,
      ...(outcome === 'changed' ? expected : {}),
    })
  })

  test('a client that a resource gives managed keys goes on to authenticate', async () => {
    const { clients, resources } = database.store
    await resources.change({ ...aResource, clientId: 'shop', encryption: managed }, context)
    const seen = await recordsOf(() => clients.change('shop', none, true, context))
    expect(seen).toEqual({ outcome: 'in_use', events: [], entries: [] })
    expect(await clients.find('shop')).toEqual(aClient)
  })

  test('a client that proves nothing gets no managed keys', async () => {
    const { clients, resources } = database.store
    await clients.change('shop', none, true, context)
    const next = { ...aResource, clientId: 'shop', encryption: managed }
    expect(await resources.change(next, context, aResource)).toBe('no_client')
    const another = { ...next, audience: 'https://other.test' }
    expect(await resources.add(another, context, 'shop')).toBe('no_client')
    expect(await resources.list()).toEqual([aResource])
  })

  test('families end only where the change says so', async () => {
    const { clients, refreshTokens } = database.store
    await refreshTokens.open(aFamily, {}, context)
    await clients.change('shop', { grantTypes: ['refresh_token'] }, true, context)
    expect(await refreshTokens.find(aFamily.sid)).toBeDefined()
    await clients.change('shop', { grantTypes: [] }, true, context, { endFamilies: true })
    expect(await refreshTokens.find(aFamily.sid)).toBeUndefined()
  })

  test('of 50 decisions from one record, one is done', async () => {
    const outcomes = await Promise.all(
      callers.map((caller) => {
        const { clients } = caller % 2 === 0 ? database.store : second
        const change = { grantTypes: [`grant ${caller}`] }
        return clients.change('shop', change, true, context, { was: aClient })
      }),
    )
    expect(outcomes.filter((outcome) => outcome === 'changed')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'stale')).toHaveLength(49)
    const winner = outcomes.indexOf('changed')
    expect(await second.clients.find('shop')).toMatchObject({
      version: 2,
      grantTypes: [`grant ${winner}`],
    })
  })

  test('of 50 changes of a resource from one record, one is done', async () => {
    const outcomes = await Promise.all(
      callers.map((caller) => {
        const { resources } = caller % 2 === 0 ? database.store : second
        return resources.change({ ...aResource, tokenTtlSeconds: caller + 1 }, context, aResource)
      }),
    )
    expect(outcomes.filter((outcome) => outcome === 'changed')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'stale')).toHaveLength(49)
    const { tokenTtlSeconds } = (await second.resources.find(audience)) ?? {}
    expect(tokenTtlSeconds).toBe(outcomes.indexOf('changed') + 1)
  })

  test('a scope stays while a client has it, and its users are named', async () => {
    const { clients, resources } = database.store
    const names = ['a', 'b', 'c']
    for (const id of names) await clients.add({ ...aClient, id, internalId: id }, context)
    const fewer = { ...aResource, scopes: ['read'] }
    const seen = await recordsOf(() => resources.change(fewer, context, aResource))
    expect(seen).toEqual({ outcome: 'in_use', events: [], entries: [] })
    expect(await resources.users(audience, ['write'], 2)).toEqual(['a', 'b'])
    expect(await resources.users(audience, null, 10)).toEqual([...names, 'shop'])
    expect(await resources.users('https://api.tes_', null, 10)).toEqual([])
    const access = [{ audience, scopes: ['read'] }]
    for (const id of [...names, 'shop']) await clients.change(id, { access }, true, context)
    expect(await resources.users(audience, ['write'], 10)).toEqual([])
    expect(await resources.change(fewer, context, aResource)).toBe('changed')
  })

  test('a scope stays while a user has it', async () => {
    const { clients, resources, users } = database.store
    await clients.change('shop', { access: [] }, false, context)
    const access = [{ audience, scopes: ['write'], roles: [] }]
    const id = 'u1' as UserId
    const name = { key: 'u1' as NameKey, kind: 'username', shown: 'u1', isVerified: false } as const
    const handle = new Uint8Array(32)
    const user = { id, handle, profile: {}, names: [name], access, password: null }
    expect(await users.create(user, context)).toEqual({ outcome: 'created' })
    const fewer = { ...aResource, scopes: ['read'] }
    expect(await resources.change(fewer, context, aResource)).toBe('held_by_users')
    const capital = { ...aResource, scopes: ['read', 'write', 'Write'] }
    expect(await resources.change(capital, context, aResource)).toBe('changed')
    expect(await resources.change(aResource, context, capital)).toBe('changed')
    expect(await resources.find(audience)).toEqual(aResource)
    await users.setAccess(id, { audience, scopes: ['read'], roles: [] }, context)
    expect(await resources.change(fewer, context, aResource)).toBe('changed')
    expect(await users.setAccess(id, { audience, scopes: ['write'], roles: [] }, context)).toBe(
      'no_resource',
    )
    const other = { ...user, id: 'u2' as UserId, names: [{ ...name, key: 'u2' as NameKey }] }
    expect(await users.create(other, context)).toEqual({ outcome: 'no_resource' })
    expect(await users.erase(id, context)).toBe('erased')
  })

  test('a scope is given to a client while the resource loses it: one of both is refused', async () => {
    const { clients } = database.store
    const access = [{ audience, scopes: ['read', 'write'] }]
    const fewer = { ...aResource, scopes: ['read'] }
    await clients.change('shop', { access: [] }, false, context)
    for (let round = 0; round < 20; round += 1) {
      const outcome = await Promise.all([
        second.resources.change(fewer, context, aResource),
        clients.change('shop', { access }, false, context, { resources: [audience] }),
      ])
      expect(['in_use, changed', 'changed, no_resource']).toContain(outcome.join(', '))
      await clients.change('shop', { access: [] }, false, context)
      await second.resources.change(aResource, context)
    }
  })

  const keyRows = [
    ['another client acts for it', { clientId: 'other' }, 'retired'],
    ['no client acts for it', { clientId: null, encryption: null }, 'retired'],
    ['its keys are of another curve', { encryption: { ...managed, curve: 'P-256' } }, 'retired'],
    [
      'its keys are of the curve by default',
      { encryption: { ...managed, curve: 'X25519' } },
      'active',
    ],
    ['its tokens live longer', { tokenTtlSeconds: 900 }, 'active'],
  ] as const
  test.each(keyRows)('of a resource whose keys are managed, %s: the key is %s', async (...row) => {
    const [name, over, state] = row
    const { clients, resources, keys } = database.store
    await clients.add({ ...aClient, id: 'other', internalId: 'other' }, context)
    const own = { ...aResource, audience: `https://${name.length}.test` }
    const before = { ...own, clientId: 'shop', encryption: managed }
    await resources.add(before, context, 'shop')
    const key = {
      ...aKey,
      kid: name,
      alg: managed.alg,
      purpose: 'encryption',
      audience: own.audience,
      state: 'active',
    } as const
    expect(await keys.announce(key, context)).toBe('announced')
    expect(await resources.change({ ...before, ...over }, context, before)).toBe('changed')
    expect((await keys.list()).find(({ kid }) => kid === name)?.state).toBe(state)
  })
})
