import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EpochSeconds } from '@countersign/jwt'
import type { ImportedUser } from '../../packages/server/src/store/port/import-verbs.ts'
import type { NameKey, UserId } from '../../packages/server/src/store/port/user-records.ts'
import { databases, startOfTime, type TestDatabase } from './databases.ts'
import { aResource, after, context } from './records.ts'

const { audience } = aResource
const callers = Array.from({ length: 50 }, (_, index) => index)
const bcrypt = {
  hash: 'sealed$1$x',
  pepperId: 'p1',
  mustChange: false,
  scheme: 'bcrypt',
  work: 1_024,
  example: 'bcrypt at 10',
}

/** A user as an import gives it. */
function aUser(id: string, over: Partial<ImportedUser> = {}): ImportedUser {
  const key = id.toLowerCase() as NameKey
  return {
    id: id as UserId,
    handle: randomBytes(32),
    status: 'active',
    createdAt: null,
    profile: {},
    names: [{ key, kind: 'username', shown: id, isVerified: false }],
    access: [],
    password: null,
    ...over,
  }
}

function named(...keys: readonly string[]): ImportedUser['names'] {
  return keys.map((key) => ({
    key: key as NameKey,
    kind: key.includes('@') ? 'address' : 'username',
    shown: key,
    isVerified: key.includes('@'),
  }))
}

