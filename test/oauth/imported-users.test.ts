import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NameKey } from '../../packages/server/src/store/port/user-records.ts'
import { databases } from '../store/databases.ts'
import { context } from '../store/records.ts'
import { foreignPasswords, importUser } from './import-user.ts'
import { api, startService, type Service } from './service.ts'

describe.each(databases)('an imported user logs in on $name', (kind) => {
  let service: Service
  beforeAll(async () => {
    service = await startService({ kind, loginClientId: 'app' })
    const access = [{ audience: api, scopes: ['read'] }]
    await service.addClient({ id: 'app', authentication: 'none', access })
  })
  afterAll(() => service.close())

  async function login(username: string, password: string) {
    const reply = await fetch(`${service.issuer}/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password }),
    })
    const body: Record<string, unknown> = JSON.parse(await reply.text())
    return { status: reply.status, error: body['error'] }
  }

  const kept = async (name: string) =>
    (await service.store.users.findByName(name as NameKey))?.password?.hash ?? ''

  it.each(['bcrypt', 'pbkdf2'] as const)(
    'with the old %s password, which is hashed again once, and no token dies',
    async (scheme) => {
      const { hash, password } = foreignPasswords[scheme]
      const id = await importUser(service, scheme, hash)
      expect(await kept(scheme)).toContain('sealed$1$')
      expect(await login(scheme, `${password.slice(0, 20)} other`)).toMatchObject({ status: 401 })
      expect(await kept(scheme)).toContain('sealed$1$')
      expect(await login(scheme, password)).toMatchObject({ status: 200 })
      const own = await kept(scheme)
      expect(own).toContain('$argon2id$v=19$m=19456,t=2,p=1$')
      expect(await login(scheme, password)).toMatchObject({ status: 200 })
      expect(await kept(scheme)).toBe(own)
      expect(await service.store.users.find(id)).toMatchObject({ version: 1 })
      const rehashed = (await service.audited()).filter(
        (event) => event.event === 'user_password_rehashed' && event.userId === id,
      )
      expect(rehashed).toHaveLength(1)
    },
  )

  it('with all bytes of a long bcrypt password, of which more count from then on', async () => {
    const { hash, password } = foreignPasswords.bcrypt
    await importUser(service, 'long', hash)
    expect(await login('long', password.slice(0, 72))).toMatchObject({ status: 200 })
    expect(await login('long', password)).toMatchObject({ status: 401 })
  })

  it('and must change a password that is shorter than today allows', async () => {
    const { hash, password } = foreignPasswords.short
    await importUser(service, 'short', hash)
    expect(await login('short', password)).toEqual({
      status: 403,
      error: 'password_change_required',
    })
    expect(await login('short', 'U*V')).toMatchObject({ status: 401 })
    expect(await kept('short')).toContain('sealed$1$')
  })

  it('while another password is set: the newer one stays', async () => {
    const { hash, password } = foreignPasswords.pbkdf2
    const id = await importUser(service, 'raced', hash)
    const next = await service.passwords.hash('four ordinary words here')
    if (next === undefined) throw new Error('the queue was full')
    await Promise.all([
      login('raced', password),
      service.store.users.setPassword(id, { ...next, mustChange: false }, context),
      login('raced', password),
    ])
    expect(await kept('raced')).toBe(next.hash)
    expect(await login('raced', password)).toMatchObject({ status: 401 })
    expect(await login('raced', 'four ordinary words here')).toMatchObject({ status: 200 })
  })

  it('five times at once, and the hash is replaced once', async () => {
    const { hash, password } = foreignPasswords.pbkdf2
    const id = await importUser(service, 'many', hash)
    const all = await Promise.all(Array.from({ length: 5 }, () => login('many', password)))
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    const rehashed = (await service.audited()).filter(
      (event) => event.event === 'user_password_rehashed' && event.userId === id,
    )
    expect(rehashed).toHaveLength(1)
  })
})
