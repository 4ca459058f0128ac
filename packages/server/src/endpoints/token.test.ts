import { ok, refuse, type EpochSeconds } from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import type { AuditEvent } from '../audit/events.ts'
import { verifiedClient } from '../clients/verified.ts'
import type { GrantDeps } from '../grants/grant.ts'
import { createRefreshTokens } from '../grants/refresh-token.ts'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import type { ClientRecord } from '../store/port/records.ts'
import type { Services } from './services.ts'
import { tokenEndpoint } from './token.ts'

const now = 1_800_000_000 as EpochSeconds
const form = 'application/x-www-form-urlencoded'
const audience = 'https://api.test'

const shop: ClientRecord = {
  id: 'shop',
  internalId: 'internal-of-shop',
  version: 1,
  enabled: true,
  authentication: 'client_secret',
  secrets: [],
  jwks: null,
  grantTypes: ['client_credentials', 'refresh_token'],
  access: [{ audience, scopes: ['read', 'write'] }],
  dpopRequired: false,
  roles: [],
  claims: {},
  createdAt: now,
}

const never = () => {
  throw new Error('the store is not asked on this path')
}

interface Case {
  readonly body?: string
  readonly headers?: Record<string, string>
  readonly client?: Partial<ClientRecord>
  readonly proven?: ReturnType<Services['prove']>
}

/** Asks the endpoint with all its services replaced. Each answer here comes without a promise. */
function ask({ body = '', headers = {}, client = {}, proven = ok(undefined) }: Case) {
  const refused: AuditEvent[] = []
  const grants: GrantDeps = {
    store: {
      refreshTokens: { open: never, find: never, rotate: never, end: never },
      spent: { spend: never, filter: never },
      audit: { append: never } as unknown as GrantDeps['store']['audit'],
      users: {} as unknown as GrantDeps['store']['users'],
      authorizations: {} as unknown as GrantDeps['store']['authorizations'],
    },
    resource: (wanted) =>
      wanted === audience
        ? {
            audience,
            scopes: ['read', 'write'],
            tokenAlg: 'ES256',
            tokenTtlSeconds: 600,
            tokenBytesMax: 2048,
            encryption: null,
            statusList: false,
            clientId: null,
            createdAt: now,
          }
        : undefined,
    mint: (plan) =>
      plan.username === 'fat'
        ? refuse({ reason: 'token_too_large', bytes: 3_000, bytesMax: 2_048, fattest: ['roles'] })
        : ok({ token: 'the.access.token', jti: 'j1', expiresAt: (now + 600) as EpochSeconds }),
    refreshTokens: createRefreshTokens({
      secret: Buffer.alloc(32),
      randomBytes: (length) => Buffer.alloc(length),
    }),
    refresh: { idleTtlSeconds: 1, absoluteTtlSeconds: 1, repeatWindowSeconds: 1 },
    randomId: () => 'id',
    collector: { add: (event) => void (event.event === 'token_refused' && refused.push(event)) },
    readToken: () => refuse({ reason: 'malformed', proven: false }),
    trustedIssuer: () => undefined,
    auditEach: false,
  }
  const handle = tokenEndpoint.make({
    grants,
    authenticate: () => ok({ client: verifiedClient({ ...shop, ...client }), spend: [] }),
    prove: () => proven,
    failedProofs: { countProof: async () => undefined, waitOfProofs: () => undefined },
    turnAway: never,
    forgetClient: () => undefined,
    nonce: () => 'the-nonce',
    now: () => now,
  })
  const all = { 'content-type': form, ...headers }
  const request: HttpRequest = {
    method: 'POST',
    path: '/oauth2/token',
    query: '',
    url: '/oauth2/token',
    headers: all,
    rawHeaders: Object.entries(all).flat(),
    body: Buffer.from(body, 'latin1'),
    address: '192.0.2.1',
    requestId: 'r1',
  }
  return { handled: handle(request), refused }
}

function atOnce(given: Case) {
  const { handled, refused } = ask(given)
  if (handled instanceof Promise || 'start' in handled) throw new Error('no plain reply')
  return { reply: handled, refused }
}

const errorOf = ({ body }: HttpReply): string => JSON.parse(String(body)).error
const plain = 'grant_type=client_credentials'

