import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  passkeysPerUserMax,
  type NewPasskey,
  type PasskeyUse,
} from '../../packages/server/src/store/port/passkey-verbs.ts'
import type { UserId } from '../../packages/server/src/store/port/user-records.ts'
import { databases, startOfTime, type TestDatabase } from './databases.ts'
import { addPerson, aSession } from './people.ts'
import { aClient, context } from './records.ts'

const callers = Array.from({ length: 50 }, (_, index) => index)
const aPassword = { hash: '$argon2id$x', pepperId: 'p1', mustChange: false }

describe.each(databases)('passkeys on $name', ({ start }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await start()
    await database.store.clients.add(aClient, context)
  })
  afterAll(() => database.close())

  /** Adds a user with a session, and passkeys of these ids. */
  async function addOwner(name: string, credentialIds: readonly string[] = [], over = {}) {
    const { store } = database
    const userId = await addPerson(store, name)
    const sid = `s-${name}`
    await store.sessions.open(aSession(sid, userId), {}, context)
    const actor = { userId, sid }
    for (const credentialId of credentialIds)
      expect(await store.passkeys.add(aPasskey(credentialId, over), actor, [], context)).toBe(
        'added',
      )
    return actor
  }

  async function idsOf(userId: UserId): Promise<readonly string[]> {
    const list = await database.store.passkeys.listOf(userId)
    return (list?.passkeys ?? []).map(({ credentialId }) => credentialId)
  }

  async function eventsOf(userId: UserId) {
    const rows = await database.store.audit.list(0, 100_000)
    return rows
      .map(({ event }) => event)
      .filter((event) => 'userId' in event && event.userId === userId)
      .map(({ event }) => event)
      .filter((event) => event.startsWith('passkey_'))
  }

  test('a passkey is found with its user and the handle, and listed oldest first', async () => {
    const { passkeys } = database.store
    const { userId } = await addOwner('found', ['c-found'])
    const owner = await passkeys.find('c-found')
    const { wasAsked: _, ...rest } = aPasskey('c-found')
    expect(owner?.passkey).toEqual({
      ...rest,
      userId,
      createdAt: startOfTime,
      usedAt: startOfTime,
    })
    expect(owner?.user).toMatchObject({ id: userId, status: 'active', names: [{ shown: 'found' }] })
    expect(owner?.handle).toHaveLength(32)
    expect(await passkeys.listOf(userId)).toEqual({
      handle: owner?.handle,
      passkeys: [owner?.passkey],
      mayBeOffered: true,
    })
    expect(await passkeys.find('c-never')).toBeUndefined()
    expect(await passkeys.listOf('nobody' as UserId)).toBeUndefined()
    expect(await eventsOf(userId)).toEqual(['passkey_added'])
  })

  test('an id belongs to one user only, and a user has so many passkeys at most', async () => {
    const { passkeys } = database.store
    const ids = Array.from({ length: passkeysPerUserMax }, (_, index) => `c-many-${index}`)
    const ann = await addOwner('many', ids.slice(1))
    const bob = await addOwner('other-of-many')
    expect(await passkeys.add(aPasskey('c-many-1'), bob, [], context)).toBe('exists')
    expect(await passkeys.add(aPasskey('c-many-1'), ann, [], context)).toBe('exists')
    expect(await passkeys.add(aPasskey('c-many-0'), ann, [], context)).toBe('added')
    expect(await passkeys.add(aPasskey('c-beyond'), ann, [], context)).toBe('too_many')
    expect(await idsOf(bob.userId)).toEqual([])
  })

  test('of 50 callers with one id exactly one adds it, and none adds one beyond the count', async () => {
    const { passkeys } = database.store
    const ann = await addOwner('race-add')
    const same = await Promise.all(
      callers.map(() => passkeys.add(aPasskey('c-race'), ann, [], context)),
    )
    expect(same.filter((outcome) => outcome === 'added')).toHaveLength(1)
    await Promise.all(
      callers.map((index) => passkeys.add(aPasskey(`c-race-${index}`), ann, [], context)),
    )
    expect(await idsOf(ann.userId)).toHaveLength(passkeysPerUserMax)
  })

  test.each(['add', 'rename', 'remove'] as const)(
    'a session that has ended, or a disabled user, cannot %s a passkey',
    async (act) => {
      const { passkeys, sessions, users } = database.store
      const kept = `c-kept-${act}`
      const ann = await addOwner(`ended-${act}`, [kept, `${kept}-2`])
      const bob = await addOwner(`foreign-${act}`)
      const acts = {
        add: (actor: typeof ann) => passkeys.add(aPasskey(`c-new-${act}`), actor, [], context),
        rename: (actor: typeof ann) => passkeys.rename(kept, 'another', actor, context),
        remove: (actor: typeof ann) => passkeys.remove(kept, actor, [], context),
      }
      // The session of another user.
      expect(await acts[act]({ userId: ann.userId, sid: bob.sid })).toBe('gone')
      await sessions.end(ann.sid, ann.userId, 'signed_out', context)
      expect(await acts[act](ann)).toBe('gone')
      await sessions.open(aSession(`${ann.sid}-2`, ann.userId), {}, context)
      await users.disable(ann.userId, context)
      expect(await acts[act]({ ...ann, sid: `${ann.sid}-2` })).toBe('gone')
      expect(await idsOf(ann.userId)).toEqual([kept, `${kept}-2`])
    },
  )

  test('a user renames and removes the own passkeys only', async () => {
    const { passkeys } = database.store
    const ann = await addOwner('own', ['c-own-1', 'c-own-2'])
    const bob = await addOwner('not-own', ['c-not-own'])
    expect(await passkeys.rename('c-own-1', 'stolen', bob, context)).toBe('gone')
    expect(await passkeys.remove('c-own-1', bob, [], context)).toBe('gone')
    expect(await passkeys.rename('c-own-1', 'Work laptop', ann, context)).toBe('renamed')
    expect((await passkeys.find('c-own-1'))?.passkey.name).toBe('Work laptop')
    expect(await passkeys.remove('c-own-1', ann, [], context)).toBe('removed')
    expect(await idsOf(ann.userId)).toEqual(['c-own-2'])
    expect((await eventsOf(ann.userId)).slice(-2)).toEqual(['passkey_renamed', 'passkey_removed'])
  })

  test.each([
    ['the only passkey of a user without a password', {}, 'last'],
    ['the only passkey that verified its user', { other: { hasVerifiedUser: false } }, 'last'],
    ['one of two that verified their user', { other: {} }, 'removed'],
    ['the only passkey of a user with a password', { password: true }, 'removed'],
  ] as const)('removing %s', async (name, facts, outcome) => {
    const { passkeys, users, sessions } = database.store
    const ann = await addOwner(name.replaceAll(' ', '-'))
    if ('password' in facts) {
      await users.setPassword(ann.userId, aPassword, context)
      const session = aSession(ann.sid, ann.userId)
      const family = { ...session.family, user: { id: ann.userId, version: 2 } }
      await sessions.open({ ...session, family }, {}, context)
    }
    await passkeys.add(aPasskey(`c ${name}`), ann, [], context)
    if ('other' in facts) await passkeys.add(aPasskey(`o ${name}`, facts.other), ann, [], context)
    expect(await passkeys.remove(`c ${name}`, ann, [], context)).toBe(outcome)
    const isThere = (await passkeys.find(`c ${name}`)) !== undefined
    expect(isThere).toBe(outcome === 'last')
  })

  test('of 50 removals of the last two passkeys one stays', async () => {
    const { passkeys } = database.store
    const ann = await addOwner('race-remove', ['c-last-1', 'c-last-2'])
    const outcomes = await Promise.all(
      callers.map((index) => passkeys.remove(`c-last-${(index % 2) + 1}`, ann, [], context)),
    )
    expect(outcomes.filter((outcome) => outcome === 'removed')).toHaveLength(1)
    expect(await idsOf(ann.userId)).toHaveLength(1)
  })

  test('a removal lowers the sessions that used a passkey to level 1, and no others', async () => {
    const { passkeys, sessions, revocations, users } = database.store
    const ann = await addOwner('lowers', ['c-lowers', 'c-stays'])
    const byKey = { acr: '2', amr: ['swk', 'user', 'mfa'] } as const
    const byCode = { acr: '2', amr: ['pwd', 'otp'] } as const
    await sessions.open(aSession('s-by-key', ann.userId, byKey), {}, context)
    await sessions.open(aSession('s-by-code', ann.userId, byCode), {}, context)
    const head = (await revocations.head()).sequence
    expect(await passkeys.remove('c-lowers', ann, [], context)).toBe('removed')
    expect((await sessions.find('s-by-key'))?.acr).toBe('1')
    expect((await sessions.find('s-by-code'))?.acr).toBe('2')
    const written = (await revocations.page(head, 10)).map(({ target }) => target)
    expect(written).toEqual([{ kind: 'claims_stale', uid: ann.userId, belowVersion: 2 }])
    expect((await users.find(ann.userId))?.version).toBe(2)
  })

  test('a use keeps the counter, the moment and the backup, and never forgets a verified user', async () => {
    const { passkeys } = database.store
    await addOwner('uses', ['c-uses'], { hasVerifiedUser: false })
    const found = async () => (await passkeys.find('c-uses'))?.passkey
    await database.setNow(startOfTime + 5)
    const first = aUse('c-uses', { counter: 3, isUserVerified: true, isBackedUp: false })
    expect(await passkeys.use(first, context)).toBe('used')
    expect(await found()).toMatchObject({
      counter: 3,
      hasVerifiedUser: true,
      isBackedUp: false,
      usedAt: startOfTime + 5,
    })
    const second = aUse('c-uses', { wasCounter: 3, counter: 4, isUserVerified: false })
    expect(await passkeys.use(second, context)).toBe('used')
    expect(await found()).toMatchObject({ counter: 4, hasVerifiedUser: true, isBackedUp: true })
    await database.setNow(startOfTime)
  })

  test('of 50 uses with one counter exactly one counts', async () => {
    const { passkeys } = database.store
    const { userId } = await addOwner('race-use', ['c-race-use'])
    const use = aUse('c-race-use', { counter: 1, isSuspect: true })
    const outcomes = await Promise.all(callers.map(() => passkeys.use(use, context)))
    expect(outcomes.filter((outcome) => outcome === 'used')).toHaveLength(1)
    expect(await passkeys.use(aUse('c-never', {}), context)).toBe('stale')
    expect(await eventsOf(userId)).toEqual(['passkey_added', 'passkey_counter_low'])
  })

  test('a passkey that was made unasked is no factor before its first use', async () => {
    const { passkeys, users } = database.store
    const unasked = { wasAsked: false, hasVerifiedUser: false }
    const { userId } = await addOwner('unasked', ['c-unasked'], unasked)
    expect(await users.factors(userId)).toMatchObject({ passkeys: 0, passkeysWithUv: 0 })
    expect((await passkeys.find('c-unasked'))?.passkey.usedAt).toBeNull()
    await passkeys.use(aUse('c-unasked', { isUserVerified: false }), context)
    expect(await users.factors(userId)).toMatchObject({ passkeys: 1, passkeysWithUv: 0 })
    await passkeys.use(aUse('c-unasked', {}), context)
    expect(await users.factors(userId)).toMatchObject({ passkeys: 1, passkeysWithUv: 1 })
  })

  test('an erased user has no passkey left', async () => {
    const { passkeys, users } = database.store
    const { userId } = await addOwner('erased', ['c-erased'])
    await users.erase(userId, context)
    expect(await passkeys.find('c-erased')).toBeUndefined()
    const rows = await database.sql(
      `select credential_id from passkeys where user_id = '${userId}'`,
    )
    expect(rows).toEqual([])
  })

  test('an offer that was postponed comes again after its time', async () => {
    const { passkeys } = database.store
    const { userId } = await addOwner('offer')
    const mayBeOffered = async () => (await passkeys.listOf(userId))?.mayBeOffered
    await passkeys.postponeOffer(userId, 90)
    expect(await mayBeOffered()).toBe(false)
    await database.setNow(startOfTime + 90)
    expect(await mayBeOffered()).toBe(true)
    await database.setNow(startOfTime)
  })
})

function aPasskey(credentialId: string, over: Partial<NewPasskey> = {}): NewPasskey {
  return {
    credentialId,
    publicKey: new Uint8Array([1, 2, 3]),
    alg: -7,
    counter: 0,
    hasVerifiedUser: true,
    isBackupEligible: true,
    isBackedUp: true,
    transports: ['internal', 'hybrid'],
    aaguid: '00000000-0000-0000-0000-000000000000',
    name: 'Passkey',
    wasAsked: true,
    ...over,
  }
}

function aUse(credentialId: string, over: Partial<PasskeyUse>): PasskeyUse {
  return {
    credentialId,
    wasCounter: 0,
    counter: 0,
    isUserVerified: true,
    isBackedUp: true,
    isSuspect: false,
    ...over,
  }
}
