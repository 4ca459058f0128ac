import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  bearer,
  get,
  grant,
  login,
  managed,
  post,
  refresh,
  service,
  shop,
  startReferenceService,
  token,
  type Row,
} from './calls.ts'
import { differences, documentedRefusals } from './documented.ts'
import { notCalled, refused } from './refused-rows.ts'

beforeAll(startReferenceService)
afterAll(() => service.close())

const nameOf = ({ at, status, error = '' }: Row): string => `${at} ${status} ${error}`

describe('each documented refusal', () => {
  it('is caused by a row of this test, or is named with the reason why not', () => {
    const rows = new Set([...refused.map(nameOf), ...Object.keys(notCalled)])
    expect([...rows].toSorted()).toEqual(documentedRefusals().toSorted())
  })

  it.each(refused.map((row) => ({ ...row, name: nameOf(row) })))(
    '$name has the documented shape',
    async ({ at, status, error, call }) => {
      const received = await call()
      expect([received.status, JSON.parse(received.text).error]).toEqual([status, error])
      const [method = '', path = ''] = at === 'any' ? ['GET', '/'] : at.split(' ')
      expect(differences(method, path.replace('*', '{list}'), received)).toEqual([])
    },
  )
})

const accepted: readonly Row[] = [
  { at: 'GET /', status: 200, call: get('/') },
  { at: 'POST /login', status: 200, call: login({}) },
  { at: 'POST /login', status: 200, call: login({ scope: 'offline_access' }) },
  {
    at: 'GET /protected',
    status: 200,
    call: get(
      '/protected',
      bearer(() => token),
    ),
  },
  { at: 'POST /oauth2/token', status: 200, call: post('/oauth2/token', grant) },
  {
    at: 'POST /oauth2/token',
    status: 200,
    call: post('/oauth2/token', () => ({ grant_type: 'refresh_token', refresh_token: refresh })),
  },
  { at: 'POST /oauth2/revoke', status: 200, call: post('/oauth2/revoke', { token: 'x' }) },
  { at: 'POST /oauth2/introspect', status: 200, call: post('/oauth2/introspect', { token: 'x' }) },
  {
    at: 'POST /oauth2/introspect',
    status: 200,
    call: async () => {
      const { body } = await service.post('/oauth2/token', { ...grant, resource: managed }, shop)
      return post('/oauth2/introspect', { token: String(body['access_token']) })()
    },
  },
  {
    at: 'POST /oauth2/introspect',
    status: 200,
    call: post('/oauth2/introspect', { token: 'x' }, () => ({
      ...shop,
      accept: 'application/token-introspection+jwt',
    })),
  },
  {
    at: 'POST /oauth2/decryption-keys',
    status: 200,
    call: post('/oauth2/decryption-keys', { resource: managed }),
  },
  { at: 'GET /.well-known/jwks.json', status: 200, call: get('/.well-known/jwks.json') },
  {
    at: 'GET /.well-known/oauth-authorization-server',
    status: 200,
    call: get('/.well-known/oauth-authorization-server'),
  },
  {
    at: 'GET /revocations',
    status: 200,
    call: get(
      '/revocations',
      bearer(() => token),
    ),
  },
  {
    at: 'GET /revocations/stream',
    status: 200,
    call: async () => {
      const { epoch, sequence } = await service.store.revocations.head()
      const position = `epoch=${encodeURIComponent(epoch)}&after=${sequence}`
      return get(
        `/revocations/stream?${position}`,
        bearer(() => token),
      )()
    },
  },
  { at: 'GET /revocations/jwks.json', status: 200, call: get('/revocations/jwks.json') },
  { at: 'GET /livez', status: 200, call: get('/livez') },
  { at: 'GET /readyz', status: 200, call: get('/readyz') },
  { at: 'GET /metrics', status: 200, call: get('/metrics') },
]

describe('a successful answer', () => {
  it.each(accepted)('$at has the documented shape', async ({ at, status, call }) => {
    const received = await call()
    expect(received.status).toBe(status)
    const [method = '', path = ''] = at.split(' ')
    expect(differences(method, path, received)).toEqual([])
  })
})
