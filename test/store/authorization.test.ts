import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type {
  NewCode,
  NewPendingAuthorization,
} from '../../packages/server/src/store/port/authorization-verbs.ts'
import type { UserId } from '../../packages/server/src/store/port/user-records.ts'
import { databases, startOfTime, type TestDatabase } from './databases.ts'
import { addPerson, aSession, sha } from './people.ts'
import { aClient, aFamily, context } from './records.ts'

const callers = Array.from({ length: 50 }, (_, index) => index)

describe.each(databases)('the code flow on $name', ({ start }) => {
  let database: TestDatabase
  let userId: UserId
  beforeAll(async () => {
    database = await start()
    await database.store.clients.add(aClient, context)
    userId = await addPerson(database.store, 'wren')
  })
  afterAll(() => database.close())

  async function signIn(sid: string): Promise<void> {
    const opened = await database.store.sessions.open(aSession(sid, userId), {}, context)
    expect(opened).toBe('opened')
  }

  /** Opens a session and makes a code in it. */
  async function aCode(name: string, over: Partial<NewCode> = {}): Promise<NewCode> {
    const sessionSid = `session of ${name}`
    await signIn(sessionSid)
    const code: NewCode = {
      hash: sha(name),
      clientId: aClient.id,
      redirectUri: 'https://desk.example/cb',
      userId,
      sessionSid,
      challenge: 'challenge',
      jkt: '',
      audience: 'https://api.test',
      scopes: ['read'],
      identityScopes: ['openid'],
      idTokenClaims: [],
      userinfoClaims: ['name'],
      nonce: 'n',
      isOffline: true,
      ttlSeconds: 60,
      ...over,
    }
    expect(await database.store.authorizations.giveCode(code, {}, context)).toBe('given')
    return code
  }

  const familyOf = (sid: string) => ({
    ...aFamily,
    sid,
    subject: userId,
    user: { id: userId, version: 1 },
  })
  const redeem = ({ hash }: Pick<NewCode, 'hash'>, sid: string, clientId = aClient.id) =>
    database.store.authorizations.redeemCode({ hash, clientId, family: familyOf(sid) }, context)

  test('a code opens one family, with the facts of its session', async () => {
    const code = await aCode('first')
    expect(await redeem(code, 'family 1')).toBe('redeemed')
    expect(await database.store.refreshTokens.find('family 1')).toMatchObject({ generation: 1 })
    expect(await database.store.authorizations.findClientSession('family 1')).toEqual({
      sid: 'family 1',
      sessionSid: code.sessionSid,
      clientId: aClient.id,
      userId,
      authTime: startOfTime,
      acr: '1',
      amr: ['pwd'],
      identityScopes: ['openid'],
      idTokenClaims: [],
      userinfoClaims: ['name'],
    })
  })

  test('a second use ends the family and revokes its tokens', async () => {
    const { authorizations, refreshTokens, revocations } = database.store
    const code = await aCode('twice')
    expect(await redeem(code, 'family 2')).toBe('redeemed')
    expect(await redeem(code, 'family 3')).toBe('replayed')
    expect(await refreshTokens.find('family 2')).toBeUndefined()
    expect(await refreshTokens.find('family 3')).toBeUndefined()
    expect(await authorizations.findClientSession('family 3')).toBeUndefined()
    const page = await revocations.page(0, 1_000)
    expect(page.map(({ target }) => target)).toContainEqual({ kind: 'sid', sid: 'family 2' })
  })

  test('of 50 callers one redeems a code, and the others end its family', async () => {
    const code = await aCode('race')
    const outcomes = await Promise.all(callers.map((index) => redeem(code, `racer ${index}`)))
    expect(outcomes.filter((outcome) => outcome === 'redeemed')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'replayed')).toHaveLength(49)
    for (const index of callers)
      expect(await database.store.refreshTokens.find(`racer ${index}`)).toBeUndefined()
  })

  test('a code of another client is unknown, and stays', async () => {
    const code = await aCode('of another client')
    await database.store.authorizations.failCode(code.hash, 'other')
    expect(await redeem(code, 'thief', 'other')).toBe('unknown')
    expect(await redeem(code, 'owner of the code')).toBe('redeemed')
  })

  test('the fifth failed try of its client ends a code', async () => {
    const { authorizations } = database.store
    const code = await aCode('guessed')
    for (const _ of [1, 2, 3, 4]) await authorizations.failCode(code.hash, aClient.id)
    const other = await aCode('guessed four times')
    for (const _ of [1, 2, 3, 4]) await authorizations.failCode(other.hash, aClient.id)
    expect(await redeem(other, 'family of four')).toBe('redeemed')
    await authorizations.failCode(code.hash, aClient.id)
    expect(await redeem(code, 'family of five')).toBe('unknown')
  })

  test('a code lives for 60 seconds', async () => {
    const [early, late] = [await aCode('early'), await aCode('late')]
    await database.setNow(startOfTime + 59)
    expect(await redeem(early, 'family early')).toBe('redeemed')
    await database.setNow(startOfTime + 60)
    expect(await redeem(late, 'family late')).toBe('unknown')
    await database.setNow(startOfTime)
  })

  test('a code dies with the session that it comes from', async () => {
    const code = await aCode('signed out')
    await database.store.sessions.end(code.sessionSid, userId, 'signed out', context)
    expect(await redeem(code, 'family of nobody')).toBe('session_ended')
  })

  test('no code is made for a session that has ended, or that has another user', async () => {
    const { authorizations, sessions } = database.store
    const code = await aCode('more')
    const other = await addPerson(database.store, 'heron')
    const another = { ...code, hash: sha('of another user'), userId: other }
    expect(await authorizations.giveCode(another, {}, context)).toBe('session_ended')
    await sessions.end(code.sessionSid, userId, 'signed out', context)
    const late = { ...code, hash: sha('too late') }
    expect(await authorizations.giveCode(late, {}, context)).toBe('session_ended')
    expect(await authorizations.findCode(late.hash)).toBeUndefined()
  })

  test('a waiting request belongs to its browser, and is answered once by 50 callers', async () => {
    const { authorizations } = database.store
    const pending = aPending('waiting')
    await authorizations.hold(pending)
    const foreign = { ...pending, browserHash: sha('other browser') }
    expect(await authorizations.findPending(foreign)).toBeUndefined()
    expect(await authorizations.dropPending(foreign)).toBe(false)
    expect(await authorizations.findPending(pending)).toEqual({
      clientId: aClient.id,
      request: '{}',
      startedAt: startOfTime,
    })
    const code = await aCode('answer')
    const answers = await Promise.all(
      callers.map((index) =>
        authorizations.giveCode({ ...code, hash: sha(`answer ${index}`) }, { pending }, context),
      ),
    )
    expect(answers.filter((answer) => answer === 'given')).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'spent')).toHaveLength(49)
  })

  test('a waiting request ends after its time', async () => {
    const { authorizations } = database.store
    const pending = aPending('slow')
    await authorizations.hold(pending)
    await database.setNow(startOfTime + 3_599)
    expect(await authorizations.findPending(pending)).toBeDefined()
    await database.setNow(startOfTime + 3_600)
    expect(await authorizations.findPending(pending)).toBeUndefined()
    expect(await authorizations.dropPending(pending)).toBe(false)
    await database.setNow(startOfTime)
  })

  test('a browser has 20 open requests at most, and the oldest go', async () => {
    const { authorizations } = database.store
    const browserHash = sha('busy browser')
    const held = callers.slice(0, 21).map((index) => ({ ...aPending(`tab ${index}`), browserHash }))
    for (const [index, pending] of held.entries()) {
      await database.setNow(startOfTime + index)
      await authorizations.hold(pending)
    }
    await database.setNow(startOfTime)
    const found = await Promise.all(held.map((pending) => authorizations.findPending(pending)))
    expect(found.map((one) => one !== undefined)).toEqual([false, ...Array(20).fill(true)])
  })

  test('a consent grows, and belongs to user, client, resource and redirect host', async () => {
    const { authorizations } = database.store
    const key = {
      userId,
      clientId: aClient.id,
      audience: 'https://api.test',
      redirectHost: 'desk.example',
    }
    const code = await aCode('consented')
    const give = (name: string, scopes: readonly string[]) =>
      authorizations.giveCode(
        { ...code, hash: sha(name) },
        { consent: { ...key, scopes } },
        context,
      )
    expect(await authorizations.findConsent(key)).toBeUndefined()
    await give('one', ['openid', 'read'])
    await give('two', ['read', 'write'])
    expect(await authorizations.findConsent(key)).toMatchObject({
      scopes: ['openid', 'read', 'write'],
    })
    for (const over of [
      { clientId: 'other' },
      { audience: 'https://other.test' },
      { redirectHost: 'evil.example' },
      { userId: 'other' as UserId },
    ])
      expect(await authorizations.findConsent({ ...key, ...over })).toBeUndefined()
  })

  const auditEvents = async () =>
    (await database.store.audit.list(0, 10_000)).map(({ event }) => event.event)

  test('the access of an app is listed, and ends with its consents, codes, families and tokens', async () => {
    const { authorizations, clients, consents, refreshTokens, revocations } = database.store
    const client = { ...aClient, id: 'connected', internalId: 'connected 1' }
    await clients.add(client, context)
    const key = {
      userId,
      clientId: client.id,
      audience: 'https://api.test',
      redirectHost: 'desk.example',
    }
    const used = await aCode('connected', { clientId: client.id })
    const agreed = { ...used, hash: sha('agreed') }
    await authorizations.giveCode(agreed, { consent: { ...key, scopes: ['openid'] } }, context)
    const family = { ...familyOf('family connected'), clientId: client.id }
    const spent = { hash: used.hash, clientId: client.id, family }
    expect(await authorizations.redeemCode(spent, context)).toBe('redeemed')
    const mine = (await consents.list(userId)).filter(({ clientId }) => clientId === client.id)
    expect(mine).toEqual([
      {
        clientId: 'connected',
        name: null,
        scopes: ['openid', 'read', 'write'],
        since: startOfTime,
      },
    ])
    const stranger = await addPerson(database.store, 'gull')
    expect(await consents.revoke(stranger, client.id, 'test', context)).toBe('unknown')
    expect(await refreshTokens.find('family connected')).toBeDefined()
    const before = (await auditEvents()).length
    expect(await consents.revoke(userId, client.id, 'test', context)).toBe('revoked')
    expect(await authorizations.findConsent(key)).toBeUndefined()
    expect(await authorizations.findCode(agreed.hash)).toBeUndefined()
    expect(await authorizations.findClientSession('family connected')).toBeUndefined()
    expect(await refreshTokens.find('family connected')).toBeUndefined()
    const page = await revocations.page(0, 1_000)
    expect(page.map(({ target }) => target)).toContainEqual({
      kind: 'sid',
      sid: 'family connected',
    })
    expect((await auditEvents()).slice(before)).toEqual(['consent_revoked', 'family_ended'])
    expect(await consents.revoke(userId, client.id, 'test', context)).toBe('unknown')
    expect(await redeem(used, 'family late', client.id)).toBe('replayed')
  })

  test('a browser session is no app of its client, and stays', async () => {
    const { consents, sessions } = database.store
    await signIn('session that stays')
    expect(await consents.revoke(userId, 'no such client', 'test', context)).toBe('unknown')
    await consents.revoke(userId, aSession('any', userId).family.clientId, 'test', context)
    expect(await sessions.find('session that stays')).toBeDefined()
  })

  test('of 50 callers who remove an app and redeem its code, none leaves a family', async () => {
    const { consents, refreshTokens } = database.store
    for (const round of [1, 2, 3]) {
      const code = await aCode(`removed ${round}`)
      const key = { userId, clientId: aClient.id, audience: 'a', redirectHost: 'desk.example' }
      const other = { ...code, hash: sha(`other ${round}`) }
      const consent = { ...key, scopes: ['read'] }
      await database.store.authorizations.giveCode(other, { consent }, context)
      await Promise.all(
        callers.map((index) =>
          index % 10 === 0
            ? redeem(index === 0 ? code : other, `late ${round} ${index}`)
            : consents.revoke(userId, aClient.id, 'test', context),
        ),
      )
      for (const index of callers)
        expect(await refreshTokens.find(`late ${round} ${index}`)).toBeUndefined()
    }
  })

  test('an erased user leaves no consent, code or session at a client', async () => {
    const { authorizations, users } = database.store
    const gone = await addPerson(database.store, 'gone')
    await database.store.sessions.open(aSession('session of gone', gone), {}, context)
    const key = {
      userId: gone,
      clientId: aClient.id,
      audience: 'https://api.test',
      redirectHost: 'desk.example',
    }
    const code = { ...(await aCode('template')), userId: gone, sessionSid: 'session of gone' }
    const first = { ...code, hash: sha('used by gone') }
    await authorizations.giveCode(first, { consent: { ...key, scopes: ['read'] } }, context)
    await authorizations.redeemCode(
      {
        hash: first.hash,
        clientId: aClient.id,
        family: { ...aFamily, sid: 'family of gone', user: { id: gone, version: 1 } },
      },
      context,
    )
    const second = { ...code, hash: sha('kept by gone') }
    await authorizations.giveCode(second, {}, context)
    await users.erase(gone, context)
    expect(await authorizations.findConsent(key)).toBeUndefined()
    expect(await authorizations.findCode(second.hash)).toBeUndefined()
    expect(await authorizations.findClientSession('family of gone')).toBeUndefined()
  })

  test('a client that is added again has no consents and codes of the former one', async () => {
    const { authorizations, clients } = database.store
    await clients.add({ ...aClient, id: 'former', internalId: 'former 1' }, context)
    const key = {
      userId,
      clientId: 'former',
      audience: 'https://api.test',
      redirectHost: 'desk.example',
    }
    const code = await aCode('of a former client', { clientId: 'former' })
    await authorizations.giveCode(
      { ...code, hash: sha('another of it') },
      { consent: { ...key, scopes: ['read'] } },
      context,
    )
    await clients.remove('former', context)
    expect(await authorizations.findConsent(key)).toBeUndefined()
    expect(await authorizations.findCode(code.hash)).toBeUndefined()
  })
})

function aPending(name: string): NewPendingAuthorization {
  return {
    hash: sha(name),
    browserHash: sha('browser'),
    clientId: aClient.id,
    request: '{}',
    ttlSeconds: 3_600,
  }
}
