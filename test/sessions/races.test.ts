import { randomBytes } from 'node:crypto'
import { ok, type EpochSeconds } from '@countersign/jwt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRefreshTokens } from '../../packages/server/src/grants/refresh-token.ts'
import { createBrowserSessions } from '../../packages/server/src/sessions/browser-sessions.ts'
import type { Store } from '../../packages/server/src/store/port/store.ts'
import { byPassword } from '../../packages/server/src/users/sign-in-proof.ts'
import type { VerifiedUser } from '../../packages/server/src/users/verified-user.ts'
import { databases, randomId, startOfTime, type TestDatabase } from '../store/databases.ts'
import { addPerson } from '../store/people.ts'
import { aClient, aResource, context } from '../store/records.ts'

type Users = Store['users']

describe.each(databases)('acts that meet a renewal on $name', ({ start }) => {
  let database: TestDatabase
  let now: number = startOfTime
  beforeAll(async () => {
    database = await start()
    await database.store.clients.add(aClient, context)
  })
  afterAll(() => database.close())

  /** Opens a session, and gives its renewal, during which something happens right before the user is read. */
  async function renewalDuring(
    name: string,
    act: (users: Users, id: VerifiedUser['id']) => unknown,
  ) {
    const { store } = database
    const id = await addPerson(store, name)
    let armed = false
    const users: Users = {
      ...store.users,
      find: async (asked) => {
        if (armed) await act(store.users, id)
        return store.users.find(asked)
      },
    }
    const secrets = createRefreshTokens({ secret: randomBytes(32), randomBytes })
    const sessions = createBrowserSessions({
      store: { ...store, users },
      secrets,
      mint: () => ok({ token: 'a token', jti: 'a jti', expiresAt: (now + 600) as EpochSeconds }),
      resource: () => aResource,
      client: () => aClient,
      forgetClient: () => undefined,
      readAccess: () => undefined,
      noteIssued: () => undefined,
      randomId,
      now: () => now as EpochSeconds,
      ttlSeconds: 5_000,
    })
    const user = (await store.users.find(id)) as VerifiedUser
    const browserHash = 'a browser'
    const facts = { isPersistent: false, agent: 'x', address: '192.0.2.1', browserHash }
    const opened = await sessions.open(
      user,
      byPassword,
      { ...facts, replaces: undefined, formerBrowserHash: undefined },
      context,
    )
    if (!opened.ok) throw new Error(opened.refusal.reason)
    const found = await sessions.find(opened.value.secret, browserHash, context)
    if (found === undefined) throw new Error('the session is gone')
    armed = true
    return async () => (await sessions.renew(found, undefined, 'due', context)).outcome
  }

  const acts = [
    ['disable', (users: Users, id: VerifiedUser['id']) => users.disable(id, context)],
    ['erase', (users: Users, id: VerifiedUser['id']) => users.erase(id, context)],
    ['revoke', (users: Users, id: VerifiedUser['id']) => users.revokeTokens(id, context)],
    [
      'set-password',
      (users: Users, id: VerifiedUser['id']) =>
        users.setPassword(id, { hash: '$argon2id$x', pepperId: 'p', mustChange: false }, context),
    ],
  ] as const

  it.each(acts)('%s: no token of the raised version is given', async (name, act) => {
    const renew = await renewalDuring(`early-${name}`, act)
    expect(await renew()).toBe('ended')
  })

  it.each(acts)('%s: the secret does not rotate either', async (name, act) => {
    const renew = await renewalDuring(`late-${name}`, act)
    now = startOfTime + 400
    await database.setNow(now)
    expect(await renew()).toBe('ended')
    now = startOfTime
    await database.setNow(now)
  })

  it('without such an act the token is given', async () => {
    const renew = await renewalDuring('quiet', () => undefined)
    expect(await renew()).toBe('renewed')
  })
})