describe.each(databases)('imports on $name', ({ start }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await start()
    await database.store.resources.add(aResource, context)
  })
  afterAll(() => database.close())

  const write = (...users: readonly ImportedUser[]) => database.store.imports.write(users, context)
  const outcomes = async (...users: readonly ImportedUser[]) =>
    (await write(...users)).map(({ outcome }) => outcome)

  test('a user is created with everything that the other product knew', async () => {
    const { users, audit } = database.store
    const before = (await audit.list(0, 1_000)).at(-1)?.id ?? 0
    const user = aUser('auth0|1', {
      createdAt: 1_500_000_000 as EpochSeconds,
      names: named('ann', 'ann@example.org'),
      profile: { name: 'Ann Lee' },
      access: [{ audience, scopes: ['read'], roles: ['editor'] }],
      password: bcrypt,
    })
    expect(await write(user)).toEqual([{ outcome: 'created' }])
    expect(await users.findByName('ann@example.org' as NameKey)).toMatchObject({
      user: {
        id: 'auth0|1',
        status: 'active',
        version: 1,
        createdAt: 1_500_000_000,
        profile: { name: 'Ann Lee' },
        names: [
          { key: 'ann', verifiedAt: null },
          { key: 'ann@example.org', verifiedAt: startOfTime },
        ],
      },
      password: { hash: 'sealed$1$x', pepperId: 'p1', mustChange: false },
    })
    expect(await users.listAccess(user.id)).toEqual(user.access)
    expect(await audit.list(before, 10)).toMatchObject([
      { event: { event: 'user_imported', userId: 'auth0|1', ...context } },
    ])
  })

  test('a repeat changes nothing, and writes no audit event', async () => {
    const { users, audit } = database.store
    const user = aUser('repeated', { password: bcrypt })
    expect(await outcomes(user)).toEqual(['created'])
    const before = (await audit.list(0, 10_000)).at(-1)?.id ?? 0
    await users.setProfile(user.id, { name: 'Changed' }, context)
    expect(await outcomes({ ...user, profile: { name: 'Old' } })).toEqual(['unchanged'])
    expect(await users.find(user.id)).toMatchObject({ profile: { name: 'Changed' } })
    expect((await audit.list(before, 10)).map(({ event }) => event.event)).toEqual([
      'user_profile_changed',
    ])
  })

  test('a name of another user is a conflict, and the rest of the batch is written', async () => {
    await write(aUser('owner', { names: named('taken@example.org') }))
    const batch = [
      aUser('first', { names: named('first@example.org') }),
      aUser('second', { names: named('second', 'taken@example.org') }),
      aUser('third'),
    ]
    expect(await database.store.imports.judge(batch)).toMatchObject([
      { outcome: 'created' },
      { outcome: 'name_taken', key: 'taken@example.org', owner: 'owner', freeAt: null },
      { outcome: 'created' },
    ])
    expect(await outcomes(...batch)).toEqual(['created', 'name_taken', 'created'])
    expect(await database.store.users.find('second' as UserId)).toBeUndefined()
    expect(await database.store.users.findByName('second' as NameKey)).toBeUndefined()
  })

  test('judging writes nothing', async () => {
    expect(await database.store.imports.judge([aUser('judged', { password: bcrypt })])).toEqual([
      { outcome: 'created' },
    ])
    expect(await database.store.users.find('judged' as UserId)).toBeUndefined()
  })

  test('a reserved name is a conflict until it is free', async () => {
    const { users } = database.store
    await write(aUser('erased'))
    await users.erase('erased' as UserId, context)
    expect(await write(aUser('other', { names: named('erased') }))).toMatchObject([
      { outcome: 'name_taken', owner: null, freeAt: expect.any(Number) },
    ])
    await database.setNow(after(10 * 86_400))
    expect(await outcomes(aUser('other', { names: named('erased') }))).toEqual(['created'])
    await database.setNow(startOfTime)
  })

  test('a disabled user is disabled here, and each node hears of it', async () => {
    const { changes, users } = database.store
    const since = await changes.head()
    await write(aUser('barred', { status: 'disabled' }))
    expect(await users.find('barred' as UserId)).toMatchObject({ status: 'disabled' })
    expect(await changes.since(since, 10)).toMatchObject([{ table: 'users', id: 'barred' }])
  })

  test('nodes hear of a scheme once, and again when a dearer hash comes', async () => {
    const { changes, imports } = database.store
    const scrypt = { ...bcrypt, scheme: 'scrypt', work: 10, example: 'cheap' }
    const since = await changes.head()
    const heard = async () => (await changes.since(since, 10)).map(({ sequence }) => sequence)
    await write(aUser('s1', { password: scrypt }))
    const once = await heard()
    expect(once).toHaveLength(1)
    await write(aUser('s2', { password: { ...scrypt, work: 9, example: 'cheaper' } }))
    expect(await heard()).toEqual(once)
    expect(await imports.listExamples()).toEqual(['bcrypt at 10', 'cheap'])
    await write(aUser('s3', { password: { ...scrypt, work: 11, example: 'dear' } }))
    expect(await heard()).not.toEqual(once)
    expect(await imports.listExamples()).toEqual(['bcrypt at 10', 'dear'])
  })

  test('a scheme that no password has any longer is pruned after a day', async () => {
    const { imports, users } = database.store
    const whole = async () => {
      while (!(await database.store.prune()).done);
    }
    const id = 'md' as UserId
    await write(aUser(id, { password: { ...bcrypt, scheme: 'argon2d', example: 'argon2d' } }))
    await database.setNow(after(2 * 86_400))
    await whole()
    expect(await imports.listExamples()).toContain('argon2d')
    const next = { hash: 'own', pepperId: 'p1' }
    expect(await users.rehashPassword(id, { hash: bcrypt.hash }, next, context)).toBe('replaced')
    await whole()
    expect(await imports.listExamples()).not.toContain('argon2d')
    await database.setNow(startOfTime)
  })

  test('a resource that is gone stops the whole batch', async () => {
    const access = [{ audience: 'https://gone.test', scopes: [], roles: ['admin'] }]
    expect(await outcomes(aUser('g1'), aUser('g2', { access }))).toEqual([
      'no_resource',
      'no_resource',
    ])
    expect(await database.store.users.find('g1' as UserId)).toBeUndefined()
  })

  test('fifty callers import one batch at once: each user is created once', async () => {
    const batch = callers.map((index) =>
      aUser(`race-${index}`, { names: named(`r${index}`, `r${index}@example.org`) }),
    )
    const second = await database.open()
    const all = await Promise.all(
      callers.map((index) =>
        (index % 2 === 0 ? second : database.store).imports.write(batch, context),
      ),
    )
    const created = all.map((some) => some.filter(({ outcome }) => outcome === 'created').length)
    expect(created.reduce((sum, one) => sum + one, 0)).toBe(batch.length)
    expect(all.flat().every(({ outcome }) => outcome !== 'name_taken')).toBe(true)
    expect(await database.store.users.findByName('r49@example.org' as NameKey)).toMatchObject({
      user: { id: 'race-49', names: [{ key: 'r49' }, { key: 'r49@example.org' }] },
    })
  })
})