describe('the token endpoint', () => {
  it('answers a client with a token, at once and uncacheable (E34)', () => {
    const { reply } = atOnce({ body: `${plain}&scope=read` })
    expect(reply.status).toBe(200)
    expect(reply.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' })
    expect(JSON.parse(String(reply.body))).toEqual({
      access_token: 'the.access.token',
      token_type: 'Bearer',
      expires_in: 600,
      scope: 'read',
    })
  })

  it.each([
    [
      'JSON (E01)',
      { headers: { 'content-type': 'application/json' }, body: '{}' },
      415,
      'invalid_request',
    ],
    [
      'multipart (E01)',
      { headers: { 'content-type': 'multipart/form-data; boundary=x' } },
      415,
      'invalid_request',
    ],
    [
      'text/plain (E01)',
      { headers: { 'content-type': 'text/plain' }, body: plain },
      415,
      'invalid_request',
    ],
    [
      'another charset (E01)',
      { headers: { 'content-type': `${form}; charset=utf-16` }, body: plain },
      415,
      'invalid_request',
    ],
    [
      'an empty content type (E01)',
      { headers: { 'content-type': '' }, body: plain },
      415,
      'invalid_request',
    ],
    [
      'a longer media type',
      { headers: { 'content-type': `${form}x` }, body: plain },
      415,
      'invalid_request',
    ],
    [
      'two parameters of the media type',
      { headers: { 'content-type': `${form};charset=utf-8;a=b` }, body: plain },
      415,
      'invalid_request',
    ],
    ['an empty body', {}, 400, 'invalid_request'],
    ['no grant type', { body: 'scope=read' }, 400, 'invalid_request'],
    ['a repeated parameter', { body: `${plain}&${plain}` }, 400, 'invalid_request'],
    ['a bad percent sign', { body: `${plain}&scope=%` }, 400, 'invalid_request'],
    ['nested brackets (G10)', { body: 'a[b][c]=x&__proto__[x]=1' }, 400, 'invalid_request'],
    ['10,000 pairs (G10)', { body: 'a=b&'.repeat(10_000) }, 400, 'invalid_request'],
    ['the password grant (E08)', { body: 'grant_type=password' }, 400, 'unsupported_grant_type'],
    ['an implicit name (E08)', { body: 'grant_type=token' }, 400, 'unsupported_grant_type'],
    [
      'a grant type with a space (E08)',
      { body: 'grant_type=refresh_token+' },
      400,
      'unsupported_grant_type',
    ],
    [
      'a grant type in capitals (E08)',
      { body: 'grant_type=CLIENT_CREDENTIALS' },
      400,
      'unsupported_grant_type',
    ],
    [
      'a name of the prototype (E08)',
      { body: 'grant_type=__proto__' },
      400,
      'unsupported_grant_type',
    ],
    [
      'a grant the client has not (E08)',
      { body: plain, client: { grantTypes: [] } },
      400,
      'unauthorized_client',
    ],
    [
      'client_credentials of a public client (E08)',
      { body: plain, client: { authentication: 'none' } },
      400,
      'unauthorized_client',
    ],
    [
      'an unknown resource (D20)',
      { body: `${plain}&resource=https%3A%2F%2Fother.test` },
      400,
      'invalid_target',
    ],
    ['two resources', { body: `${plain}&resource=a&resource=b` }, 400, 'invalid_target'],
    ['a scope not granted (D20)', { body: `${plain}&scope=admin` }, 400, 'invalid_scope'],
    ['no refresh token', { body: 'grant_type=refresh_token' }, 400, 'invalid_request'],
    [
      'an unknown refresh token',
      { body: 'grant_type=refresh_token&refresh_token=x' },
      400,
      'invalid_grant',
    ],
    [
      'no proof where one is demanded',
      { body: plain, client: { dpopRequired: true } },
      400,
      'invalid_dpop_proof',
    ],
    [
      'a bad proof',
      { body: plain, proven: refuse({ reason: 'proof_invalid', detail: 'x' }) },
      400,
      'invalid_dpop_proof',
    ],
    [
      'a proof twice',
      { body: plain, proven: refuse({ reason: 'proof_repeated_header' }) },
      400,
      'invalid_dpop_proof',
    ],
    [
      'a proof without nonce',
      { body: plain, proven: refuse({ reason: 'proof_nonce_missing' }) },
      400,
      'use_dpop_nonce',
    ],
    [
      'a proof with an old nonce',
      { body: plain, proven: refuse({ reason: 'proof_nonce_stale' }) },
      400,
      'use_dpop_nonce',
    ],
  ] as const satisfies readonly (readonly [string, Case, number, string])[])(
    'refuses %s',
    async (_, input: Case, status, error) => {
      const reply = await ask(input).handled
      if ('start' in reply) throw new Error('no plain reply')
      expect({ status: reply.status, error: errorOf(reply) }).toEqual({ status, error })
      expect(reply.headers['cache-control']).toBe('no-store')
    },
  )

  it.each([form, `${form};charset=UTF-8`, `${form}; charset="utf-8"`, form.toUpperCase()])(
    'takes the content type %s',
    (type) => {
      expect(atOnce({ body: plain, headers: { 'content-type': type } }).reply.status).toBe(200)
    },
  )

  it('sends a nonce with the answer to a proof, and does not audit a first proof without one', () => {
    const { reply, refused } = atOnce({
      body: plain,
      headers: { dpop: 'a.b.c' },
      proven: refuse({ reason: 'proof_nonce_missing' }),
    })
    expect(reply.headers['dpop-nonce']).toBe('the-nonce')
    expect(refused).toEqual([])
  })

  it('names the largest claims of a token over its limit, and audits it', () => {
    const { reply, refused } = atOnce({ body: plain, client: { id: 'fat' } })
    expect(JSON.parse(String(reply.body)).error_description).toContain('roles')
    expect(refused).toMatchObject([{ event: 'token_refused', clientId: 'fat' }])
  })
})
