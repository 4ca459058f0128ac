import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic, type Service, startService } from './service.ts'

const page = 'https://app.test'
const stranger = 'https://evil.test'
const exposed = 'WWW-Authenticate, DPoP-Nonce, Retry-After'

describe('pages of other origins', () => {
  let service: Service
  let closed: Service
  beforeAll(async () => {
    service = await startService({ corsOrigins: [page] })
    closed = await startService()
  })
  afterAll(async () => {
    await service.close()
    await closed.close()
  })

  const ask = (at: Service, method: string, path: string, origin?: string) =>
    fetch(at.issuer + path, {
      method,
      headers: {
        ...(origin === undefined ? {} : { origin }),
        ...(method === 'OPTIONS' ? { 'access-control-request-method': 'POST' } : {}),
        ...(method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
      },
    })
  const corsOf = ({ headers }: Response) =>
    Object.fromEntries(
      [...headers].filter(([name]) => name.startsWith('access-control-') || name === 'vary'),
    )
  const preflight = (method: string, origin: string) => ({
    'access-control-allow-origin': origin,
    'access-control-allow-methods': method,
    'access-control-allow-headers': 'Authorization, Content-Type, DPoP, If-None-Match',
    'access-control-expose-headers': exposed,
    'access-control-max-age': '600',
  })

  it.each([
    '/.well-known/oauth-authorization-server',
    '/.well-known/jwks.json',
    '/revocations',
    '/revocations/jwks.json',
    '/revocations?after=x',
    '/status-lists/unknown',
  ])('any page reads %s', async (path) => {
    const wanted = { 'access-control-allow-origin': '*', 'access-control-expose-headers': exposed }
    expect(corsOf(await ask(service, 'GET', path, stranger))).toEqual(wanted)
    expect(corsOf(await ask(service, 'GET', path))).toEqual(wanted)
    const asked = await ask(service, 'OPTIONS', path, stranger)
    expect([asked.status, corsOf(asked)]).toEqual([204, preflight('GET', '*')])
  })

  it.each(['/oauth2/token', '/oauth2/revoke'])(
    'a page of a listed origin calls %s',
    async (path) => {
      const asked = await ask(service, 'OPTIONS', path, page)
      expect([asked.status, corsOf(asked)]).toEqual([
        204,
        { ...preflight('POST', page), vary: 'Origin' },
      ])
      const answer = await ask(service, 'POST', path, page)
      expect([answer.status, corsOf(answer)]).toEqual([
        400,
        {
          'access-control-allow-origin': page,
          'access-control-expose-headers': exposed,
          vary: 'Origin',
        },
      ])
    },
  )

  it.each([stranger, `${page}.evil.test`, 'https://app.test:8443', 'null', undefined])(
    'a page of %s learns nothing, and caches tell origins apart',
    async (origin) => {
      for (const method of ['OPTIONS', 'POST'])
        expect(corsOf(await ask(service, method, '/oauth2/token', origin))).toEqual({
          vary: 'Origin',
        })
    },
  )

  it.each(['/oauth2/introspect', '/oauth2/decryption-keys', '/login', '/metrics', '/protected'])(
    'no page reads %s',
    async (path) => {
      expect(corsOf(await ask(service, 'POST', path, page))).toEqual({})
      expect((await ask(service, 'OPTIONS', path, page)).status).toBe(405)
    },
  )

  it('without listed origins no page calls the token endpoint', async () => {
    expect((await ask(closed, 'OPTIONS', '/oauth2/token', page)).status).toBe(405)
    expect(corsOf(await ask(closed, 'POST', '/oauth2/token', page))).toEqual({})
  })

  it('a page reads the nonce and the challenge of a refusal', async () => {
    const secret = await service.addClient({ id: 'shop' })
    const answer = await service.post(
      '/oauth2/token',
      { grant_type: 'client_credentials' },
      { ...basic('shop', `${secret}x`), origin: page },
    )
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toMatch('Basic')
    expect(answer.headers.get('access-control-allow-origin')).toBe(page)
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
  })
})
