import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases, type TestDatabase } from './databases.ts'
import { aClient, aKey, aResource, context } from './records.ts'

describe.each(databases)('names that are free again on $name', ({ start }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await start()
  })
  afterAll(() => database.close())

  test('a client is in use while a resource names it', async () => {
    const { clients, resources } = database.store
    await clients.add(aClient, context)
    const mine = { ...aResource, audience: 'https://mine.test', clientId: aClient.id }
    expect(await resources.add(mine, context, aClient.id)).toBe('added')
    expect(await clients.remove(aClient.id, context)).toBe('in_use')
    expect(await resources.remove(mine.audience, context)).toBe('removed')
    expect(await clients.remove(aClient.id, context)).toBe('removed')
    expect(await resources.add(mine, context, aClient.id)).toBe('no_client')
  })

  test('a client removed while a resource takes its name: one of both is refused', async () => {
    const { clients, resources } = database.store
    const second = await database.open()
    for (let round = 0; round < 20; round += 1) {
      await clients.add(aClient, context)
      const mine = { ...aResource, audience: `https://mine.test/${round}`, clientId: aClient.id }
      const outcome = await Promise.all([
        clients.remove(aClient.id, context),
        second.resources.add(mine, context, aClient.id),
      ])
      expect(['in_use, added', 'removed, no_client']).toContain(outcome.join(', '))
      await resources.remove(mine.audience, context)
      await clients.remove(aClient.id, context)
    }
  })

  test.each([
    ['encryption', 'ECDH-ES', { source: 'managed', alg: 'ECDH-ES', enc: 'A256GCM' }],
    ['token', 'HS256', null],
  ] as const)('a new resource burns the %s keys of a former one of its name', async (...row) => {
    const [purpose, alg, encryption] = row
    const { keys, resources, revocations, changes, audit } = database.store
    const audience = `https://${purpose}.test`
    const resource = { ...aResource, audience, encryption, tokenAlg: alg }
    await resources.add(resource, context)
    const key = { ...aKey, purpose, alg, audience } as const
    expect(await keys.announce({ ...key, kid: `own of ${purpose}` }, context)).toBe('announced')
    await resources.remove(audience, context)
    const other = { ...aResource, audience: `${audience}/other` }
    const [{ sequence }, seen] = [await revocations.head(), await changes.head()]
    await resources.add(other, context)
    expect((await keys.list()).map(({ kid }) => kid)).toContain(`own of ${purpose}`)
    await resources.add(resource, context)
    expect((await keys.list()).map(({ kid }) => kid)).not.toContain(`own of ${purpose}`)
    expect(await revocations.page(sequence, 9)).toMatchObject([
      { target: { kind: 'key', kid: `own of ${purpose}` } },
    ])
    const changed = (await changes.since(seen, 9)).map(({ id }) => id)
    expect(changed).toEqual(expect.arrayContaining([`own of ${purpose}`, audience]))
    const events = (await audit.list(0, 1_000)).map(({ event }) => event)
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'key_burnt', kid: `own of ${purpose}` }),
    )
  })
})
