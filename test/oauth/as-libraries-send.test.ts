import { decodeUnverified, exportJwk, generateKey, publicKeyOf, signJwt } from '@countersign/jwt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, api, basic, type Service, startService } from './service.ts'

const grantTypes = [
  'client_credentials',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
]
const mcp = 'https://mcp.test'
const outside = generateKey('ES256', { kid: 'o1' })
const row = {
  issuer: 'https://cluster.test',
  jwks: { keys: [exportJwk(publicKeyOf(outside))] },
  algorithms: ['ES256'],
  subjects: ['pod'],
  clients: ['shop'],
  access: [{ audience: mcp, scopes: ['read'] }],
} as const

describe('requests as libraries send them', () => {
  let service: Service
  let shop: Record<string, string>
  let empty: Service
  beforeAll(async () => {
    const cluster = { ...row, maxAgeSeconds: 3_600, requireJti: false }
    const other = { ...row, issuer: 'https://other.test' }
    service = await startService({ trustedIssuers: [cluster, other] })
    await service.addResource({ audience: mcp, clientId: null })
    const access = [
      { audience: api, scopes: ['read', 'write'] },
      { audience: mcp, scopes: ['read'] },
    ]
    shop = basic('shop', await service.addClient({ access, grantTypes }))
    empty = await startService()
  })
  afterAll(async () => {
    await service.close()
    await empty.close()
  })

  const token = (fields: Record<string, string>) => service.post('/oauth2/token', fields, shop)
  const machine = { grant_type: 'client_credentials' }
  const audienceOf = ({ body }: Answer) => {
    const decoded = decodeUnverified(String(body['access_token']))
    return decoded.ok ? decoded.value.claims['aud'] : body['error']
  }

  it.each([
    ['audience', { audience: mcp }, mcp],
    ['resource', { resource: mcp }, mcp],
    ['both', { audience: mcp, resource: mcp }, 'invalid_target'],
    ['an unknown audience', { audience: 'https://nobody.test' }, 'invalid_target'],
    ['neither', {}, api],
  ])('client_credentials with %s', async (_, fields, wanted) => {
    expect(audienceOf(await token({ ...machine, ...fields }))).toBe(wanted)
  })

  it('the login takes audience for resource', async () => {
    const secret = await service.addClient({ id: 'page', access: [{ audience: mcp, scopes: [] }] })
    const login = async (more: object) => {
      const answer = await fetch(`${service.issuer}/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ client_id: 'page', client_secret: secret, ...more }),
      })
      return answer.status
    }
    expect(await login({ audience: mcp })).toBe(200)
    expect(await login({ audience: 'https://nobody.test' })).toBe(403)
    expect(await login({ audience: 7 })).toBe(400)
  })

  it('the audit log names the resource that was asked for, and one that differs by a slash', async () => {
    await token({ ...machine, resource: `${mcp}/` })
    await token({ ...machine, resource: 'https://nobody.test' })
    await token({ ...machine, resource: 'https://nobody.test/\u009b2J\u202e' })
    const reasons = (await service.audited()).flatMap((event) =>
      event.event === 'token_refused' ? [event.reason] : [],
    )
    expect(reasons).toContain(
      `resource_not_allowed: ${mcp}/ (the client may ask for ${mcp}: the slash differs)`,
    )
    expect(reasons).toContain('resource_not_allowed: https://nobody.test')
    expect(reasons).toContain('resource_not_allowed: https://nobody.test/?2J?')
  })

  it.each([
    ['the scope of the login', 'offline_access read', 200, 'read'],
    ['offline_access alone', 'offline_access', 200, 'read write'],
    ['a scope beyond the login', 'offline_access admin', 400, undefined],
    ['two spaces', 'offline_access  read', 400, undefined],
  ])('refresh with %s', async (_, scope, status, given) => {
    const refresh = await service.login('shop')
    const answer = await token({ grant_type: 'refresh_token', refresh_token: refresh, scope })
    expect([answer.status, answer.body['scope']]).toEqual([status, given])
  })

  it.each([
    ['access_token', 200],
    ['jwt', 200],
    ['refresh_token', 400],
    ['id_token', 400],
  ])('exchange of a subject token called %s', async (type, status) => {
    await service.addResource({ audience: `https://${type}.test`, clientId: 'shop' })
    const access = [{ audience: `https://${type}.test`, scopes: ['read'] }]
    const caller = basic(`c ${type}`, await service.addClient({ id: `c ${type}`, access }))
    const { body } = await service.post('/oauth2/token', machine, caller)
    const answer = await token({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: String(body['access_token']),
      subject_token_type: `urn:ietf:params:oauth:token-type:${type}`,
      audience: mcp,
    })
    expect(answer.status).toBe(status)
  })

  it.each([
    ['a space', 'grant_type=client_credentials&scope=read write', '+ or %20'],
    ['a line break at the end', 'grant_type=client_credentials\n', 'line break'],
    ['a bad percent sign', 'grant_type=client_credentials&scope=%', 'well formed'],
  ])('a body with %s is named', async (_, body, words) => {
    const answer = await fetch(`${service.issuer}/oauth2/token`, {
      method: 'POST',
      headers: { ...shop, 'content-type': 'application/x-www-form-urlencoded' },
      body,
    })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({
      error: 'invalid_request',
      error_description: expect.stringContaining(words),
    })
  })

  it('a revocation answers JSON', async () => {
    const answer = await service.post('/oauth2/revoke', { token: 'unknown' }, shop)
    expect([answer.status, answer.text, answer.headers.get('content-type')]).toEqual([
      200,
      '{}',
      'application/json',
    ])
  })

  it('metadata has no empty list but the one that is required', async () => {
    const read = async ({ issuer }: Service) =>
      (await fetch(`${issuer}/.well-known/oauth-authorization-server`)).json() as Promise<
        Record<string, unknown>
      >
    const isEmpty = (value: unknown) => Array.isArray(value) && value.length === 0
    const emptyOf = (found: Record<string, unknown>) =>
      Object.keys(found).filter((name) => isEmpty(found[name]) || found[name] === null)
    expect(emptyOf(await read(empty))).toEqual(['response_types_supported'])
    expect((await read(service))['scopes_supported']).toEqual(expect.arrayContaining(['read']))
  })

  const bear = (over: object, iss: string = row.issuer) => {
    const now = service.now()
    const claims = { iss, sub: 'pod', aud: [service.issuer], iat: now, exp: now + 3_600, ...over }
    return token({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: signJwt(claims, outside, { typ: 'JWT' }),
      audience: mcp,
    })
  }

  it('a workload token of an hour without an id counts until it expires, where its row says so', async () => {
    expect(audienceOf(await bear({}))).toBe(mcp)
    const same = { jti: 'same' }
    expect((await bear(same)).status).toBe(200)
    expect((await bear(same)).status).toBe(200)
    expect((await bear({ aud: `${service.issuer}/oauth2/token` })).status).toBe(200)
    expect((await bear({ exp: service.now() + 3_700 })).body['error']).toBe('invalid_grant')
    expect((await bear({}, 'https://other.test')).body['error']).toBe('invalid_grant')
    const short = { jti: 'short', exp: service.now() + 60 }
    expect((await bear(short, 'https://other.test')).status).toBe(200)
    expect((await bear(short, 'https://other.test')).body['error']).toBe('invalid_grant')
  })
})
