import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RefreshPlan } from '../../packages/server/src/store/port/refresh-verbs.ts'
import type { SpentId } from '../../packages/server/src/store/port/spending.ts'
import { databases, type TestDatabase } from './databases.ts'
import { randomId, startOfTime } from './ids.ts'
import { aClient, aFamily, after, context, hashOf, planOf } from './records.ts'

describe.each(databases)('refresh families on $name', ({ start }) => {
  let database: TestDatabase
  let sid: string
  let clientId: string
  beforeAll(async () => {
    database = await start()
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    sid = randomId()
    clientId = randomId()
    await database.setNow(startOfTime)
    await database.store.clients.add({ ...aClient, id: clientId, internalId: clientId }, context)
    await open(sid)
  })

  async function open(id: string, jkt: string | null = null) {
    const family = { ...aFamily, sid: id, clientId, jkt, currentHash: hashOf(id, 1) }
    expect(await database.store.refreshTokens.open(family, {}, context)).toBe('opened')
  }
  function present(generation: number, over: Partial<RefreshPlan> = {}) {
    return database.store.refreshTokens.rotate(planOf(generation, { sid, clientId, ...over }))
  }
  async function outcomes(generation: number, over: Partial<RefreshPlan> = {}) {
    return (await present(generation, over)).outcome
  }
  async function eventsOfFamily() {
    const rows = await database.store.audit.list(0, 100_000)
    return rows.flatMap(({ event }) => ('sid' in event && event.sid === sid ? [event.event] : []))
  }
  async function isRevoked() {
    const entries = await database.store.revocations.page(0, 100_000)
    return entries.some(({ target }) => target.kind === 'sid' && target.sid === sid)
  }

  test('a family opens at generation 1 with lifetimes from the clock of the database', async () => {
    expect(await database.store.refreshTokens.find(sid)).toMatchObject({
      sid,
      clientId,
      generation: 1,
      currentHash: hashOf(sid, 1),
      previousHash: null,
      successorSeal: null,
      openedAt: startOfTime,
      rotatedAt: startOfTime,
      idleExpiresAt: startOfTime + 1000,
      expiresAt: startOfTime + 5000,
    })
    expect(await eventsOfFamily()).toEqual(['family_opened'])
  })

  test('a rotation keeps the hashes of two generations and moves the idle end', async () => {
    await database.setNow(after(100))
    expect(await outcomes(1)).toBe('rotated')
    expect(await database.store.refreshTokens.find(sid)).toMatchObject({
      generation: 2,
      currentHash: hashOf(sid, 2),
      previousHash: hashOf(sid, 1),
      rotatedAt: startOfTime + 100,
      idleExpiresAt: startOfTime + 1100,
      sealUntil: startOfTime + 130,
    })
    await database.setNow(after(1050))
    expect(await outcomes(2)).toBe('rotated')
    await database.setNow(after(2000))
    expect(await outcomes(3)).toBe('rotated')
    await database.setNow(after(2900))
    expect(await outcomes(4)).toBe('rotated')
    await database.setNow(after(3800))
    expect(await outcomes(5)).toBe('rotated')
    await database.setNow(after(4700))
    expect(await outcomes(6)).toBe('rotated')
    const family = await database.store.refreshTokens.find(sid)
    expect(family?.idleExpiresAt).toBe(startOfTime + 5000)
  })

  test('50 parallel uses: one rotation, all others the same successor', async () => {
    const second = await database.open()
    const plans = Array.from({ length: 50 }, (_, index) =>
      planOf(1, {
        sid,
        clientId,
        nextHash: `next ${index}`,
        nextSeal: Buffer.from(`seal ${index}`),
      }),
    )
    const all = await Promise.all(
      plans.map((plan, index) =>
        (index % 2 === 0 ? database.store : second).refreshTokens.rotate(plan),
      ),
    )
    const winner = all.findIndex(({ outcome }) => outcome === 'rotated')
    expect(all.filter(({ outcome }) => outcome === 'rotated')).toHaveLength(1)
    const repeated = all.filter((one) => one.outcome === 'repeated')
    expect(repeated).toHaveLength(49)
    const seals = new Set(repeated.map((one) => Buffer.from(one.successorSeal).toString()))
    expect([...seals]).toEqual([`seal ${winner}`])
    const family = await database.store.refreshTokens.find(sid)
    expect(family).toMatchObject({ generation: 2, currentHash: `next ${winner}` })
    const events = await eventsOfFamily()
    expect(events.filter((event) => event === 'refresh_rotated')).toHaveLength(1)
    expect(events.filter((event) => event === 'refresh_repeated')).toHaveLength(49)
  })

  test('the window is judged by the clock of the database, to the last moment', async () => {
    await outcomes(1)
    await database.setNow(after(29.5))
    expect(await outcomes(1)).toBe('repeated')
    await database.setNow(after(30))
    expect(await outcomes(1)).toBe('replayed')
  })

  test('a client that proves itself may repeat until the successor was used', async () => {
    const proven = { repeatUntilSuccessorUsed: true }
    await outcomes(1, proven)
    await database.setNow(after(900))
    expect(await outcomes(1, proven)).toBe('repeated')
    expect(await outcomes(2, proven)).toBe('rotated')
    expect(await outcomes(1, proven)).toBe('replayed')
  })

  test('a client that proves itself no longer has only the window', async () => {
    await outcomes(1, { repeatUntilSuccessorUsed: true })
    await database.setNow(after(31))
    expect(await outcomes(1)).toBe('replayed')
  })

  test('an older generation ends the family with an alarm and an entry, however late', async () => {
    for (const generation of [1, 2, 3]) expect(await outcomes(generation)).toBe('rotated')
    expect(await isRevoked()).toBe(false)
    await database.setNow(after(999))
    expect(await outcomes(1)).toBe('replayed')
    expect(await isRevoked()).toBe(true)
    expect(await database.store.refreshTokens.find(sid)).toBeUndefined()
    expect(await outcomes(4)).toBe('ended')
    expect(await outcomes(3)).toBe('ended')
    expect((await eventsOfFamily()).slice(-2)).toEqual(['refresh_replayed', 'family_ended'])
  })

  test.each([
    ['a forged current token', 2, { presentedHash: 'forged' }],
    ['a forged previous token', 1, { presentedHash: 'forged' }],
    ['a generation that was never given', 3, {}],
    ['generation 0', 0, {}],
    ['another client', 2, { clientId: 'somebody else' }],
    ['another client with an old token', 1, { clientId: 'somebody else' }],
    ['a proof of a key where none is bound', 2, { jkt: 'thumb' }],
  ])('%s is unknown and harms nobody', async (_, generation, over) => {
    await outcomes(1)
    const before = await database.store.refreshTokens.find(sid)
    expect(await outcomes(generation, over)).toBe('unknown')
    expect(await database.store.refreshTokens.find(sid)).toEqual(before)
    expect(await isRevoked()).toBe(false)
  })

  test('a bound family knows its key', async () => {
    sid = randomId()
    await open(sid, 'thumb')
    expect(await outcomes(1)).toBe('unknown')
    expect(await outcomes(1, { jkt: 'other' })).toBe('unknown')
    expect(await outcomes(1, { jkt: 'thumb' })).toBe('rotated')
    expect(await outcomes(1, { jkt: 'other' })).toBe('unknown')
    expect(await outcomes(1, { jkt: 'thumb' })).toBe('repeated')
  })

  test('idle and absolute ends are ends; a clock set back wakes nobody', async () => {
    await database.setNow(after(1000))
    expect(await outcomes(1)).toBe('expired')
    await database.setNow(startOfTime)
    expect(await outcomes(1)).toBe('ended')
    sid = randomId()
    await open(sid)
    for (const generation of [1, 2, 3, 4, 5]) {
      await database.setNow(after(generation * 950))
      expect(await outcomes(generation)).toBe('rotated')
    }
    await database.setNow(after(5000))
    expect(await outcomes(6)).toBe('expired')
    expect(await eventsOfFamily()).toContain('family_ended')
  })

  test('a client changed since the decision is asked for again, and nothing is spent', async () => {
    const spend = [spent('once')]
    await database.store.clients.change(clientId, {}, true, context)
    expect(await outcomes(1, { spend })).toBe('stale_client')
    expect(await outcomes(1, { spend, clientVersion: 2 })).toBe('rotated')
    await database.store.clients.change(clientId, {}, true, context)
    expect(await outcomes(1, { clientVersion: 2 })).toBe('stale_client')
    expect(await outcomes(1, { clientVersion: 3 })).toBe('repeated')
  })

  test('a client disabled in a race leaves no family behind', async () => {
    const second = await database.open()
    const late = randomId()
    const family = { ...aFamily, sid: late, clientId, currentHash: hashOf(late, 1) }
    await Promise.all([
      present(1),
      second.clients.disable(clientId, context),
      database.store.refreshTokens.open(family, {}, context),
      present(1),
    ])
    expect(await database.store.refreshTokens.find(sid)).toBeUndefined()
    expect(await database.store.refreshTokens.find(late)).toBeUndefined()
    expect(await outcomes(2)).toBe('ended')
  })

  test('a single-use id is spent with the act it admits, and only with it', async () => {
    const ids = [spent('b'), spent('a')]
    expect(await outcomes(1, { spend: ids })).toBe('rotated')
    expect(await outcomes(2, { spend: [spent('fresh'), spent('a')] })).toBe('spent')
    expect((await database.store.refreshTokens.find(sid))?.generation).toBe(2)
    expect(await outcomes(2, { spend: [spent('fresh')] })).toBe('rotated')
    const other = { ...aFamily, sid: randomId(), clientId }
    const { refreshTokens } = database.store
    expect(await refreshTokens.open(other, { spend: [spent('a')] }, context)).toBe('spent')
    expect(await refreshTokens.find(other.sid)).toBeUndefined()
  })

  test('50 parallel spendings of one id: one is fresh', async () => {
    const second = await database.open()
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        (index % 2 === 0 ? database.store : second).spent.spend([spent('x'), spent('y')]),
      ),
    )
    expect(all.filter((outcome) => outcome === 'fresh')).toHaveLength(1)
  })

  test('ending a family is once, with an entry', async () => {
    expect(await database.store.refreshTokens.end(sid, 'revoked', context)).toBe('ended')
    expect(await database.store.refreshTokens.end(sid, 'revoked', context)).toBe('unknown')
    expect(await isRevoked()).toBe(true)
    expect(await outcomes(1)).toBe('ended')
  })

  test('an id is spent with the end it admits, and a spent one ends nothing', async () => {
    const { refreshTokens, spent: marks } = database.store
    const end = (...spend: SpentId[]) => refreshTokens.end(sid, 'revoked', context, { spend })
    await marks.spend([spent('used')])
    const before = await eventsOfFamily()
    expect(await end(spent('new'), spent('used'))).toBe('spent')
    expect(await refreshTokens.find(sid)).toMatchObject({ generation: 1 })
    expect(await isRevoked()).toBe(false)
    expect(await eventsOfFamily()).toEqual(before)
    expect(await end(spent('new'))).toBe('ended')
    expect(await end(spent('new'))).toBe('spent')
    // Somebody else ended it a moment ago: the id is used up nevertheless.
    expect(await end(spent('late'))).toBe('unknown')
    expect(await end(spent('late'))).toBe('spent')
  })

  test('20 parallel ends admitted by one id: one family ends', async () => {
    const second = await database.open()
    const sids = Array.from({ length: 20 }, randomId)
    for (const id of sids) await open(id)
    const all = await Promise.all(
      sids.map((id, index) =>
        (index % 2 === 0 ? database.store : second).refreshTokens.end(id, 'revoked', context, {
          spend: [spent('one for all')],
        }),
      ),
    )
    expect(all.filter((outcome) => outcome === 'ended')).toHaveLength(1)
    expect(all.filter((outcome) => outcome === 'spent')).toHaveLength(19)
    const found = await Promise.all(sids.map((id) => database.store.refreshTokens.find(id)))
    expect(found.filter((family) => family !== undefined)).toHaveLength(19)
  })

  test('housekeeping erases a seal that can no longer be asked for, and families that expired', async () => {
    await outcomes(1)
    const proven = randomId()
    await open(proven)
    await database.store.refreshTokens.rotate(
      planOf(1, { sid: proven, clientId, repeatUntilSuccessorUsed: true }),
    )
    await pruneAll()
    expect((await database.store.refreshTokens.find(sid))?.successorSeal).not.toBeNull()
    await database.setNow(after(31))
    await pruneAll()
    expect((await database.store.refreshTokens.find(sid))?.successorSeal).toBeNull()
    expect((await database.store.refreshTokens.find(proven))?.successorSeal).not.toBeNull()
    await database.setNow(after(2000))
    await pruneAll()
    expect(await database.store.refreshTokens.find(proven)).toBeUndefined()
  })

  async function pruneAll() {
    let removed = 0
    for (let done = false; !done;) {
      const step = await database.store.prune()
      removed += step.removed
      done = step.done
    }
    return removed
  }

  function spent(id: string): SpentId {
    return { space: 'dpop', owner: clientId, id, until: after(60) }
  }
})
