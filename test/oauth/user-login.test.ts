import { decodeUnverified } from '@countersign/jwt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { UserId } from '../../packages/server/src/store/port/user-records.ts'
import { databases } from '../store/databases.ts'
import { aResource, context } from '../store/records.ts'
import { addUser, password } from './add-user.ts'
import { api, type Answer, type Service, startService } from './service.ts'

async function login(
  service: Service,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const reply = await fetch(`${service.issuer}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await reply.text()
  return { status: reply.status, headers: reply.headers, body: JSON.parse(text), text }
}

function claimsOf({ body }: Answer) {
  const read = decodeUnverified(String(body['access_token']))
  if (!read.ok) throw new Error('no token')
  return read.value.claims
}

describe.each(databases)('a user logs in on $name', (kind) => {
  let service: Service
  let ann: UserId
  beforeAll(async () => {
    service = await startService({ kind, loginClientId: 'app' })
    const grantTypes = ['refresh_token']
    const access = [{ audience: api, scopes: ['read', 'write'] }]
    await service.addClient({ id: 'app', authentication: 'none', grantTypes, access })
    ann = await addUser(service, ['Ann', 'ann@example.org'])
  })
  afterAll(() => service.close())

  const asAnn = (more: object = {}) => login(service, { username: 'ann', password, ...more })

  it('with a name in any spelling, and the token says who and how', async () => {
    for (const username of ['ann', 'ANN', '\uFF21nn', 'Ann@EXAMPLE.org']) {
      const answer = await login(service, { username, password })
      expect(answer.status).toBe(200)
      expect(claimsOf(answer)).toMatchObject({
        sub: ann,
        username: 'Ann',
        client_id: 'app',
        aud: api,
        scope: 'read',
        roles: ['editor'],
        uv: 1,
        sid: expect.any(String),
        acr: '1',
        amr: ['pwd'],
        auth_time: expect.any(Number),
      })
      expect(answer.body['refresh_token']).toBeUndefined()
    }
  })

  it('a session is new at each login', async () => {
    const [first, second] = [await asAnn(), await asAnn()].map((answer) => claimsOf(answer))
    expect(first?.['sid']).not.toBe(second?.['sid'])
  })

  it('gets only scopes that the user has', async () => {
    expect(await asAnn({ scope: 'write' })).toMatchObject({
      status: 403,
      body: { error: 'invalid_scope' },
    })
    expect(await asAnn({ resource: 'https://other.test' })).toMatchObject({
      status: 403,
      body: { error: 'invalid_target' },
    })
  })

  it('a refresh gives the roles and scopes of the moment', async () => {
    const id = await addUser(service, ['changing'], { scopes: ['read', 'write'] })
    const body = { username: 'changing', password, scope: 'read write offline_access' }
    const first = await login(service, body)
    const { sid, auth_time: authTime } = claimsOf(first)
    await service.store.users.setAccess(
      id,
      { audience: api, scopes: ['read'], roles: ['reader'] },
      context,
    )
    const refreshed = await service.post('/oauth2/token', {
      grant_type: 'refresh_token',
      client_id: 'app',
      refresh_token: String(first.body['refresh_token']),
    })
    expect(refreshed.status).toBe(200)
    expect(claimsOf(refreshed)).toMatchObject({
      sub: id,
      sid,
      uv: 2,
      scope: 'read',
      roles: ['reader'],
      username: 'changing',
      acr: '1',
    })
    expect(Math.abs(Number(claimsOf(refreshed)['auth_time']) - Number(authTime))).toBeLessThan(3)
  })

  it.each(['disable', 'erase', 'revokeTokens'] as const)(
    'after %s no refresh token of the user works',
    async (act) => {
      const name = `ended-${act.toLowerCase()}`
      const id = await addUser(service, [name])
      const first = await login(service, {
        username: name,
        password,
        scope: 'read offline_access',
      })
      await service.store.users[act](id, context)
      const refreshed = await service.post('/oauth2/token', {
        grant_type: 'refresh_token',
        client_id: 'app',
        refresh_token: String(first.body['refresh_token']),
      })
      expect(refreshed).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    },
  )

  it.each([
    { act: 'setAccess', says: 'claims_stale' },
    { act: 'disable', says: 'revoked' },
    { act: 'setPassword', says: 'revoked' },
  ] as const)('after $act a guarded route refuses the old token: $says', async ({ act, says }) => {
    const name = `guarded-${act.toLowerCase()}`
    const id = await addUser(service, [name])
    const { body } = await login(service, { username: name, password })
    const ask = () =>
      fetch(`${service.issuer}/protected`, {
        headers: { authorization: `Bearer ${String(body['access_token'])}` },
      })
    expect((await ask()).status).toBe(200)
    const { users } = service.store
    if (act === 'setAccess')
      await users.setAccess(id, { audience: api, scopes: ['read'], roles: [] }, context)
    else if (act === 'disable') await users.disable(id, context)
    else await users.setPassword(id, { hash: 'other', pepperId: 'p', mustChange: false }, context)
    await expect.poll(async () => (await ask()).status, { timeout: 1_000 }).toBe(400)
    expect((await ask()).headers.get('www-authenticate')).toContain(says)
  })

  it('unknown, wrong, disabled and without a password: one answer with one set of headers', async () => {
    const disabled = await addUser(service, ['was-here'])
    await service.store.users.disable(disabled, context)
    await addUser(service, ['no-password'], { password: null })
    const answers = [
      await login(service, { username: 'ann', password: 'four other words are here' }),
      await login(service, { username: 'nobody', password }),
      await login(service, { username: 'was-here', password }),
      await login(service, { username: 'was-here', password: 'four other words are here' }),
      await login(service, { username: 'no-password', password }),
      await login(service, { username: 'not a name', password }),
    ]
    const shown = answers.map(({ status, text, headers }) => {
      const names = [...headers.keys()].toSorted()
      return JSON.stringify([status, text, names])
    })
    expect(new Set(shown).size).toBe(1)
    expect(answers[0]).toMatchObject({ status: 401, body: { error: 'Wrong credentials' } })
  })

  it.each([
    ['a password that must change', { mustChange: true }],
    ['a password that is shorter than the rule of today', { password: 'only 14 signs.' }],
  ])('%s gives no token: 403 where it is right, 401 where it is not', async (name, person) => {
    const username = name.replaceAll(' ', '-')
    await addUser(service, [username], person)
    const right = { username, password, ...person, scope: 'read offline_access' }
    const answer = await login(service, right)
    expect(answer).toMatchObject({ status: 403, body: { error: 'password_change_required' } })
    expect(answer.text).not.toContain('token')
    const wrong = await login(service, { username, password: 'four other words are here' })
    expect(wrong).toMatchObject({ status: 401, body: { error: 'Wrong credentials' } })
  })

  it('a full queue of hashes is 503 with the time to wait, and counts nothing', async () => {
    await addUser(service, ['queued'])
    const counted = () =>
      service.sql('select key, count from counters where count > 0 order by key')
    const before = await counted()
    const end = service.fillHashQueue()
    for (const name of ['queued', 'nobody-queued'])
      for (let again = 0; again < 15; again += 1) {
        const answer = await login(service, { username: name, password })
        expect(answer).toMatchObject({ status: 503, body: { error: 'Busy' } })
        expect(answer.headers.get('retry-after')).toBe('1')
      }
    expect(await counted()).toEqual(before)
    end()
    expect((await login(service, { username: 'queued', password })).status).toBe(200)
  })

  it.each([
    ['a client id next to the name', { username: 'ann', password, client_id: 'app' }],
    ['a client secret next to the name', { username: 'ann', password, client_secret: 'x' }],
    ['no password', { username: 'ann' }],
    ['no name', { password }],
    ['an empty name', { username: '', password }],
    ['an empty password', { username: 'ann', password: '' }],
    ['a list', { username: ['ann'], password }],
    ['an object', { username: { $ne: null }, password }],
    ['a number', { username: 'ann', password: 7 }],
    ['null', { username: 'ann', password: null }],
    ['NUL in the name', { username: 'ann\u0000', password }],
    ['NUL in the password', { username: 'ann', password: `${password}\u0000` }],
    ['half a surrogate pair', `{"username":"ann\\ud800","password":"${password}"}`],
    ['a name that stands twice', `{"username":"ann","username":"bob","password":"${password}"}`],
    ['a password of 5 kB', { username: 'ann', password: 'x'.repeat(5_000) }],
    ['a list of scopes', { username: 'ann', password, scope: ['read'] }],
  ])('%s is 400', async (_, body) => {
    expect(await login(service, body)).toMatchObject({
      status: 400,
      body: { error: 'Missing credentials' },
    })
  })

  it.each([
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['no origin', { origin: 'null' }],
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }],
    ['a page of a neighbour', { 'sec-fetch-site': 'same-site' }],
  ])('%s is 403, with the right password too', async (_, headers) => {
    expect(await login(service, { username: 'ann', password }, headers)).toMatchObject({
      status: 403,
      body: { error: 'cross_site' },
    })
  })

  it('an own page and a program may', async () => {
    const own = { origin: service.issuer, 'sec-fetch-site': 'same-origin' }
    expect((await login(service, { username: 'ann', password }, own)).status).toBe(200)
  })

  it('extra members are ignored', async () => {
    const claims = claimsOf(await asAnn({ roles: ['admin'], sub: 'eve', acr: '2', uv: 9 }))
    expect(claims).toMatchObject({ sub: ann, roles: ['editor'], acr: '1', uv: 1 })
  })

  it('two forms of one letter are one password', async () => {
    const hashed = await service.passwords.hash('caf\u00E9 au lait sans sucre')
    const id = await addUser(service, ['cafe'])
    if (hashed === undefined) throw new Error('the queue was full')
    await service.store.users.setPassword(id, { ...hashed, mustChange: false }, context)
    const typed = { username: 'cafe', password: 'cafe\u0301 au lait sans sucre' }
    expect((await login(service, typed)).status).toBe(200)
    const trimmed = { ...typed, password: `${typed.password} ` }
    expect((await login(service, trimmed)).status).toBe(401)
  })

  it('the audit log names the user by the id, and no password or unknown name', async () => {
    await login(service, { username: 'a-name-that-nobody-has', password: 'typed by mistake' })
    const events = await service.audited()
    const text = JSON.stringify(events)
    expect(events).toContainEqual(
      expect.objectContaining({
        event: 'sign_in_refused',
        userId: ann,
        clientId: 'app',
        reason: 'password_wrong',
      }),
    )
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'token_issued', subject: ann, grant: 'user_login' }),
    )
    for (const secret of [password, 'four other words', 'a-name-that-nobody-has', 'mistake'])
      expect(text).not.toContain(secret)
  })

  it('a removed login client signs nobody in, and says nothing about the password', async () => {
    await service.store.clients.disable('app', context)
    const right = await login(service, { username: 'ann', password })
    const wrong = await login(service, { username: 'ann', password: 'four other words are here' })
    expect([right.status, wrong.status]).toEqual([403, 403])
    expect(right.text).toBe(wrong.text)
    await service.store.clients.enable('app', context)
  })

  it('the eleventh wrong guess of an address is 429, for known and unknown names', async () => {
    await addUser(service, ['guessed'])
    for (const username of ['guessed', 'never-made']) {
      const statuses: number[] = []
      for (let guess = 0; guess < 11; guess += 1)
        statuses.push(
          (await login(service, { username, password: `four wrong words ${guess}` })).status,
        )
      expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429])
    }
    const late = await login(service, { username: 'guessed', password })
    expect(late.status).toBe(429)
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0)
  })
})

describe('without a login client', () => {
  it('a name and a password are 400, as before', async () => {
    const service = await startService()
    await addUser(service, ['ann'])
    const answer = await login(service, { username: 'ann', password })
    await service.close()
    expect(answer).toMatchObject({ status: 400, body: { error: 'Missing credentials' } })
    expect(aResource.audience).toBe(api)
  })
})
