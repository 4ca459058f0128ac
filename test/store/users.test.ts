import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type {
  NameKey,
  UserAccess,
  UserId,
} from '../../packages/server/src/store/port/user-records.ts'
import type { NewName, NewUser } from '../../packages/server/src/store/port/user-verbs.ts'
import { databases, startOfTime, type TestDatabase } from './databases.ts'
import { aClient, aResource, after, context } from './records.ts'

const { audience } = aResource
const nobody = 'nobody' as UserId
const callers = Array.from({ length: 50 }, (_, index) => index)

describe.each(databases)('users on $name', ({ start }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await start()
    await database.store.resources.add(aResource, context)
  })
  afterAll(() => database.close())

  async function targetsSince(sequence: number) {
    return (await database.store.revocations.page(sequence, 100)).map(({ target }) => target)
  }

  async function eventsAfter(id: number) {
    return (await database.store.audit.list(id, 1_000)).map(({ event }) => event)
  }

  async function lastEvent() {
    return (await database.store.audit.list(0, 100_000)).at(-1)?.id ?? 0
  }

  async function addUser(name: string, over: Partial<NewUser> = {}) {
    const user = aUser(name, over)
    expect(await database.store.users.create(user, context)).toEqual({ outcome: 'created' })
    return user.id
  }

  /** Opens a refresh family of a user, as a sign-in does. */
  async function openFamilyOf(id: UserId, sid: string) {
    await database.sqlTogether([
      `insert into families (sid, client_id, client_version, subject, username, access, generation, current_hash,
        rotated_at, opened_at, idle_expires_at, expires_at, user_id, user_version)
       values ('${sid}', 'app', 1, '${id}', 'x', '[]', 1, '${sid}', 0, 0, 9e9, 9e9, '${id}', 1)`,
    ])
  }

  test('a user is created with names, access and password, and read back by each name', async () => {
    const { users } = database.store
    const before = await lastEvent()
    const profile = { name: 'Ann Lee', locale: 'de', address: { country: 'DE' } }
    const names = [anAddress('Ann.Lee@example.org', true), aName('Ann')]
    const access = [{ audience, scopes: ['read'], roles: ['editor'] }]
    const id = await addUser('', { names, profile, access, password: aPassword })
    const record = {
      id,
      status: 'active',
      version: 1,
      profile,
      profileAt: startOfTime,
      createdAt: startOfTime,
      names: [
        { key: 'ann', kind: 'username', shown: 'Ann', verifiedAt: null, addedAt: startOfTime },
        {
          key: 'ann.lee@example.org',
          kind: 'address',
          shown: 'Ann.Lee@example.org',
          verifiedAt: startOfTime,
          addedAt: startOfTime,
        },
      ],
    }
    const password = { ...aPassword, setAt: startOfTime }
    expect(await users.find(id)).toEqual(record)
    expect(await users.findByName(keyed('ann'))).toEqual({ user: record, password })
    expect(await users.findByName(keyed('ann.lee@example.org'))).toEqual({ user: record, password })
    expect(await users.listAccess(id)).toEqual(access)
    expect(await eventsAfter(before)).toEqual([{ event: 'user_added', userId: id, ...context }])
  })

  test('a user without a password is found, and an unknown name is not', async () => {
    const { users } = database.store
    const id = await addUser('no-password')
    expect(await users.findByName(keyed('no-password'))).toMatchObject({
      user: { id },
      password: null,
    })
    expect(await users.findByName(keyed('unknown'))).toBeUndefined()
    expect(await users.find(nobody)).toBeUndefined()
    expect(await users.listAccess(nobody)).toEqual([])
  })

  test('a name that another user has refuses the whole user', async () => {
    const { users } = database.store
    await addUser('taken')
    const second = aUser('', { names: [aName('fresh'), aName('taken')], password: aPassword })
    const outcome = await users.create(second, context)
    expect(outcome).toEqual({ outcome: 'name_taken', key: 'taken', freeAt: null })
    expect(await users.find(second.id)).toBeUndefined()
    expect(await users.findByName(keyed('fresh'))).toBeUndefined()
  })

  test('an address that a user has as a name is taken for others', async () => {
    const { users } = database.store
    await addUser('', { names: [anAddress('bob@example.org')] })
    const other = aUser('', { names: [anAddress('bob@example.org', true)] })
    expect(await users.create(other, context)).toMatchObject({ outcome: 'name_taken' })
  })

  test('access to a resource that is gone refuses the whole user', async () => {
    const { users } = database.store
    const access = [{ audience: 'https://gone.test', scopes: [], roles: ['admin'] }]
    const user = aUser('early', { access })
    expect(await users.create(user, context)).toEqual({ outcome: 'no_resource' })
    expect(await users.find(user.id)).toBeUndefined()
  })

  test('users are listed in pages by id, with all their names', async () => {
    const { users } = database.store
    const names = [aName('page-1'), anAddress('page-1@example.org')]
    // Before all random ids, which begin with a letter, a digit, - or _.
    await addUser('', { id: '!first' as UserId, names })
    await addUser('page-2', { id: '!second' as UserId })
    const [first, ...rest] = await users.list(null, 1)
    expect(rest).toEqual([])
    expect(first?.names.map(({ key }) => key)).toEqual(['page-1', 'page-1@example.org'])
    const next = await users.list('!first', 2)
    expect(next).toHaveLength(2)
    expect(next[0]).toMatchObject({ id: '!second', names: [{ key: 'page-2' }] })
    expect(await users.list('~', 10)).toEqual([])
  })

  test('each process hears of a user who was disabled or enabled', async () => {
    const { users, changes } = database.store
    const id = await addUser('heard')
    const since = await changes.head()
    await users.disable(id, context)
    await users.enable(id, context)
    expect(await changes.since(since, 10)).toMatchObject([{ table: 'users', id }])
  })

  test('disabling revokes the tokens and ends the families; enabling revokes nothing', async () => {
    const { users, refreshTokens, revocations } = database.store
    const id = await addUser('leaver')
    await openFamilyOf(id, 'family of leaver')
    const { sequence } = await revocations.head()
    const before = await lastEvent()
    expect(await users.disable(id, context)).toBe('disabled')
    expect(await users.disable(id, context)).toBe('already')
    expect(await users.disable(nobody, context)).toBe('unknown')
    expect(await users.find(id)).toMatchObject({ status: 'disabled', version: 2 })
    expect(await refreshTokens.find('family of leaver')).toBeUndefined()
    expect(await users.enable(id, context)).toBe('enabled')
    expect(await users.enable(id, context)).toBe('already')
    expect(await users.enable(nobody, context)).toBe('unknown')
    expect(await users.find(id)).toMatchObject({ status: 'active', version: 2 })
    expect(await targetsSince(sequence)).toEqual([{ kind: 'user', uid: id, belowVersion: 2 }])
    expect(await eventsAfter(before)).toEqual([
      { event: 'user_disabled', userId: id, version: 2, ...context },
      { event: 'user_enabled', userId: id, ...context },
    ])
  })

  test('the tokens of a user are revoked, and nothing else changes', async () => {
    const { users, refreshTokens, revocations } = database.store
    const id = await addUser('revoked')
    await openFamilyOf(id, 'family of revoked')
    const { sequence } = await revocations.head()
    expect(await users.revokeTokens(id, context)).toBe('revoked')
    expect(await users.revokeTokens(nobody, context)).toBe('unknown')
    expect(await users.find(id)).toMatchObject({ status: 'active', version: 2 })
    expect(await refreshTokens.find('family of revoked')).toBeUndefined()
    expect(await targetsSince(sequence)).toEqual([{ kind: 'user', uid: id, belowVersion: 2 }])
  })

  test('a new password revokes the tokens and ends the families', async () => {
    const { users, refreshTokens, revocations } = database.store
    const id = await addUser('changer', { password: aPassword })
    await openFamilyOf(id, 'family of changer')
    const { sequence } = await revocations.head()
    const next = { hash: 'another', pepperId: 'p2', mustChange: true }
    await database.setNow(startOfTime + 5)
    expect(await users.setPassword(id, next, context)).toBe('set')
    await database.setNow(startOfTime)
    expect(await users.setPassword(nobody, next, context)).toBe('unknown')
    expect(await users.findByName(keyed('changer'))).toMatchObject({
      user: { version: 2 },
      password: { ...next, setAt: after(5) },
    })
    expect(await refreshTokens.find('family of changer')).toBeUndefined()
    expect(await targetsSince(sequence)).toEqual([{ kind: 'user', uid: id, belowVersion: 2 }])
  })

  test('a disabled user stays disabled when the password is set', async () => {
    const { users } = database.store
    const id = await addUser('still-disabled')
    await users.disable(id, context)
    expect(await users.setPassword(id, aPassword, context)).toBe('set')
    expect(await users.find(id)).toMatchObject({ status: 'disabled', version: 3 })
  })

  test('a hash is replaced only in the place of the one that was verified, and no token dies', async () => {
    const { users, revocations } = database.store
    const id = await addUser('rehashed', { password: aPassword })
    const { sequence } = await revocations.head()
    const to = { hash: 'stronger', pepperId: 'p2' }
    expect(await users.rehashPassword(id, { hash: 'older' }, to, context)).toBe('lost')
    expect(await users.rehashPassword(id, aPassword, to, context)).toBe('replaced')
    expect(await users.findByName(keyed('rehashed'))).toMatchObject({
      user: { version: 1 },
      password: { ...to, mustChange: false, setAt: startOfTime },
    })
    expect(await targetsSince(sequence)).toEqual([])
  })

  test('a changed profile raises no version', async () => {
    const { users } = database.store
    const id = await addUser('profiled')
    await database.setNow(startOfTime + 7)
    expect(await users.setProfile(id, { nickname: 'Pro' }, context)).toBe('changed')
    await database.setNow(startOfTime)
    expect(await users.setProfile(id, { nickname: 'Pro' }, context)).toBe('same')
    expect(await users.setProfile(id, {}, context, { nickname: 'Con' })).toBe('stale')
    expect(await users.setProfile(nobody, {}, context)).toBe('unknown')
    expect(await users.find(id)).toMatchObject({
      version: 1,
      profile: { nickname: 'Pro' },
      profileAt: after(7),
    })
  })

  test('changed access makes older tokens stale; the same access changes nothing', async () => {
    const { users, revocations } = database.store
    const id = await addUser('worker')
    const { sequence } = await revocations.head()
    const access: UserAccess = { audience, scopes: ['read', 'write'], roles: ['editor'] }
    expect(await users.setAccess(id, access, context)).toBe('changed')
    expect(await users.setAccess(id, { ...access, scopes: ['write', 'read'] }, context)).toBe(
      'same',
    )
    expect(await users.setAccess(nobody, access, context)).toBe('unknown')
    expect(await users.setAccess(id, { ...access, audience: 'https://x.test' }, context)).toBe(
      'no_resource',
    )
    expect(await users.listAccess(id)).toEqual([access])
    expect(await users.setAccess(id, { audience, scopes: [], roles: [] }, context)).toBe('changed')
    expect(await users.setAccess(id, { audience, scopes: [], roles: [] }, context)).toBe('same')
    expect(await users.listAccess(id)).toEqual([])
    expect(await users.find(id)).toMatchObject({ version: 3 })
    expect(await targetsSince(sequence)).toEqual([
      { kind: 'claims_stale', uid: id, belowVersion: 2 },
      { kind: 'claims_stale', uid: id, belowVersion: 3 },
    ])
  })

  test('a name is added and dropped; tokens become stale only where they show another name', async () => {
    const { users, revocations } = database.store
    const id = await addUser('', { names: [anAddress('cy@example.org')] })
    const { sequence } = await revocations.head()
    await database.setNow(startOfTime + 1)
    expect(await users.addName(id, anAddress('cy@example.net'), context)).toEqual({
      outcome: 'added',
    })
    expect(await targetsSince(sequence)).toEqual([])
    expect(await users.addName(id, aName('Cy'), context)).toEqual({ outcome: 'added' })
    expect(await users.addName(id, aName('taken'), context)).toMatchObject({
      outcome: 'name_taken',
    })
    expect(await users.addName(nobody, aName('free'), context)).toEqual({ outcome: 'unknown' })
    expect(await users.dropName(id, keyed('cy@example.net'), context)).toBe('dropped')
    expect(await users.dropName(id, keyed('cy@example.net'), context)).toBe('unknown')
    expect(await users.dropName(id, keyed('taken'), context)).toBe('unknown')
    expect(await users.dropName(id, keyed('cy'), context)).toBe('dropped')
    expect(await users.dropName(id, keyed('cy@example.org'), context)).toBe('last')
    expect(await users.dropName(nobody, keyed('cy'), context)).toBe('unknown')
    await database.setNow(startOfTime)
    expect(await targetsSince(sequence)).toEqual([
      { kind: 'claims_stale', uid: id, belowVersion: 2 },
      { kind: 'claims_stale', uid: id, belowVersion: 3 },
    ])
  })

  test('a user has ten names at most', async () => {
    const { users } = database.store
    const names = Array.from({ length: 10 }, (_, index) => aName(`many-${index}`))
    const id = await addUser('', { names })
    expect(await users.addName(id, aName('many-10'), context)).toEqual({ outcome: 'too_many' })
  })

  test('a dropped name is reserved until the last token that shows it has expired', async () => {
    const { users } = database.store
    const id = await addUser('', { names: [aName('was-mine'), aName('still-mine')] })
    await users.dropName(id, keyed('was-mine'), context)
    // The longest token life of the resource, and the largest leeway of verifiers.
    const freeAt = after(600 + 60)
    const taken = { outcome: 'name_taken', key: 'was-mine', freeAt }
    expect(await users.findByName(keyed('was-mine'))).toBeUndefined()
    expect(await users.create(aUser('was-mine'), context)).toEqual(taken)
    expect(await users.addName(id, aName('was-mine'), context)).toEqual(taken)
    await database.setNow(freeAt)
    const next = await addUser('was-mine')
    await database.setNow(startOfTime)
    expect(await users.findByName(keyed('was-mine'))).toMatchObject({ user: { id: next } })
  })

  test('an erased user leaves nothing but reserved keys and an entry in the log', async () => {
    const { users, refreshTokens, revocations } = database.store
    const id = await addUser('', {
      names: [aName('Forget-Me'), anAddress('forget@example.org', true)],
      profile: { name: 'Forget Me' },
      access: [{ audience, scopes: ['read'], roles: [] }],
      password: aPassword,
    })
    await openFamilyOf(id, 'family of forgotten')
    const { sequence } = await revocations.head()
    const before = await lastEvent()
    expect(await users.erase(id, context)).toBe('erased')
    expect(await users.erase(id, context)).toBe('unknown')
    expect(await users.find(id)).toBeUndefined()
    expect(await users.findByName(keyed('forget-me'))).toBeUndefined()
    expect(await users.listAccess(id)).toEqual([])
    expect(await refreshTokens.find('family of forgotten')).toBeUndefined()
    expect(await targetsSince(sequence)).toEqual([{ kind: 'user', uid: id, belowVersion: 2 }])
    expect(await eventsAfter(before)).toEqual([
      { event: 'user_erased', userId: id, version: 2, ...context },
    ])
    for (const table of ['users', 'passwords', 'user_access', 'user_names'])
      expect(JSON.stringify(await database.sql(`select * from ${table}`))).not.toContain(id)
    const rows = await database.sql(
      `select shown, kind from user_names where key in ('forget-me', 'forget@example.org')`,
    )
    expect(rows.map(({ shown }) => shown)).toEqual(['', ''])
    expect(await users.create(aUser('forget-me'), context)).toMatchObject({
      outcome: 'name_taken',
      freeAt: after(660),
    })
  })

  test('reserved names are deleted once they are free', async () => {
    const { users } = database.store
    await users.erase(await addUser('short-lived'), context)
    const rowsOf = () => database.sql(`select key from user_names where key = 'short-lived'`)
    const pruneAll = async () => {
      while (!(await database.store.prune()).done);
    }
    await pruneAll()
    expect(await rowsOf()).toHaveLength(1)
    await database.setNow(after(660))
    await pruneAll()
    await database.setNow(startOfTime)
    expect(await rowsOf()).toEqual([])
  })

  test('a resource that users have access to is not removed', async () => {
    const { users, resources } = database.store
    const other = { ...aResource, audience: 'https://other.test' }
    await resources.add(other, context)
    const access = [{ audience: other.audience, scopes: ['read'], roles: ['admin'] }]
    const id = await addUser('of-other', { access })
    expect(await resources.countUsers(other.audience)).toBe(1)
    expect(await resources.remove(other.audience, context)).toBe('held_by_users')
    expect(await users.listAccess(id)).toEqual(access)
    const none = { audience: other.audience, scopes: [], roles: [] }
    expect(await users.setAccess(id, none, context)).toBe('changed')
    expect(await resources.countUsers(other.audience)).toBe(0)
    expect(await resources.remove(other.audience, context)).toBe('removed')
  })

  test('fifty users for one name at once: one is created', async () => {
    const second = await database.open()
    const outcomes = await Promise.all(
      callers.map((index) => {
        const { users } = index % 2 === 0 ? database.store : second
        const names = [aName(`alone-${index}`), aName('wanted')]
        return users.create(
          aUser('', { names: index % 3 === 0 ? names : names.toReversed() }),
          context,
        )
      }),
    )
    expect(outcomes.filter(({ outcome }) => outcome === 'created')).toHaveLength(1)
    expect(outcomes.filter(({ outcome }) => outcome === 'name_taken')).toHaveLength(49)
    const rows = await database.sql(`select key from user_names where key like 'alone-%'`)
    expect(rows).toHaveLength(1)
  })

  test('fifty callers disable one user at once: one does, and the log has one entry', async () => {
    const second = await database.open()
    const id = await addUser('pressed')
    const { sequence } = await database.store.revocations.head()
    const outcomes = await Promise.all(
      callers.map((index) =>
        (index % 2 === 0 ? database.store : second).users.disable(id, context),
      ),
    )
    expect(outcomes.filter((outcome) => outcome === 'disabled')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'already')).toHaveLength(49)
    expect(await targetsSince(sequence)).toEqual([{ kind: 'user', uid: id, belowVersion: 2 }])
  })

  test('fifty callers change the access of one user at once: each change has its own version', async () => {
    const second = await database.open()
    const id = await addUser('busy')
    const { sequence } = await database.store.revocations.head()
    const outcomes = await Promise.all(
      callers.map((index) =>
        (index % 2 === 0 ? database.store : second).users.setAccess(
          id,
          { audience, scopes: [], roles: [`role-${index}`] },
          context,
        ),
      ),
    )
    expect(outcomes).toEqual(callers.map(() => 'changed'))
    expect(await database.store.users.find(id)).toMatchObject({ version: 51 })
    const versions = (await targetsSince(sequence)).map((target) =>
      target.kind === 'claims_stale' ? target.belowVersion : 0,
    )
    expect(versions).toEqual(callers.map((index) => index + 2))
  })

  test('fifty callers drop the two names of a user at once: one name stays', async () => {
    const second = await database.open()
    const names = [aName('left'), aName('right')]
    const id = await addUser('', { names })
    const outcomes = await Promise.all(
      callers.map((index) =>
        (index % 2 === 0 ? database.store : second).users.dropName(
          id,
          keyed(index % 4 < 2 ? 'left' : 'right'),
          context,
        ),
      ),
    )
    expect(outcomes.filter((outcome) => outcome === 'dropped')).toHaveLength(1)
    expect((await database.store.users.find(id))?.names).toHaveLength(1)
  })

  test('fifty callers erase one user and set its password at once: nothing of it stays', async () => {
    const second = await database.open()
    const id = await addUser('short', { password: aPassword })
    const outcomes = await Promise.all(
      callers.map((index) => {
        const { users } = index % 2 === 0 ? database.store : second
        if (index % 10 === 5) return users.erase(id, context)
        return users.setPassword(id, { ...aPassword, hash: `h${index}` }, context)
      }),
    )
    expect(outcomes.filter((outcome) => outcome === 'erased')).toHaveLength(1)
    expect(await database.sql(`select hash from passwords where user_id = '${id}'`)).toEqual([])
  })

  test('no client has the id of a user, and no user that of a client', async () => {
    const { users, clients } = database.store
    const id = await addUser('one-id')
    const { access: _, ...client } = aClient
    const bare = { ...client, access: [] }
    expect(await clients.add({ ...bare, id, internalId: 'i1' }, context)).toBe('id_of_user')
    expect(await clients.find(id)).toBeUndefined()
    expect(await clients.add({ ...bare, id: 'first', internalId: 'i2' }, context)).toBe('added')
    const user = { ...aUser('second'), id: 'first' as UserId }
    expect(await users.create(user, context)).toEqual({ outcome: 'id_taken' })
    expect(await users.find(user.id)).toBeUndefined()
  })

  test('of 50 callers that make a user with one id, one does', async () => {
    const { users } = database.store
    const id = 'one-of-fifty' as UserId
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, caller) =>
        users.create({ ...aUser(`fifty-${caller}`), id }, context),
      ),
    )
    expect(outcomes.filter(({ outcome }) => outcome === 'created')).toHaveLength(1)
    expect(outcomes.filter(({ outcome }) => outcome === 'id_taken')).toHaveLength(49)
    expect((await users.find(id))?.names).toHaveLength(1)
  })

  test('access to a scope that is gone is refused', async () => {
    const { users } = database.store
    const access = { audience, scopes: ['read', 'never offered'], roles: [] }
    const user = aUser('beyond', { access: [access] })
    expect(await users.create(user, context)).toEqual({ outcome: 'no_resource' })
    const id = await addUser('within')
    expect(await users.setAccess(id, access, context)).toBe('no_resource')
    expect(await users.listAccess(id)).toEqual([])
  })

  test('a scope is removed while a user gets it: no user has a scope that is gone', async () => {
    const { users, resources } = database.store
    const second = await database.open()
    const wide = { ...aResource, audience: 'https://wide.test', scopes: ['read', 'write'] }
    const narrow = { ...wide, scopes: ['read'] }
    await resources.add(wide, context)
    const id = await addUser('scope-racer')
    const access = { audience: wide.audience, scopes: ['write'], roles: [] }
    for (let round = 0; round < 10; round += 1) {
      const [removed, set] = await Promise.all([
        second.resources.change(narrow, context),
        users.setAccess(id, access, context),
      ])
      expect([removed, set]).toEqual(
        removed === 'changed' ? ['changed', 'no_resource'] : ['held_by_users', 'changed'],
      )
      await users.setAccess(id, { ...access, scopes: [] }, context)
      await resources.change(wide, context)
    }
    await resources.remove(wide.audience, context)
  })

  test('a resource is removed while a user gets access to it: one of both is refused', async () => {
    const { users, resources } = database.store
    const second = await database.open()
    const shared = { ...aResource, audience: 'https://short.test' }
    const id = await addUser('racer')
    for (let round = 0; round < 10; round += 1) {
      await resources.add(shared, context)
      const access = { audience: shared.audience, scopes: [], roles: [`r${round}`] }
      const [removed, set] = await Promise.all([
        second.resources.remove(shared.audience, context),
        users.setAccess(id, access, context),
      ])
      expect([removed, set]).toEqual(
        removed === 'removed' ? ['removed', 'no_resource'] : ['held_by_users', 'changed'],
      )
      await users.setAccess(id, { ...access, roles: [] }, context)
    }
  })

  test('fifty callers rehash one password at once: one does', async () => {
    const second = await database.open()
    const id = await addUser('warm', { password: aPassword })
    const outcomes = await Promise.all(
      callers.map((index) =>
        (index % 2 === 0 ? database.store : second).users.rehashPassword(
          id,
          aPassword,
          { hash: `new-${index}`, pepperId: 'p2' },
          context,
        ),
      ),
    )
    expect(outcomes.filter((outcome) => outcome === 'replaced')).toHaveLength(1)
  })

  test.each(['user', 'claims_stale'] as const)(
    'healing a lost %s entry raises the version of the user, and never lowers it',
    async (kind) => {
      const { users, revocations, refreshTokens } = database.store
      const id = await addUser(`healed-${kind}`)
      const sid = `family of ${kind}`
      await openFamilyOf(id, sid)
      const heal = async (belowVersion: number) => {
        const target = { kind, uid: id, belowVersion }
        const lost = { entries: [{ target, until: after(600) }], clients: [], users: [] }
        await revocations.heal((await revocations.head()).epoch, lost, context)
        return (await users.find(id))?.version
      }
      expect(await heal(5)).toBe(5)
      expect(await heal(4)).toBe(5)
      expect((await refreshTokens.find(sid)) === undefined).toBe(kind === 'user')
    },
  )

  test('no name, address or profile is in the audit log', async () => {
    const text = JSON.stringify(await database.store.audit.list(0, 100_000))
    for (const word of ['ann.lee', 'Ann Lee', 'forget', 'nickname'])
      expect(text).not.toContain(word)
  })
})

const aPassword = { hash: '$argon2id$a', pepperId: 'p1', mustChange: false }

function keyed(text: string): NameKey {
  return text as NameKey
}

function aName(shown: string): NewName {
  return { key: keyed(shown.toLowerCase()), kind: 'username', shown, isVerified: false }
}

function anAddress(shown: string, isVerified = false): NewName {
  return { key: keyed(shown.toLowerCase()), kind: 'address', shown, isVerified }
}

function aUser(name: string, over: Partial<NewUser> = {}): NewUser {
  return {
    id: randomBytes(16).toString('base64url') as UserId,
    handle: randomBytes(32),
    profile: {},
    names: [aName(name)],
    access: [],
    password: null,
    ...over,
  }
}
