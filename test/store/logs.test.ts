import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AuditEvent } from '../../packages/server/src/audit/events.ts'
import type { KeyRecord } from '../../packages/server/src/store/port/records.ts'
import type { SpentId } from '../../packages/server/src/store/port/spending.ts'
import { databases, type TestDatabase } from './databases.ts'
import { randomId, startOfTime } from './ids.ts'
import { aClient, aFamily, aKey, aResource, after, context } from './records.ts'

describe.each(databases)('keys, revocations, changes and audit on $name', ({ start }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await start()
  })
  afterAll(() => database.close())
  beforeEach(() => database.setNow(startOfTime))

  async function states() {
    const keys = await database.store.keys.list()
    return Object.fromEntries(keys.map(({ kid, state }) => [kid, state]))
  }

  test('keys: announced, active, retired, gone; one per state; two nodes may try', async () => {
    const { keys } = database.store
    const second = await database.open()
    const twice = await Promise.all([
      keys.announce(aKey, context),
      second.keys.announce({ ...aKey, kid: 'k1 of another node' }, context),
    ])
    expect(twice.toSorted()).toEqual(['announced', 'exists'])
    const [first] = await keys.list()
    const kid = first?.kid ?? ''
    expect(first).toEqual({ ...aKey, kid })
    const race = await Promise.all([
      keys.advance(kid, 'announced', 'active', context),
      second.keys.advance(kid, 'announced', 'active', context),
    ])
    expect(race.toSorted()).toEqual(['advanced', 'lost'])
    await keys.announce({ ...aKey, kid: 'k2' }, context)
    expect(await keys.extend(kid, after(700))).toBe('extended')
    expect(await keys.extend(kid, after(500))).toBe('extended')
    expect(await keys.extend('nobody', after(500))).toBe('lost')
    expect(await keys.advance('k2', 'announced', 'active', context)).toBe('advanced')
    expect(await states()).toEqual({ [kid]: 'retired', k2: 'active' })
    expect(await keys.advance('k2', 'active', 'announced', context)).toBe('lost')
    expect(await keys.advance(kid, 'retired', 'active', context)).toBe('lost')
    await database.setNow(after(760))
    expect(await keys.advance(kid, 'retired', 'gone', context)).toBe('lost')
    await database.setNow(after(761))
    expect(await keys.advance(kid, 'retired', 'gone', context)).toBe('advanced')
    expect(await states()).toEqual({ k2: 'active' })
  })

  test('a burnt key has its successor at once, and an entry until its last promise', async () => {
    const { keys, revocations } = database.store
    const { sequence } = await revocations.head()
    await keys.announce({ ...aKey, kid: 'k3' }, context)
    await keys.extend('k2', after(900))
    expect(await keys.burn('k2', context)).toBe('burnt')
    expect(await keys.burn('k2', context)).toBe('unknown')
    expect(await states()).toEqual({ k3: 'active' })
    expect(await revocations.page(sequence, 10)).toMatchObject([
      { target: { kind: 'key', kid: 'k2' }, until: after(960) },
    ])
  })

  test('encryption keys: only of a resource that is encrypted to them, and retired with it', async () => {
    const { keys, resources } = database.store
    const second = await database.open()
    const alg = 'ECDH-ES'
    const audience = 'https://secret.test'
    const encryption = { source: 'managed', alg, enc: 'A256GCM' } as const
    const resource = { ...aResource, audience, encryption }
    const key = { ...aKey, purpose: 'encryption', alg, audience } as const
    const announce = (kid: string, over: Partial<KeyRecord> = {}, by = keys) =>
      by.announce({ ...key, kid, ...over }, context)
    expect(await announce('e1')).toBe('unwanted')
    await resources.add(resource, context)
    expect(await announce('e1', { alg: 'RSA-OAEP-256' })).toBe('unwanted')
    expect(await announce('e1', { state: 'active' })).toBe('announced')
    expect(await announce('e2')).toBe('announced')
    expect(await announce('e3')).toBe('exists')
    const { changes } = second
    const since = await changes.head()
    const other = { ...encryption, alg: 'RSA-OAEP-256' }
    expect(await resources.change({ ...resource, encryption: other }, context)).toBe('changed')
    expect(await states()).toMatchObject({ e1: 'retired', e2: 'retired' })
    const ids = (await changes.since(since, 10)).map(({ id }) => id)
    expect(ids.toSorted()).toEqual(['e1', 'e2', audience])
    const race = await Promise.all([
      resources.remove(audience, context),
      announce('e4', { alg: 'RSA-OAEP-256' }, second.keys),
    ])
    expect(race[0]).toBe('removed')
    const { e4 = 'none' } = await states()
    expect(e4).toBe(race[1] === 'announced' ? 'retired' : 'none')
    await database.setNow(after(700))
    for (const kid of Object.keys(await states()).filter((name) => name.startsWith('e')))
      expect(await keys.advance(kid, 'retired', 'gone', context)).toBe('advanced')
  })

  test('a reseal replaces all seals or none', async () => {
    const { keys } = database.store
    const sealed = new Uint8Array([9])
    const [{ sealed: former } = aKey] = await keys.list()
    expect(await keys.reseal([], context)).toBe('stale')
    expect(await keys.reseal([{ kid: 'other', former, sealed }], context)).toBe('stale')
    expect(await keys.reseal([{ kid: 'k3', former: sealed, sealed }], context)).toBe('stale')
    expect(await keys.reseal([{ kid: 'k3', former, sealed }], context)).toBe('resealed')
    const [key] = await keys.list()
    expect(Buffer.from(key?.sealed ?? [])).toEqual(Buffer.from([9]))
  })

  test('of two reseals that began with the same seals one succeeds, and the other is refused', async () => {
    const { keys } = database.store
    const second = await database.open()
    const standing = await keys.list()
    const under = (sealed: Uint8Array) =>
      standing.map((key) => ({ kid: key.kid, former: key.sealed, sealed }))
    const outcomes = await Promise.all([
      keys.reseal(under(new Uint8Array([2])), context),
      second.keys.reseal(under(new Uint8Array([3])), context),
    ])
    expect(outcomes.toSorted()).toEqual(['resealed', 'stale'])
    const [key] = await keys.list()
    expect([...(key?.sealed ?? [])]).toEqual(outcomes[0] === 'resealed' ? [2] : [3])
  })

  async function aStandingKey(): Promise<KeyRecord> {
    const { keys } = database.store
    await keys.announce({ ...aKey, kid: 'stands', alg: 'stands' }, context)
    const found = (await keys.list()).find(({ kid }) => kid === 'stands')
    if (found === undefined) throw new Error('no key stands')
    return found
  }

  test('a key is announced under a seal that is still valid, or not at all', async () => {
    const { keys } = database.store
    const { kid, sealed } = await aStandingKey()
    const other = { ...aKey, alg: 'ES384' }
    expect(await keys.announce(other, context, { kid, sealed: new Uint8Array([7]) })).toBe(
      'resealed',
    )
    expect(await keys.announce(other, context, { kid: 'gone', sealed })).toBe('resealed')
    expect(await keys.announce({ ...other, kid: 'k4' }, context, { kid, sealed })).toBe('announced')
    expect(await keys.burn('k4', context)).toBe('burnt')
  })

  test('keys announced while others are resealed: each has the new seal, or nothing changed', async () => {
    const { keys } = database.store
    const second = await database.open()
    const standingUnder = (standing: readonly KeyRecord[], round: number) =>
      standing.map(({ kid, sealed }) => ({
        kid,
        former: sealed,
        sealed: new Uint8Array([1, round]),
      }))
    await aStandingKey()
    await keys.reseal(standingUnder(await keys.list(), 0), context)
    const outcomes = new Set<string>()
    for (let round = 1; round <= 20; round += 1) {
      const { kid, sealed } = await aStandingKey()
      const all = standingUnder(await keys.list(), round)
      const made = { ...aKey, kid: `made ${round}`, alg: `alg ${round}`, sealed }
      const outcome = await Promise.all(
        round % 2 === 0
          ? [second.keys.announce(made, context, { kid, sealed }), keys.reseal(all, context)]
          : [keys.reseal(all, context), second.keys.announce(made, context, { kid, sealed })],
      )
      outcomes.add(outcome.toSorted().join(', '))
      const seals = (await keys.list()).map((key) => Buffer.from(key.sealed).toString('hex'))
      expect(new Set(seals).size).toBe(1)
      await keys.burn(made.kid, context)
    }
    for (const outcome of outcomes) {
      expect(['announced, stale', 'resealed, resealed']).toContain(outcome)
    }
  })

  test('entries: gap-free over two nodes, in order, one for the same thing', async () => {
    const { revocations } = database.store
    const second = await database.open()
    const before = (await revocations.head()).sequence
    const written = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        (index % 2 === 0 ? revocations : second.revocations).add(
          { kind: 'token', jti: `jti ${index}` },
          after(600),
          context,
        ),
      ),
    )
    const numbers = written
      .map((entry) => (entry === 'spent' ? 0 : entry.sequence))
      .toSorted((a, b) => a - b)
    expect(numbers).toEqual(Array.from({ length: 40 }, (_, index) => before + 1 + index))
    const again = await revocations.add({ kind: 'token', jti: 'jti 7' }, after(600), context)
    expect(again).toEqual(written[7])
    expect((await second.revocations.head()).sequence).toBe(before + 40)
  })

  test.each([
    { kind: 'token', jti: 'j' },
    { kind: 'sid', sid: 's' },
    { kind: 'client', cid: 'c', belowVersion: 3 },
    { kind: 'user', uid: 'u', belowVersion: 4 },
    { kind: 'claims_stale', uid: 'u', belowVersion: 5 },
    { kind: 'key', kid: 'k' },
    { kind: 'issuer', issuedUpTo: startOfTime },
  ] as const)('an entry of kind $kind comes back as it was', async (target) => {
    const { revocations } = database.store
    const { sequence } = await revocations.head()
    const entry = await revocations.add(target, after(600), context)
    expect(entry).toEqual({ sequence: sequence + 1, target, at: startOfTime, until: after(600) })
    expect(await revocations.page(sequence, 10)).toEqual([entry])
  })

  test('an entry disappears when no token can concern it, and an hour has passed that a clock may be ahead', async () => {
    const { revocations } = database.store
    const { sequence } = await revocations.head()
    await revocations.add({ kind: 'token', jti: 'short' }, after(10), context)
    await revocations.add({ kind: 'token', jti: 'long' }, after(1_000_000), context)
    await database.setNow(after(3_609))
    expect(await revocations.page(sequence, 10)).toHaveLength(2)
    await database.setNow(after(3_610))
    expect(await revocations.page(sequence, 10)).toMatchObject([{ target: { jti: 'long' } }])
    expect(await revocations.page(sequence, 0)).toEqual([])
  })

  test('entries of the store itself outlive the longest token ever made', async () => {
    const { clients, resources, refreshTokens, revocations } = database.store
    await resources.add({ ...aResource, tokenTtlSeconds: 86_400 }, context)
    await resources.change({ ...aResource, tokenTtlSeconds: 60 }, context)
    await clients.add(aClient, context)
    await refreshTokens.open(aFamily, {}, context)
    const { sequence } = await revocations.head()
    await refreshTokens.end(aFamily.sid, 'revoked', context)
    expect(await revocations.page(sequence, 1)).toMatchObject([{ until: after(86_460) }])
  })

  test('more than 100 live token entries of one family become one entry that ends the family', async () => {
    const { clients, refreshTokens, revocations } = database.store
    const owner = { cid: randomId(), sid: randomId() }
    const client = { ...aClient, id: owner.cid, internalId: owner.cid }
    await clients.add(client, context)
    await refreshTokens.open({ ...aFamily, sid: owner.sid, clientId: client.id }, {}, context)
    const other = { cid: owner.cid, sid: randomId() }
    const { sequence } = await revocations.head()
    const add = (jti: string, by = owner) =>
      revocations.add({ kind: 'token', jti: `${owner.sid} ${jti}` }, after(600), context, by)
    const ofOther = await add('of another family', other)
    for (let n = 0; n < 100; n += 1) await add(`${n}`)
    expect(await revocations.page(sequence, 200)).toHaveLength(101)
    expect(await refreshTokens.find(owner.sid)).toBeDefined()
    const last = await add('one more')
    expect(last).toMatchObject({ target: { kind: 'sid', sid: owner.sid } })
    expect(await revocations.page(sequence, 200)).toEqual([ofOther, last])
    expect(await refreshTokens.find(owner.sid)).toBeUndefined()
    expect((await clients.find(client.id))?.version).toBe(1)
    expect(await eventsOf('family_tokens_folded')).toContainEqual({
      event: 'family_tokens_folded',
      sid: owner.sid,
      count: 100,
      ...context,
    })
  })

  test('more than 5,000 live token entries of one client become one client entry', async () => {
    const { clients, revocations } = database.store
    const cid = randomId()
    const many = { ...aClient, id: cid, internalId: cid }
    await clients.add(many, context)
    const { sequence } = await revocations.head()
    const ofMany = (jti: number) => `(${sequence + 1 + jti}, 'token', '${cid} ${jti}', 0, '${cid}',
      'sid ${jti}', ${startOfTime}, ${after(600)})`
    const values = Array.from({ length: 4_999 }, (_, n) => ofMany(n)).join(',')
    await database.sqlTogether([
      `insert into revocations (sequence, kind, id, bound, cid, sid, added_at, expires_at) values ${values}`,
      'update log_head set revocations = revocations + 4999',
    ])
    const add = (jti: string) =>
      revocations.add({ kind: 'token', jti }, after(600), context, { cid, sid: jti })
    expect(await add('the 5,000th')).toMatchObject({ target: { jti: 'the 5,000th' } })
    const last = await add('the 5,001st')
    expect(last).toMatchObject({ target: { kind: 'client', cid, belowVersion: 2 } })
    expect(await revocations.page(sequence, 10)).toEqual([last])
    expect((await clients.find(cid))?.version).toBe(2)
    expect(await eventsOf('client_tokens_folded')).toEqual([
      { event: 'client_tokens_folded', clientId: cid, count: 5_000, version: 2, ...context },
    ])
    const { hash } = await revocations.head()
    expect(await revocations.linkUpTo(sequence + 5_000)).toMatchObject({
      sequence: sequence + 5_000,
    })
    expect(hash).not.toBe('')
  })

  async function eventsOf(name: string) {
    const rows = await database.store.audit.list(0, 100_000)
    return rows.map(({ event }) => event).filter(({ event }) => event === name)
  }

  test('a single-use id is spent with the entry it admits, and only with it', async () => {
    const { revocations, audit, spent } = database.store
    const spend = ['b', 'a'].map((id) => spentId(`entry ${id}`))
    const take = (jti: string, ids: readonly SpentId[]) =>
      revocations.add({ kind: 'token', jti }, after(600), context, undefined, { spend: ids })
    const first = await take('first', spend)
    expect(first).toMatchObject({ target: { jti: 'first' } })
    const before = [await revocations.head(), await audit.list(0, 100_000)]
    const fresh = spentId('entry fresh')
    expect(await take('second', [fresh, spentId('entry a')])).toBe('spent')
    expect(await take('first', spend)).toBe('spent')
    expect([await revocations.head(), await audit.list(0, 100_000)]).toEqual(before)
    // The entry stands already, and the id is used up nevertheless.
    expect(await take('first', [fresh])).toEqual(first)
    expect(await spent.spend([fresh])).toBe('spent')
  })

  test('50 parallel entries admitted by one id: one is written', async () => {
    const second = await database.open()
    const { sequence } = await database.store.revocations.head()
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        (index % 2 === 0 ? database.store : second).revocations.add(
          { kind: 'token', jti: `race ${index}` },
          after(600),
          context,
          undefined,
          { spend: [spentId('race')] },
        ),
      ),
    )
    const written = all.filter((entry) => entry !== 'spent')
    expect(written).toHaveLength(1)
    expect(await database.store.revocations.page(sequence, 100)).toEqual(written)
  })

  test('after a restore: a new epoch, no family, everything issued so far revoked', async () => {
    const { clients, refreshTokens, revocations } = database.store
    await clients.add(aClient, context)
    await refreshTokens.open({ ...aFamily, sid: 'restored' }, {}, context)
    const { sequence } = await revocations.head()
    await database.setNow(after(0.75))
    await revocations.startEpoch('epoch 2', undefined, context)
    expect(await revocations.head()).toMatchObject({
      epoch: 'epoch 2',
      epochStart: after(1),
      sequence: sequence + 1,
    })
    expect(await refreshTokens.find('restored')).toBeUndefined()
    expect(await revocations.page(sequence, 10)).toMatchObject([
      { target: { kind: 'issuer', issuedUpTo: startOfTime } },
    ])
  })

  test('an entry against the issuer ends the refresh families with the access tokens', async () => {
    const { revocations, refreshTokens } = database.store
    await refreshTokens.open({ ...aFamily, sid: 'issued before' }, {}, context)
    expect(await refreshTokens.find('issued before')).toBeDefined()
    await revocations.add({ kind: 'issuer', issuedUpTo: startOfTime }, undefined, context)
    expect(await refreshTokens.find('issued before')).toBeUndefined()
  })

  test('another process hears of changes and revocations within 250 ms', async () => {
    const second = await database.open()
    const heard: string[] = []
    const stop = second.changes.onCommit((what) => heard.push(what))
    const since = await second.changes.head()
    await database.store.resources.change({ ...aResource, tokenTtlSeconds: 61 }, context)
    await vi.waitFor(() => expect(heard).toContain('changes'), { timeout: 250, interval: 5 })
    expect(await second.changes.since(since, 10)).toMatchObject([{ table: 'resources' }])
    await database.store.revocations.add({ kind: 'sid', sid: 'heard' }, after(60), context)
    await vi.waitFor(() => expect(heard).toContain('revocations'), { timeout: 250, interval: 5 })
    stop()
  })

  test('rotations touch neither sequence', async () => {
    const { changes, revocations, clients, refreshTokens } = database.store
    await clients.add(aClient, context)
    const before = [await changes.head(), await revocations.head()]
    await refreshTokens.open({ ...aFamily, sid: randomId() }, {}, context)
    expect([await changes.head(), await revocations.head()]).toEqual(before)
  })

  test('events that stand alone are appended together; listeners hear them once committed', async () => {
    const heard: AuditEvent[] = []
    const store = await database.open({ onAudit: (events) => void heard.push(...events) })
    const refused = { event: 'client_refused', clientId: 'shop', reason: 'wrong_secret' } as const
    await store.audit.append([{ ...refused, count: 3, ...context }])
    expect(heard).toEqual([{ ...refused, count: 3, ...context }])
    const rows = await store.audit.list(0, 100_000)
    expect(rows.at(-1)?.event).toEqual(heard[0])
  })

  test('a lease has one holder at a time', async () => {
    const { audit } = database.store
    expect(await audit.lease('sealer', 'node a', 5)).toBe('held')
    expect(await audit.lease('sealer', 'node b', 5)).toBe('taken')
    expect(await audit.lease('sealer', 'node a', 5)).toBe('held')
    await database.setNow(after(5))
    expect(await audit.lease('sealer', 'node b', 5)).toBe('held')
    expect(await audit.lease('sealer', 'node a', 5)).toBe('taken')
    // Taken under a clock that was an hour ahead: nobody can still mean it.
    await database.setNow(after(3605))
    expect(await audit.lease('sealer', 'node a', 5)).toBe('held')
    await database.setNow(after(5))
    expect(await audit.lease('sealer', 'node b', 5)).toBe('held')
  })

  function spentId(id: string): SpentId {
    return { space: 'client_assertion', owner: 'shop', id, until: after(60) }
  }
})
