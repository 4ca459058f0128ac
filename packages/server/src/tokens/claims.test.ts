import type { EpochSeconds } from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import { buildClaims } from './claims.ts'
import type { AddClaims, TokenPlan } from './plan.ts'

const now = 1_800_000_000 as EpochSeconds
const plan: TokenPlan = {
  client: {
    id: 'shop',
    internalId: 'internal-of-shop',
    version: 4,
    enabled: true,
    authentication: 'client_secret',
    secrets: [],
    jwks: null,
    grantTypes: [],
    access: [],
    dpopRequired: false,
    roles: [],
    claims: {},
    createdAt: now,
  },
  resource: {
    audience: 'https://api.test',
    scopes: ['read'],
    tokenAlg: 'ES256',
    tokenTtlSeconds: 600,
    tokenBytesMax: 2048,
    encryption: null,
    statusList: false,
    clientId: null,
    createdAt: now,
  },
  scopes: ['read'],
  subject: 'shop',
  username: 'shop',
  sid: undefined,
  jkt: undefined,
  grant: 'client_credentials',
  now,
}
const build = (over: Partial<TokenPlan> = {}, addClaims?: AddClaims) =>
  buildClaims({ ...plan, ...over }, { issuer: 'https://as.test', randomId: () => 'j1', addClaims })

describe('the claims of an access token', () => {
  it('are those of RFC 9068 and what revocation needs', () => {
    const built = build()
    expect(built.ok && built.value.claims).toEqual({
      iss: 'https://as.test',
      aud: 'https://api.test',
      sub: 'shop',
      client_id: 'shop',
      username: 'shop',
      scope: 'read',
      iat: now,
      exp: now + 600,
      jti: 'j1',
      cid: 'internal-of-shop',
      cv: 4,
    })
  })

  it('name the family and the bound key', () => {
    const built = build({ sid: 's1', jkt: 'k1' })
    expect(built.ok && built.value.claims).toMatchObject({ sid: 's1', cnf: { jkt: 'k1' } })
  })

  it('of an exchanged token end with its parent and name all that may end it', () => {
    const parent = {
      cid: 'internal-of-web',
      cv: 2,
      uv: 5,
      act: { sub: 'shop' },
      ancestors: ['p1'],
      ancestorKids: ['k1'],
      ancestorIat: (now - 60) as EpochSeconds,
      expiresAt: (now + 60) as EpochSeconds,
    }
    const built = build({ parent })
    expect(built.ok && built.value.claims).toMatchObject({
      exp: now + 60,
      cid: 'internal-of-web',
      cv: 2,
      uv: 5,
      act: { sub: 'shop' },
      pjti: ['p1'],
      pkid: ['k1'],
      piat: now - 60,
    })
  })

  it('take what the operator adds', () => {
    const built = build({}, ({ audience }) => ({
      tenant: `tenant of ${audience}`,
      empty: undefined,
    }))
    expect(built.ok && built.value.claims['tenant']).toBe('tenant of https://api.test')
    expect(built.ok && 'empty' in built.value.claims).toBe(false)
  })

  it.each(['iss', 'sub', 'exp', 'scope', 'cnf', 'cv', 'act', 'status'])(
    'never let the operator set %s',
    (name) => {
      expect(() => build({}, () => ({ [name]: 'x' }))).toThrow(name)
    },
  )

  it.each([
    ['a promise', () => Promise.resolve({ tenant: 'x' })],
    ['a promise that fails, which nobody else waits for,', () => Promise.reject(new Error('x'))],
    ['a map', () => new Map([['tenant', 'x']])],
    ['a list', () => ['x']],
    ['a text', () => 'tenant'],
    ['nothing', () => undefined],
  ])('are not silently without what the operator wanted to add: %s is a fault', (_, give) => {
    expect(() => build({}, give as never)).toThrow('claims function')
  })

  const admin = { ...plan.client, roles: ['admin'], claims: { tenant: 'north' } }
  const own = { roles: ['admin'], tenant: 'north' }
  const forUser = { subject: 'https://idp.test|alice', username: 'alice' }
  it.each([
    ['the client itself', {}, own],
    ['the client itself, refreshed', { sid: 's1', grant: 'refresh_token' }, own],
    ['a user of another issuer', forUser, {}],
    ['another client that called it', { subject: 'web', username: 'web' }, {}],
  ])('state the roles and claims of the client in a token for %s', (_, over, expected) => {
    const built = build({ client: admin, ...over })
    const { roles, tenant } = built.ok ? built.value.claims : {}
    expect({ roles, tenant }).toEqual(expected)
  })

  it('prefer those of the claims module, and never take a claim of ours from a client', () => {
    const client = { ...admin, claims: { tenant: 'north', sub: 'root', exp: 0 } }
    const built = build({ client }, () => ({ tenant: 'south' }))
    expect(built.ok && built.value.claims).toMatchObject({
      tenant: 'south',
      sub: 'shop',
      exp: now + 600,
    })
  })

  it('over the limit are refused with the fattest named', () => {
    const built = build({}, () => ({ roles: Array.from({ length: 600 }, (_, at) => `role-${at}`) }))
    expect(!built.ok && built.refusal.fattest[0]).toMatch(/^roles \(\d+ bytes\)$/)
    expect(build({ resource: { ...plan.resource, tokenBytesMax: 100 } }).ok).toBe(false)
  })

  it('are measured as they are written, however short they look', () => {
    expect(build({ username: 'a'.repeat(400) }).ok).toBe(true)
    expect(build({ username: '\u0001'.repeat(400) }).ok).toBe(false)
    expect(build({ username: '\u20ac'.repeat(700) }).ok).toBe(false)
  })

  it('cannot be broken by a name with quotes in it (B27)', () => {
    const built = build({ username: 'x","admin":true,"y":"' })
    const text = JSON.stringify(built.ok && built.value.claims)
    expect(JSON.parse(text)).not.toHaveProperty('admin')
  })
})
