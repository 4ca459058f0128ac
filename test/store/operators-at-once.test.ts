import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { changeUserAccess, changeUserProfile } from '../../packages/server/src/admin/change-user.ts'
import type { OperatorDeps } from '../../packages/server/src/admin/operator.ts'
import { setClient } from '../../packages/server/src/admin/set-client.ts'
import { setResource } from '../../packages/server/src/admin/set-resource.ts'
import { createKeyRing } from '../../packages/server/src/keys/ring.ts'
import { createSeals } from '../../packages/server/src/keys/seal.ts'
import { databases, randomId, startOfTime, type TestDatabase } from './databases.ts'
import { addPerson } from './people.ts'
import { aClient, aResource, context } from './records.ts'

const callers = Array.from({ length: 20 }, (_, caller) => caller)

describe.each(databases)('20 operators at once on $name', ({ start }) => {
  let database: TestDatabase
  let runs: readonly OperatorDeps[]
  beforeAll(async () => {
    database = await start()
    const seals = createSeals(randomBytes(32), randomBytes)
    const times = { periodSeconds: 1000, announceSeconds: 10, leewaySeconds: 60 }
    const now = () => startOfTime
    const depsOf = async (store: OperatorDeps['store']): Promise<OperatorDeps> => {
      const ring = createKeyRing({ store: store.keys, seals, times, now, randomId, randomBytes })
      await ring.start()
      return { store, ring, seals, now, randomBytes, randomId, audit: context }
    }
    runs = [await depsOf(database.store), await depsOf(await database.open())]
    await database.store.resources.add(aResource, context)
    await database.store.clients.add({ ...aClient, access: [] }, context)
  })
  afterAll(() => database.close())

  const depsFor = (caller: number) => {
    const deps = runs[caller % runs.length]
    if (deps === undefined) throw new Error('no run')
    return deps
  }

  test('each gives a client another resource, and it has all of them', async () => {
    const { clients, resources } = database.store
    const audienceOf = (caller: number) => `https://api-${caller}.test`
    for (const caller of callers)
      await resources.add({ ...aResource, audience: audienceOf(caller) }, context)
    const outcomes = await Promise.all(
      callers.map((caller) =>
        setClient('shop', { addAccess: [{ audience: audienceOf(caller) }] }, depsFor(caller)),
      ),
    )
    expect(outcomes.filter(({ ok }) => !ok)).toEqual([])
    const { access = [], version } = (await clients.find('shop')) ?? {}
    expect(new Set(access.map(({ audience }) => audience))).toEqual(
      new Set(callers.map(audienceOf)),
    )
    expect(version).toBe(1)
  })

  test('each takes one resource away, and none is left', async () => {
    const { clients, revocations } = database.store
    const { access = [] } = (await clients.find('shop')) ?? {}
    const { sequence } = await revocations.head()
    await Promise.all(
      access.map(({ audience }, caller) =>
        setClient('shop', { dropAccess: [audience] }, depsFor(caller)),
      ),
    )
    expect(await clients.find('shop')).toMatchObject({ access: [], version: 21 })
    expect(await revocations.page(sequence, 100)).toHaveLength(20)
  })

  test('each sets another life of a resource, and no other setting is lost', async () => {
    const { resources } = database.store
    const { audience } = aResource
    const outcomes = await Promise.all(
      callers.map((caller) => {
        const update = caller % 2 === 0 ? { tokenTtlSeconds: caller + 1 } : { statusList: true }
        return setResource(audience, update, depsFor(caller))
      }),
    )
    expect(outcomes.filter(({ ok }) => !ok)).toEqual([])
    const { tokenTtlSeconds = 0, statusList } = (await resources.find(audience)) ?? {}
    expect([tokenTtlSeconds % 2, statusList]).toEqual([1, true])
  })

  test('one takes the roles of a user while others give scopes, and no role comes back', async () => {
    const { users } = database.store
    const { audience } = aResource
    for (const round of ['a', 'b', 'c']) {
      const id = await addPerson(database.store, `person-${round}`)
      await users.setAccess(id, { audience, scopes: [], roles: ['admin'] }, context)
      const outcomes = await Promise.all(
        callers.map((caller) => {
          const change = caller === 7 ? { roles: '' } : { scope: caller % 2 ? 'read' : 'write' }
          return changeUserAccess(id, { audience, ...change }, depsFor(caller))
        }),
      )
      expect(outcomes.filter(({ ok }) => !ok)).toEqual([])
      expect(await users.listAccess(id)).toMatchObject([{ roles: [] }])
    }
  })

  test('each sets another claim of a profile or removes one, and no change is lost', async () => {
    const { users } = database.store
    const id = await addPerson(database.store, 'profile')
    const claims = ['name', 'given_name', 'family_name', 'nickname', 'address.country'] as const
    await users.setProfile(id, { zoneinfo: 'Europe/Berlin', gender: 'x' }, context)
    const changes = [
      ...claims.map((claim) => ({ claim, value: `new ${claim}` })),
      { claim: 'zoneinfo', value: null },
    ]
    const outcomes = await Promise.all(
      changes.map((change, caller) => changeUserProfile(id, [change], depsFor(caller))),
    )
    expect(outcomes.filter(({ ok }) => !ok)).toEqual([])
    expect((await users.find(id))?.profile).toEqual({
      name: 'new name',
      given_name: 'new given_name',
      family_name: 'new family_name',
      nickname: 'new nickname',
      gender: 'x',
      address: { country: 'new address.country' },
    })
  })
})
