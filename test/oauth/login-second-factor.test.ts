import { decodeUnverified } from '@countersign/jwt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { UserId } from '../../packages/server/src/store/port/user-records.ts'
import type { Enrolled } from '../sessions/enrol.ts'
import { databases } from '../store/databases.ts'
import { context } from '../store/records.ts'
import { addUser, password } from './add-user.ts'
import { api, startService, type Service } from './service.ts'

interface Person extends Enrolled {
  readonly id: UserId
  readonly name: string
}

describe.each(databases)('the login of a user with a second factor on $name', (kind) => {
  let service: Service
  beforeAll(async () => {
    service = await startService({ kind, loginClientId: 'app' })
    const grantTypes = ['refresh_token']
    const access = [{ audience: api, scopes: ['read'] }]
    await service.addClient({ id: 'app', authentication: 'none', grantTypes, access })
  })
  afterAll(() => service.close())

  async function login(body: object) {
    const reply = await fetch(`${service.issuer}/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return { status: reply.status, body: (await reply.json()) as Record<string, unknown> }
  }

  async function addPerson(name: string): Promise<Person> {
    const id = await addUser(service, [name])
    return { id, name, ...(await service.enrol(id, 'app')) }
  }

  /** The ticket that the right password gives. */
  async function ticketOf({ name: username }: Person): Promise<string> {
    return String((await login({ username, password })).body['ticket'])
  }

  async function nextCode(person: Person) {
    await service.pass(60)
    return person.codeAt(service.now())
  }

  it('answers the password with a ticket, and with no token', async () => {
    const { name: username } = await addPerson('ann')
    const answer = await login({ username, password, scope: 'offline_access' })
    expect(answer).toEqual({
      status: 401,
      body: {
        error: 'mfa_required',
        ticket: expect.stringMatching(/^[\w-]{43}$/),
        ways: ['totp', 'recovery'],
        expires_in: 600,
      },
    })
    const wrong = await login({ username, password: 'five ordinary words right here' })
    expect(wrong).toEqual({ status: 401, body: { error: 'Wrong credentials' } })
  })

  it('gives a token of level 2 for the ticket and a code, and a refresh token where asked', async () => {
    const bea = await addPerson('bea')
    const ticket = await ticketOf(bea)
    const code = await nextCode(bea)
    const { status, body } = await login({ ticket, code, scope: 'read offline_access' })
    expect(status).toBe(200)
    expect(body['refresh_token']).toEqual(expect.any(String))
    const read = decodeUnverified(String(body['access_token']))
    expect(read.ok && read.value.claims).toMatchObject({
      sub: bea.id,
      client_id: 'app',
      acr: '2',
      amr: ['pwd', 'otp'],
    })
  })

  it('takes a recovery code once', async () => {
    const cat = await addPerson('cat')
    const [code] = cat.recoveryCodes
    const send = async () => login({ ticket: await ticketOf(cat), code, way: 'recovery' })
    expect((await send()).status).toBe(200)
    expect(await send()).toEqual({ status: 401, body: { error: 'wrong_code', tries_left: 4 } })
  })

  it('spends the ticket and the code: of 20 at once exactly one gets a token', async () => {
    const dan = await addPerson('dan')
    const tickets = [await ticketOf(dan), await ticketOf(dan)]
    const code = await nextCode(dan)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => login({ ticket: tickets[at % 2], code })),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    const late = await login({ ticket: await ticketOf(dan), code })
    expect(late).toEqual({ status: 401, body: { error: 'code_used', next_in: expect.any(Number) } })
  })

  it('counts five tries for a ticket', async () => {
    const eve = await addPerson('eve')
    const ticket = await ticketOf(eve)
    const answers: unknown[] = []
    for (let tries = 0; tries < 5; tries += 1)
      answers.push((await login({ ticket, code: '000000' })).body)
    expect(answers).toEqual([
      ...[4, 3, 2, 1].map((left) => ({ error: 'wrong_code', tries_left: left })),
      { error: 'ticket_expired' },
    ])
    expect(await login({ ticket, code: await nextCode(eve) })).toEqual({
      status: 401,
      body: { error: 'ticket_expired' },
    })
  })

  it('stops after twenty wrong codes in an hour, with any number of tickets', async () => {
    const fay = await addPerson('fay')
    for (let round = 0; round < 4; round += 1) {
      const ticket = await ticketOf(fay)
      for (let tries = 0; tries < 5; tries += 1) await login({ ticket, code: '000000' })
    }
    const answer = await login({ ticket: await ticketOf(fay), code: await nextCode(fay) })
    expect(answer).toEqual({ status: 429, body: { error: 'Too many attempts' } })
  })

  it('ends a ticket after ten minutes', async () => {
    const gus = await addPerson('gus')
    const ticket = await ticketOf(gus)
    await service.pass(601)
    const answer = await login({ ticket, code: gus.codeAt(service.now()) })
    expect(answer.body).toEqual({ error: 'ticket_expired' })
  })

  it.each(['disable', 'setPassword', 'erase'] as const)('%s ends the ticket', async (act) => {
    const person = await addPerson(`gone-${act.toLowerCase()}`)
    const ticket = await ticketOf(person)
    const hash = { hash: '$argon2id$x', pepperId: 'p', mustChange: false }
    if (act === 'setPassword') await service.store.users.setPassword(person.id, hash, context)
    else await service.store.users[act](person.id, context)
    const answer = await login({ ticket, code: await nextCode(person) })
    expect(answer).toEqual({ status: 401, body: { error: 'ticket_expired' } })
  })

  it.each([
    ['a password too', { password }],
    ['a client', { client_id: 'app' }],
    ['an unknown way', { way: 'mail' }],
    ['a code of another type', { code: 123_456 }],
    ['no code', { code: undefined }],
  ])('refuses a ticket with %s as malformed', async (_, more) => {
    const answer = await login({ ticket: 'x'.repeat(43), code: '123456', ...more })
    expect(answer).toEqual({ status: 400, body: { error: 'Missing credentials' } })
  })

  it('does not take the ticket of another user, or a made-up one', async () => {
    const [hal, ida] = [await addPerson('hal'), await addPerson('ida')]
    const code = await nextCode(hal)
    expect((await login({ ticket: await ticketOf(ida), code })).body['error']).toBe('wrong_code')
    for (const ticket of ['x'.repeat(43), '', 'x'])
      expect((await login({ ticket, code })).body['error']).toBe('ticket_expired')
  })

  it('writes why a code was refused, and never the code or the ticket', async () => {
    const jan = await addPerson('jan')
    const ticket = await ticketOf(jan)
    await login({ ticket, code: '000000' })
    const events = await service.audited()
    const refused = events.filter(
      (event) => event.event === 'sign_in_refused' && event.userId === jan.id,
    )
    expect(refused).toMatchObject([{ reason: 'code_wrong' }])
    expect(JSON.stringify(events)).not.toContain(ticket)
  })
})
