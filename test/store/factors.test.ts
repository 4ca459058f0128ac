import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NewTotp } from '../../packages/server/src/store/port/factor-verbs.ts'
import type { NewMail } from '../../packages/server/src/store/port/outbox-verbs.ts'
import type { UserId } from '../../packages/server/src/store/port/user-records.ts'
import { databases, startOfTime, type TestDatabase } from './databases.ts'
import { addPerson, aSession, sha } from './people.ts'
import { aClient, context } from './records.ts'

const callers = Array.from({ length: 50 }, (_, index) => index)
const passwordHash = { hash: '$argon2id$x', pepperId: 'p1', mustChange: false }
const sealed = new Uint8Array([1, 2, 3])

describe.each(databases)('second factors on $name', ({ start }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await start()
    await database.store.clients.add(aClient, context)
  })
  afterAll(() => database.close())

  /** A user with a password and a session. */
  async function addActor(name: string) {
    const userId = await addPerson(database.store, name)
    await database.store.users.setPassword(userId, passwordHash, context)
    const sid = `s-${name}`
    await openFor(userId, sid)
    return { userId, sid }
  }

  async function openFor(userId: UserId, sid: string, over = {}, origin = {}) {
    const version = (await database.store.users.find(userId))?.version ?? 1
    const session = aSession(sid, userId, over)
    const family = { ...session.family, user: { id: userId, version } }
    return database.store.sessions.open({ ...session, family }, origin, context)
  }

  async function setUp(userId: UserId, name: string): Promise<NewTotp> {
    const ticket = { purpose: 'totp_setup', hash: sha(name), browserHash: sha('b') } as const
    const rest = { nameKey: null, payload: '{}', attemptsMax: 6, ttlSeconds: 600 }
    await database.store.tickets.create({ ...ticket, ...rest, userId })
    return { sealId: 'seal-1', sealed, step: 100, ticket }
  }

  /** A user with a password and a code app. */
  async function addEnrolled(name: string, codes: readonly string[] = []) {
    const actor = await addActor(name)
    const totp = await setUp(actor.userId, name)
    expect(await database.store.factors.setTotp(totp, codes, actor, [], context)).toBe('set')
    return actor
  }

  async function eventsOf(userId: UserId) {
    const rows = await database.store.audit.list(0, 10_000)
    return rows.flatMap(({ event }) =>
      'userId' in event && event.userId === userId ? [event.event] : [],
    )
  }

  const aMail = (userId: UserId, id: string): NewMail => ({
    id,
    recipientHash: sha('recipient'),
    userId,
    template: 'second_factor_changed',
    sealed,
    ttlSeconds: 600,
  })
  const waiting = async (id: string) =>
    (await database.sql(`select id from outbox where id = '${id}'`)).length

  test('a code app is kept with its mail, and the step of its first code is used', async () => {
    const { factors, users } = database.store
    const actor = await addActor('set')
    const totp = await setUp(actor.userId, 'set')
    const mail = aMail(actor.userId, 'mail-set')
    expect(await factors.setTotp(totp, ['set-1', 'set-2'], actor, [mail], context)).toBe('set')
    expect(await factors.findTotp(actor.userId)).toEqual({
      sealId: 'seal-1',
      sealed,
      confirmedAt: startOfTime,
      lastStep: 100,
    })
    expect(await users.factors(actor.userId)).toMatchObject({ hasTotp: true, recoveryCodesLeft: 2 })
    expect(await waiting('mail-set')).toBe(1)
    expect(await eventsOf(actor.userId)).toContain('totp_set')
  })

  test.each([
    ['spent', 'a ticket of another user', 'spent'],
    ['late', 'a ticket that has expired', 'spent'],
    ['ended', 'a session that has ended', 'gone'],
    ['disabled', 'a disabled user', 'gone'],
  ] as const)('nothing is kept (%s): %s', async (how, _, outcome) => {
    const { factors, sessions, users } = database.store
    const actor = await addActor(`no-${how}`)
    const owner = how === 'spent' ? await addPerson(database.store, 'other-owner') : actor.userId
    const totp = await setUp(owner, `no-${how}`)
    if (how === 'late') await database.setNow(startOfTime + 600)
    if (how === 'ended') await sessions.end(actor.sid, actor.userId, 'signed_out', context)
    if (how === 'disabled') await users.disable(actor.userId, context)
    const mail = aMail(actor.userId, `mail-no-${how}`)
    expect(await factors.setTotp(totp, ['x'], actor, [mail], context)).toBe(outcome)
    await database.setNow(startOfTime)
    expect(await users.factors(actor.userId)).toMatchObject({
      hasTotp: false,
      recoveryCodesLeft: 0,
    })
    expect(await waiting(`mail-no-${how}`)).toBe(0)
  })

  test('of 50 callers with one set-up exactly one keeps it', async () => {
    const actor = await addActor('race-set')
    const totp = await setUp(actor.userId, 'race-set')
    const outcomes = await Promise.all(
      callers.map(() => database.store.factors.setTotp(totp, null, actor, [], context)),
    )
    expect(outcomes.filter((outcome) => outcome === 'set')).toHaveLength(1)
  })

  test('a user with a second factor gets no session by one factor', async () => {
    const { userId } = await addEnrolled('weak')
    expect(await openFor(userId, 's-weak-2')).toBe('too_weak')
    expect(await database.store.sessions.find('s-weak-2')).toBeUndefined()
    const use = { kind: 'totp', step: 101 }
    const strong = { acr: '2', amr: ['pwd', 'otp'] }
    expect(await openFor(userId, 's-weak-3', strong, { use })).toBe('opened')
  })

  test('a code opens one session: no code of its step or before works again', async () => {
    const { userId } = await addEnrolled('steps')
    const strong = { acr: '2', amr: ['pwd', 'otp'] }
    const open = (step: number) =>
      openFor(userId, `s-steps-${step}-${Math.random()}`, strong, { use: { kind: 'totp', step } })
    expect(await open(100)).toBe('used')
    expect(await open(102)).toBe('opened')
    expect(await open(102)).toBe('used')
    expect(await open(101)).toBe('used')
    expect(await open(103)).toBe('opened')
  })

  test.each([
    ['a code of the app', { kind: 'totp', step: 101 }],
    ['a recovery code', { kind: 'recovery', hash: 'race-code' }],
  ] as const)('of 50 sign-ins with %s exactly one succeeds', async (how, use) => {
    const name = `race ${how}`
    const codes = use.kind === 'recovery' ? [use.hash, `${name}-other`] : []
    const { userId } = await addEnrolled(name, codes)
    const strong = { acr: '2', amr: ['pwd', 'otp'] }
    const outcomes = await Promise.all(
      callers.map((caller) => openFor(userId, `${name}-${caller}`, strong, { use })),
    )
    expect(outcomes.filter((outcome) => outcome === 'opened')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'used')).toHaveLength(49)
  })

  test('a recovery code of another user is nothing', async () => {
    await addEnrolled('codes-of-ann', ['code-of-ann'])
    const { userId } = await addEnrolled('codes-of-bob', ['code-of-bob'])
    const use = { kind: 'recovery', hash: 'code-of-ann' }
    const strong = { acr: '2', amr: ['pwd', 'otp'] }
    expect(await openFor(userId, 's-foreign-code', strong, { use })).toBe('used')
  })

  test('a used recovery code is counted, and a new set ends the old one', async () => {
    const { factors, users } = database.store
    const actor = await addEnrolled('codes', ['c-1', 'c-2', 'c-3'])
    const strong = { acr: '2', amr: ['pwd', 'otp'] }
    const open = (hash: string) =>
      openFor(actor.userId, `s-${hash}`, strong, {
        use: { kind: 'recovery', hash },
        mails: [aMail(actor.userId, `mail-${hash}`)],
      })
    expect(await open('c-1')).toBe('opened')
    expect(await waiting('mail-c-1')).toBe(1)
    expect((await users.factors(actor.userId)).recoveryCodesLeft).toBe(2)
    const rows = await database.store.audit.list(0, 10_000)
    const used = rows.map(({ event }) => event).find(({ event }) => event === 'recovery_code_used')
    expect(used).toBeDefined()
    expect(await factors.replaceCodes(['d-1', 'd-2'], actor, [], context)).toBe('replaced')
    expect(await open('c-2')).toBe('used')
    expect(await waiting('mail-c-2')).toBe(0)
    expect(await open('d-1')).toBe('opened')
  })

  test('a user without a second factor gets no recovery codes', async () => {
    const actor = await addActor('codes-alone')
    expect(await database.store.factors.replaceCodes(['e-1'], actor, [], context)).toBe('gone')
  })

  test('with the code app its sessions lose level 2, its codes go, and older tokens are stale', async () => {
    const { factors, revocations, sessions, users } = database.store
    const actor = await addEnrolled('removed', ['r-1'])
    const strong = { acr: '2', amr: ['pwd', 'otp'] }
    await openFor(actor.userId, 's-removed-2', strong, { use: { kind: 'totp', step: 101 } })
    const { sequence } = await revocations.head()
    expect(await factors.removeTotp(actor, [], context)).toBe('removed')
    expect((await sessions.find('s-removed-2'))?.acr).toBe('1')
    expect((await users.factors(actor.userId)).recoveryCodesLeft).toBe(0)
    const targets = (await revocations.page(sequence, 10)).map(({ target }) => target.kind)
    expect(targets).toEqual(['claims_stale'])
    expect(await factors.removeTotp(actor, [], context)).toBe('gone')
    expect(await openFor(actor.userId, 's-removed-3')).toBe('opened')
  })

  test('with another code app the sessions of the former one lose level 2', async () => {
    const { factors, revocations, sessions } = database.store
    const actor = await addEnrolled('replaced', ['p-1'])
    const strong = { acr: '2', amr: ['pwd', 'otp'] }
    await openFor(actor.userId, 's-replaced-2', strong, { use: { kind: 'totp', step: 101 } })
    const { sequence } = await revocations.head()
    const totp = await setUp(actor.userId, 'replaced again')
    expect(await factors.setTotp(totp, null, actor, [], context)).toBe('set')
    expect((await sessions.find('s-replaced-2'))?.acr).toBe('1')
    const targets = (await revocations.page(sequence, 10)).map(({ target }) => target.kind)
    expect(targets).toEqual(['claims_stale'])
  })

  describe('a second factor before a password that must change', () => {
    async function waiting(name: string) {
      const actor = await addEnrolled(name, [`${name}-1`])
      const ticket = {
        purpose: 'second_factor',
        hash: sha(`wait ${name}`),
        browserHash: sha('b'),
      } as const
      const rest = { nameKey: null, payload: '{}', attemptsMax: 6, ttlSeconds: 600 }
      await database.store.tickets.create({ ...ticket, ...rest, userId: actor.userId })
      const payload = { from: 'sign_in', because: 'asked', amr: ['pwd', 'otp'] } as const
      const use = { kind: 'recovery', hash: `${name}-1` } as const
      const mail = [aMail(actor.userId, `mail-${name}`)]
      const prove = (over = {}) =>
        database.store.proofs.proveFactor(
          { ticket, userId: actor.userId, use, mail, payload, ...over },
          { hash: sha(`next ${name}`), browserHash: sha('b'), ttlSeconds: 600 },
          context,
        )
      const step = () =>
        database.store.tickets.show('choose_password', { hash: sha(`next ${name}`) })
      return { ...actor, prove, step }
    }

    test('is used up with its ticket, and gives the one for a password', async () => {
      const { userId, prove, step } = await waiting('must')
      expect(await prove()).toBe('proven')
      expect(await step()).toMatchObject({ userId, browserHash: sha('b') })
      expect((await database.store.users.factors(userId)).recoveryCodesLeft).toBe(0)
      expect(await database.sql(`select id from outbox where id = 'mail-must'`)).toHaveLength(1)
      expect(await prove()).toBe('spent')
    })

    test('that is not right, or of another user, changes nothing', async () => {
      const { prove, step } = await waiting('must-not')
      const other = await addEnrolled('must-other')
      expect(await prove({ use: { kind: 'recovery', hash: 'must-not-2' } })).toBe('used')
      expect(await prove({ userId: other.userId })).toBe('spent')
      expect(await step()).toBeUndefined()
      expect(await prove()).toBe('proven')
    })

    test('of 50 callers goes on for exactly one', async () => {
      const { prove } = await waiting('must-rush')
      const outcomes = await Promise.all(callers.map(() => prove()))
      expect(outcomes.filter((outcome) => outcome === 'proven')).toHaveLength(1)
    })
  })

  test('a reset removes all second factors, ends all sessions and revokes all tokens', async () => {
    const { factors, revocations, sessions, users } = database.store
    const actor = await addEnrolled('reset', ['f-1'])
    const { sequence } = await revocations.head()
    expect(await factors.reset(actor.userId, [aMail(actor.userId, 'mail-reset')], context)).toBe(
      'reset',
    )
    expect(await users.factors(actor.userId)).toMatchObject({
      hasPassword: true,
      hasTotp: false,
      recoveryCodesLeft: 0,
    })
    expect(await sessions.find(actor.sid)).toBeUndefined()
    expect((await revocations.page(sequence, 10)).map(({ target }) => target.kind)).toEqual([
      'user',
    ])
    expect(await waiting('mail-reset')).toBe(1)
    expect(await eventsOf(actor.userId)).toContain('factors_reset')
    expect(await factors.reset(actor.userId, [], context)).toBe('none')
    expect(await factors.reset('nobody' as UserId, [], context)).toBe('unknown')
  })

  test('an erased user leaves no code app and no recovery code', async () => {
    const { userId } = await addEnrolled('erased', ['g-1'])
    await database.store.users.erase(userId, context)
    for (const table of ['totp', 'recovery_codes'])
      expect(await database.sql(`select * from ${table} where user_id = '${userId}'`)).toEqual([])
  })

  test('tries at a ticket are counted before they are judged, and the last one locks', async () => {
    const { tickets } = database.store
    const userId = await addPerson(database.store, 'tries')
    const key = { purpose: 'second_factor', hash: sha('tries'), browserHash: sha('b') } as const
    const rest = { userId, nameKey: null, payload: '{"a":1}', attemptsMax: 6, ttlSeconds: 600 }
    await tickets.create({ ...key, ...rest })
    expect(await tickets.find(key)).toMatchObject({ userId, triesLeft: 5, payload: '{"a":1}' })
    const outcomes = await Promise.all(callers.map(() => tickets.countTry(key)))
    expect(outcomes.filter(({ outcome }) => outcome === 'counted')).toHaveLength(5)
    expect(outcomes.filter(({ outcome }) => outcome === 'locked')).toHaveLength(45)
    const left = outcomes.flatMap((one) =>
      one.outcome === 'counted' ? [one.ticket.triesLeft] : [],
    )
    expect(left.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4])
    expect(await tickets.countTry({ ...key, browserHash: sha('other') })).toEqual({
      outcome: 'unknown',
    })
    // The try that was counted last may still be the right one.
    expect(await tickets.redeem(key)).toMatchObject({ userId })
    expect(await tickets.countTry(key)).toEqual({ outcome: 'unknown' })
  })

  test('a ticket with the hash of another takes its place', async () => {
    const { tickets } = database.store
    const [ann, bob] = [
      await addPerson(database.store, 'hash-1'),
      await addPerson(database.store, 'hash-2'),
    ]
    const key = { purpose: 'second_factor', hash: sha('one hash'), browserHash: sha('b') } as const
    const rest = { nameKey: null, payload: '{}', attemptsMax: 6, ttlSeconds: 600 }
    await tickets.create({ ...key, ...rest, userId: ann })
    await tickets.countTry(key)
    await tickets.create({ ...key, ...rest, userId: bob })
    expect(await tickets.find(key)).toMatchObject({ userId: bob, triesLeft: 5 })
  })
})
