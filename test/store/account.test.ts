import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { UserId } from '../../packages/server/src/store/port/user-records.ts'
import type { NewMail } from '../../packages/server/src/store/port/outbox-verbs.ts'
import { exportedTables } from '../../packages/server/src/store/verbs/export-user.ts'
import { databases, randomId, startOfTime, type TestDatabase } from './databases.ts'
import { addPerson, aSession, sha } from './people.ts'
import { aClient, aFamily, context } from './records.ts'

const callers = Array.from({ length: 50 }, (_, index) => index)
const password = { hash: '$argon2id$x', pepperId: 'p1', mustChange: false }

describe.each(databases)('acts of people on their accounts on $name', ({ start }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await start()
    await database.store.clients.add(aClient, context)
  })
  afterAll(() => database.close())

  const open = (sid: string, userId: UserId) =>
    database.store.sessions.open(aSession(sid, userId), {}, context)
  const targetsSince = async (sequence: number) =>
    (await database.store.revocations.page(sequence, 1_000)).map(({ target }) => target)
  const headOfLog = async () => (await database.store.revocations.head()).sequence
  const eventsOf = async (userId: UserId) =>
    (await database.store.audit.list(0, 10_000))
      .map(({ event }) => event)
      .filter((event) => 'userId' in event && event.userId === userId)
  const aMail = (id: string, userId: UserId) => ({
    id,
    recipientHash: 'r',
    userId,
    template: 'password_changed',
    sealed: new Uint8Array([1]),
    ttlSeconds: 600,
  })

  describe('a changed password', () => {
    const change = (userId: UserId, sid: string) =>
      database.store.account.changePassword({ userId, sid }, password, [], context)

    test('ends all sign-ins but one session, which goes on at the new version', async () => {
      const { sessions, refreshTokens, tickets, users, account, outbox } = database.store
      const id = await addPerson(database.store, 'change')
      for (const sid of ['ch-1', 'ch-2', 'ch-3']) await open(sid, id)
      const family = { ...aFamily, sid: 'ch-login', user: { id, version: 1 } }
      await refreshTokens.open(family, {}, context)
      const key = { purpose: 'webauthn', hash: sha('ch'), browserHash: sha('b') } as const
      const ticket = { userId: id, nameKey: null, payload: '{}', attemptsMax: 1, ttlSeconds: 60 }
      await tickets.create({ ...key, ...ticket })
      const before = await headOfLog()
      const actor = { userId: id, sid: 'ch-2' }
      const { waiting } = await outbox.state()
      expect(
        await account.changePassword(actor, password, [aMail('m-change', id)], context),
      ).toEqual({ outcome: 'changed', others: 2 })
      expect((await sessions.list(id, 10)).map(({ family: { sid } }) => sid)).toEqual(['ch-2'])
      expect(await refreshTokens.find('ch-login')).toBeUndefined()
      expect(await tickets.redeem(key)).toBeUndefined()
      expect((await sessions.find('ch-2'))?.family.user).toEqual({ id, version: 2 })
      expect((await users.find(id))?.version).toBe(2)
      expect(await users.findPassword(id)).toMatchObject(password)
      expect(await targetsSince(before)).toEqual([{ kind: 'user', uid: id, belowVersion: 2 }])
      expect(await eventsOf(id)).toContainEqual(
        expect.objectContaining({ event: 'user_password_set', version: 2 }),
      )
      expect((await outbox.state()).waiting).toBe(waiting + 1)
    })

    test('leaves the ways back that were sent by mail', async () => {
      const { tickets } = database.store
      const id = await addPerson(database.store, 'way-back')
      await open('wb-1', id)
      const key = { purpose: 'delete_account', hash: sha('wb'), browserHash: '' } as const
      const ticket = { userId: id, nameKey: null, payload: '{}', attemptsMax: 1, ttlSeconds: 60 }
      await tickets.create({ ...key, ...ticket })
      await change(id, 'wb-1')
      expect(await tickets.redeem(key)).toBeDefined()
    })

    test('is none for a session that has ended, of another person, or of a disabled one', async () => {
      const { sessions, users } = database.store
      const [ann, bob] = [
        await addPerson(database.store, 'none-ann'),
        await addPerson(database.store, 'none-bob'),
      ]
      await open('no-ann', ann)
      await open('no-bob', bob)
      const before = await headOfLog()
      expect(await change(ann, 'no-bob')).toEqual({ outcome: 'session_ended' })
      expect(await change(ann, 'no-session')).toEqual({ outcome: 'session_ended' })
      await sessions.end('no-ann', ann, 'signed_out', context)
      expect(await change(ann, 'no-ann')).toEqual({ outcome: 'session_ended' })
      expect(await users.findPassword(ann)).toBeUndefined()
      expect((await users.find(ann))?.version).toBe(1)
      expect(await targetsSince(before)).toEqual([{ kind: 'sid', sid: 'no-ann' }])
      await users.disable(bob, context)
      expect(await change(bob, 'no-bob')).toEqual({ outcome: 'session_ended' })
    })

    test('from 50 sessions at once is one change: it ends all others', async () => {
      const { sessions, users } = database.store
      const id = await addPerson(database.store, 'race')
      for (const at of callers) await open(`race-${at}`, id)
      const outcomes = await Promise.all(callers.map((at) => change(id, `race-${at}`)))
      const changed = outcomes.filter(({ outcome }) => outcome === 'changed')
      expect(changed).toEqual([{ outcome: 'changed', others: 49 }])
      expect((await users.find(id))?.version).toBe(2)
      expect(await sessions.list(id, 100)).toHaveLength(1)
    })

    test('and the end of its session at the same moment: either one comes first', async () => {
      const { sessions, users } = database.store
      const id = await addPerson(database.store, 'meet')
      for (const at of callers) {
        const sid = `meet-${at}`
        const { version = 0 } = (await users.find(id)) ?? {}
        const user = { id, version }
        const session = aSession(sid, id)
        await sessions.open({ ...session, family: { ...session.family, user } }, {}, context)
        const [changed, ended] = await Promise.all([
          change(id, sid),
          sessions.end(sid, id, 'signed_out', context),
        ])
        expect(ended).toBe('ended')
        const after = (await users.find(id))?.version
        expect(after).toBe(changed.outcome === 'changed' ? version + 1 : version)
        expect(await sessions.find(sid)).toBeUndefined()
      }
    })
  })

  describe('a deletion that waits', () => {
    const week = 7 * 86_400
    const linkOf = (name: string) => sha(`link of ${name}`)
    async function requested(name: string, mail: readonly NewMail[] = []) {
      const userId = await addPerson(database.store, name)
      await open(name, userId)
      const request = { linkHash: linkOf(name), waitSeconds: week }
      const outcome = await database.store.account.requestErasure(
        { userId, sid: name },
        request,
        mail,
        context,
      )
      expect(outcome).toBe('requested')
      return { userId, sid: name }
    }

    test('is kept with the user, writes its mail, and is asked for once', async () => {
      const { account, users, outbox } = database.store
      const { waiting } = await outbox.state()
      const id = randomId()
      const actor = await requested('w-once', [
        { ...aMail(id, 'x' as UserId), userId: null, template: 'account_deletion' },
      ])
      expect((await users.find(actor.userId))?.eraseAt).toBe(startOfTime + week)
      expect((await outbox.state()).waiting).toBe(waiting + 1)
      const again = { linkHash: sha('again'), waitSeconds: week }
      expect(await account.requestErasure(actor, again, [], context)).toBe('waiting')
      expect(await account.keepByLink(sha('again'), context)).toBe('none')
      expect(await eventsOf(actor.userId)).toContainEqual(
        expect.objectContaining({ event: 'user_erasure_requested', waitSeconds: week }),
      )
      expect(await account.eraseDue(context)).toBe('none')
    })

    test('is revoked by the person, and its link is nothing then', async () => {
      const { account, users } = database.store
      const actor = await requested('w-kept')
      expect(await account.keepAccount(actor, context)).toBe('kept')
      expect((await users.find(actor.userId))?.eraseAt).toBeUndefined()
      expect(await account.keepAccount(actor, context)).toBe('none')
      expect(await account.keepByLink(linkOf('w-kept'), context)).toBe('none')
      expect(await eventsOf(actor.userId)).toContainEqual(
        expect.objectContaining({ event: 'user_erasure_revoked' }),
      )
    })

    test('is revoked by its link once, after all sign-ins were ended too', async () => {
      const { account, users } = database.store
      const { userId } = await requested('w-link')
      await users.revokeTokens(userId, context)
      expect(await account.keepByLink(sha('another'), context)).toBe('none')
      const outcomes = await Promise.all(
        callers.map(() => account.keepByLink(linkOf('w-link'), context)),
      )
      expect(outcomes.filter((outcome) => outcome === 'kept')).toHaveLength(1)
      expect((await users.find(userId))?.eraseAt).toBeUndefined()
    })

    test('is nothing for a session that has ended', async () => {
      const { account, sessions, users } = database.store
      const userId = await addPerson(database.store, 'w-ended')
      await open('w-ended', userId)
      await sessions.end('w-ended', userId, 'signed_out', context)
      const actor = { userId, sid: 'w-ended' }
      const request = { linkHash: linkOf('w-ended'), waitSeconds: week }
      expect(await account.requestErasure(actor, request, [], context)).toBe('session_ended')
      expect(await account.eraseNow(actor, context)).toBe('session_ended')
      expect(await account.keepAccount(actor, context)).toBe('session_ended')
      expect((await users.find(userId))?.eraseAt).toBeUndefined()
    })

    test('of 50 callers before its moment one keeps the account, and nobody erases it', async () => {
      const { account, users } = database.store
      const actor = await requested('w-early')
      const outcomes = await Promise.all(
        callers.map((at) =>
          at % 2 === 0 ? account.keepAccount(actor, context) : account.eraseDue(context),
        ),
      )
      expect(outcomes.filter((outcome) => outcome === 'kept')).toHaveLength(1)
      expect(outcomes).not.toContain('erased')
      expect(await users.find(actor.userId)).toBeDefined()
    })

    test('of 50 callers after its moment one erases the account, and nobody keeps it', async () => {
      const { account, users, audit } = database.store
      const actor = await requested('w-late')
      const link = linkOf('w-late')
      const before = await headOfLog()
      // Days offline: the moment is long over.
      await database.setNow(startOfTime + 10 * week)
      const user = { id: actor.userId, version: 1 }
      const session = aSession('w-late-again', actor.userId)
      await database.store.sessions.open(
        { ...session, family: { ...session.family, user } },
        {},
        context,
      )
      const now = { ...actor, sid: 'w-late-again' }
      const outcomes = await Promise.all(
        callers.map((at) => {
          if (at % 3 === 0) return account.keepAccount(now, context)
          return at % 3 === 1 ? account.keepByLink(link, context) : account.eraseDue(context)
        }),
      )
      while ((await account.eraseDue(context)) === 'erased');
      expect(outcomes).not.toContain('kept')
      expect(await users.find(actor.userId)).toBeUndefined()
      const events = (await audit.list(0, 100_000)).map(({ event }) => event)
      const erased = events.filter(
        (event) => event.event === 'user_erased' && event.userId === actor.userId,
      )
      expect(erased).toHaveLength(1)
      expect(await targetsSince(before)).toContainEqual({
        kind: 'user',
        uid: actor.userId,
        belowVersion: 2,
      })
      await database.setNow(startOfTime)
    })
  })

  test('a user who is erased at once leaves no row but the reserved name and the events', async () => {
    const { account, users, tickets } = database.store
    const userId = await addPerson(database.store, 'gone-now')
    await open('gone-now', userId)
    await users.setPassword(userId, password, context)
    const user = { id: userId, version: 2 }
    const session = aSession('gone-now-2', userId)
    await database.store.sessions.open(
      { ...session, family: { ...session.family, user } },
      {},
      context,
    )
    const actor = { userId, sid: 'gone-now-2' }
    await account.requestErasure(actor, { linkHash: sha('gn'), waitSeconds: 600 }, [], context)
    expect(await account.eraseNow(actor, context)).toBe('erased')
    for (const { name, where } of exportedTables) {
      // These rows refuse the tokens until the last one has expired.
      if (['revocations', 'changes', 'status_entries'].includes(name)) continue
      const literal = where.replaceAll('$1', `'${userId}'`)
      const rows = await database.sql(`select 1 as one from ${name} where ${literal}`)
      expect([name, rows]).toEqual([name, []])
    }
    expect(
      await tickets.redeem({ purpose: 'delete_account', hash: sha('gn'), browserHash: '' }),
    ).toBeUndefined()
  })

  describe('an export', () => {
    /** Tables without a row about a user, each with the reason. */
    const elsewhere: Readonly<Record<string, string>> = {
      schema_migrations: 'steps of the schema',
      log_head: 'numbers of the logs',
      log_links: 'hashes of the logs',
      clients: 'applications',
      resources: 'APIs',
      keys: 'keys of the service',
      authorizations: 'requests of applications before anybody has signed in',
      foreign_schemes: 'costs of imported hashes',
      spent: 'hashes of ids that were used once',
      status_lists: 'lists of places',
      audit: 'read in steps, with the events that name the user',
      audit_segments: 'hashes of the audit log',
      audit_tip: 'hashes of the audit log',
      leases: 'processes of the service',
      test_clock: 'the clock of these tests',
    }
    const tablesSql = {
      sqlite: `select m.name as "table", c.name as "column" from sqlite_schema m join pragma_table_info(m.name) c
        where m.type = 'table' and m.name not like 'sqlite_%'`,
      postgres: `select table_name as "table", column_name as "column" from information_schema.columns
        where table_schema = current_schema()`,
    }

    test('covers each table of the schema, or a reason says why not', async () => {
      const columns = await database.sql(tablesSql[database.name])
      const tables = new Set(columns.map((row) => String(row['table'])))
      const covered = exportedTables.map(({ name }) => name)
      const known = new Set([...covered, ...Object.keys(elsewhere)])
      expect([...tables].filter((name) => !known.has(name))).toEqual([])
      const withUser = columns.filter((row) =>
        ['user_id', 'subject'].includes(String(row['column'])),
      )
      for (const row of withUser) expect(covered).toContain(row['table'])
    })

    test('holds no secret, hash, seal or value that is only for this service', () => {
      const columns = exportedTables.flatMap((table) => table.columns)
      const secret = new Set([
        'hash',
        'sealed',
        'seal',
        'payload',
        'key',
        'handle',
        'secret',
        'browser',
        'code',
      ])
      const allowed = ['key']
      const found = columns.filter((column) => column.split('_').some((word) => secret.has(word)))
      // The key of a counter is the id of the user.
      expect(found).toEqual(allowed)
    })

    test('gives the rows of one user by table', async () => {
      const { account, users } = database.store
      const userId = await addPerson(database.store, 'export-me')
      await addPerson(database.store, 'export-other')
      await users.setPassword(userId, password, context)
      const rows = await account.exportRows(userId)
      expect(rows['user_names']).toEqual([
        { kind: 'username', shown: 'export-me', verified_at: null, added_at: expect.any(Number) },
      ])
      expect(rows['passwords']).toEqual([{ set_at: expect.any(Number), must_change: 0 }])
      expect(rows['users']).toHaveLength(1)
      expect(JSON.stringify(rows)).not.toContain('argon2id')
      expect(JSON.stringify(rows)).not.toContain('export-other')
    })

    test('gives the events that name the user, in steps, the newest first', async () => {
      const { account, users } = database.store
      const userId = await addPerson(database.store, 'export-events')
      await users.disable(userId, context)
      const events: object[] = []
      for (let below: number | null = Number.MAX_SAFE_INTEGER; below !== null;) {
        const step = await account.exportEvents(userId, below)
        events.push(...step.events)
        below = step.below
      }
      expect(events).toMatchObject([
        { event: 'user_disabled', userId },
        { event: 'user_added', userId },
      ])
    })
  })
})
