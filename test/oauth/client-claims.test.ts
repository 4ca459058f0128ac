import { createGuard, type Admission, type Guard, type Requirement } from '@countersign/guard'
import { decodeUnverified } from '@countersign/jwt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases } from '../store/databases.ts'
import { api, basic, type Service, startService } from './service.ts'

const other = 'https://other.test'
const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange'

describe.each(databases)('roles and claims of a client, on $name', (kind) => {
  let service: Service
  let shop: Record<string, string>
  let gateway: Record<string, string>
  let guard: Guard
  let introspecting: Guard
  beforeAll(async () => {
    service = await startService({ kind })
    await service.addResource({ audience: other })
    const access = [{ audience: other, scopes: ['read'] }]
    const grantTypes = [exchange]
    const secret = await service.addClient({
      id: 'gateway',
      grantTypes,
      access,
      roles: ['gateway'],
      claims: { tenant: 'all' },
    })
    gateway = basic('gateway', secret)
    const resource = await service.store.resources.find(api)
    if (resource === undefined) throw new Error('the resource is gone')
    await service.store.resources.change(
      { ...resource, clientId: 'gateway' },
      { requestId: 'r', address: null, actor: 'operator' },
    )
    const claims = { tenant: 'north', limits: { orders: 5 }, token_type: 'odd' }
    shop = basic('shop', await service.addClient({ roles: ['admin', 'editor'], claims }))
    const { issuer } = service
    guard = createGuard({ issuer, audience: api, revocation: false })
    introspecting = createGuard({
      issuer,
      audience: api,
      introspection: {
        endpoint: `${issuer}/oauth2/introspect`,
        clientId: 'gateway',
        clientSecret: secret,
      },
    })
    await guard.ready()
  })
  afterAll(async () => {
    guard.close()
    introspecting.close()
    await service.close()
  })

  const ask = async (fields: Record<string, string>, headers = shop) => {
    const { body } = await service.post('/oauth2/token', fields, headers)
    return String(body['access_token'])
  }
  const claimsOf = (token: string) => {
    const decoded = decodeUnverified(token)
    if (!decoded.ok) throw new Error(decoded.refusal.reason)
    return decoded.value.claims
  }
  const own = { roles: ['admin', 'editor'], tenant: 'north', limits: { orders: 5 } }

  const grants: readonly (readonly [string, () => Promise<string>])[] = [
    ['client_credentials', () => ask({ grant_type: 'client_credentials' })],
    [
      'refresh_token',
      async () => ask({ grant_type: 'refresh_token', refresh_token: await service.login('shop') }),
    ],
    [
      'the login route',
      async () => {
        const [id, secret] = Buffer.from(String(shop['authorization']).slice(6), 'base64')
          .toString()
          .split(':')
        const reply = await fetch(`${service.issuer}/login`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ client_id: id, client_secret: secret }),
        })
        return ((await reply.json()) as { access_token: string }).access_token
      },
    ],
  ]
  it.each(grants)('are in its tokens by %s', async (_, get) => {
    expect(claimsOf(await get())).toMatchObject(own)
  })

  it('are not in a token that another client exchanged, which has neither its own', async () => {
    const subject_token = await ask({ grant_type: 'client_credentials' })
    const subject_token_type = 'urn:ietf:params:oauth:token-type:access_token'
    const fields = { grant_type: exchange, subject_token, subject_token_type, scope: 'read' }
    const claims = claimsOf(await ask(fields, gateway))
    expect(claims).toMatchObject({ sub: 'shop', aud: other, client_id: 'gateway' })
    expect(Object.keys(claims)).not.toEqual(expect.arrayContaining(['roles']))
    expect(Object.keys(claims)).not.toEqual(expect.arrayContaining(['tenant']))
  })

  const requirements: readonly (readonly [Requirement<Admission['claims']>, string])[] = [
    [{ role: 'admin' }, 'admitted'],
    [{ role: ['owner', 'editor'] }, 'admitted'],
    [{ role: 'owner' }, 'insufficient_role'],
    [{ role: 'admin', allow: ({ claims }) => claims['tenant'] === 'north' }, 'admitted'],
    [{ allow: ({ claims }) => claims['tenant'] === 'south' }, 'denied_by_rule'],
  ]
  it.each(requirements)('a guard asks for %j: %s', async (requirement, says) => {
    const authorization = `Bearer ${await ask({ grant_type: 'client_credentials' })}`
    for (const each of [guard, introspecting]) {
      const request = new Request('https://api.test/', { headers: { authorization } })
      const outcome = await each.check(request, requirement)
      expect(outcome.ok ? 'admitted' : outcome.refusal.reason).toBe(says)
    }
  })

  it('are in the answer of introspection, and replace no member of it', async () => {
    const token = await ask({ grant_type: 'client_credentials' })
    const { body } = await service.post('/oauth2/introspect', { token }, gateway)
    expect(body).toMatchObject({ active: true, token_type: 'Bearer', sub: 'shop', ...own })
  })
})
