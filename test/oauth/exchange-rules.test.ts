import { ok, refuse } from '@countersign/jwt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { jwtBearer } from '../../packages/server/src/grants/jwt-bearer.ts'
import type { TrustedIssuer } from '../../packages/server/src/grants/trusted-issuer.ts'
import { tokenExchange } from '../../packages/server/src/grants/token-exchange.ts'
import type { TokenPlan } from '../../packages/server/src/tokens/plan.ts'
import type { OwnToken } from '../../packages/server/src/tokens/own-token.ts'
import { databases, startOfTime } from '../store/databases.ts'
import { aClient, after, aResource } from '../store/records.ts'
import { type GrantsRig, said, startGrants } from './grants-fixture.ts'

const accessToken = 'urn:ietf:params:oauth:token-type:access_token'
const billing = 'https://billing.test'

const orders = {
  ...aClient,
  access: [{ audience: billing, scopes: ['read', 'charge'] }],
}

const subject: OwnToken = {
  jti: 'parent',
  audience: aResource.audience,
  subject: 'alice',
  username: 'alice@example.com',
  clientId: 'web',
  scopes: ['read', 'write'],
  sid: 'family-of-alice',
  cid: 'internal-of-web',
  cv: 3,
  uv: 7,
  jkt: undefined,
  act: undefined,
  added: undefined,
  ancestors: [],
  ancestorKids: [],
  ancestorIat: undefined,
  issuedAt: startOfTime,
  expiresAt: after(100),
  kid: 'k1',
  isShared: false,
  envelopeKid: undefined,
}

const chain = (length: number): object =>
  length === 1 ? { sub: 'x' } : { sub: 'x', act: chain(length - 1) }

const tokens: Record<string, Partial<OwnToken>> = {
  good: {},
  other: { audience: billing },
  shared: { isShared: true },
  bound: { jkt: 'key-of-alice' },
  three: {
    act: chain(3),
    ancestors: ['a', 'b', 'c'],
    ancestorKids: ['k0', 'k1'],
    ancestorIat: after(-50),
  },
  four: { act: chain(4) },
}

const issuer = (over: Partial<TrustedIssuer> = {}): TrustedIssuer => ({
  issuer: 'https://idp.test',
  subjects: ['bob'],
  clients: ['shop'],
  access: [{ audience: billing, scopes: ['read'] }],
  maxAgeSeconds: 300,
  verify: (assertion) => {
    if (assertion === 'forged') return refuse({ reason: 'signature_invalid' })
    const [name = '', jti = '', life = '60'] = assertion.split('/')
    return ok({ subject: name, jti, expiresAt: after(Number(life)) })
  },
  ...over,
})

describe('token exchange and JWT bearer, by their rules', () => {
  let rig: GrantsRig
  let plans: TokenPlan[] = []
  let trusted: TrustedIssuer | undefined = issuer()
  beforeAll(async () => {
    const [kind] = databases
    if (kind === undefined) throw new Error('no database to test on')
    const base = await startGrants(kind)
    const acting = { ...aResource, clientId: orders.id }
    const target = { ...aResource, audience: billing, scopes: ['read', 'charge'] }
    const { mint } = base.deps
    Object.assign(base.deps, {
      resource: (audience: string) => [acting, target].find((known) => known.audience === audience),
      readToken: (text: string) => {
        const found = tokens[text]
        if (found === undefined)
          return refuse({ reason: text === 'dead' ? 'revoked' : 'malformed' })
        return ok({ prepared: { ...subject, ...found }, isRemembered: false })
      },
      trustedIssuer: () => trusted,
      mint: (plan: TokenPlan) => {
        plans.push(plan)
        return mint(plan)
      },
    })
    rig = base
  })
  afterAll(() => rig.close())

  const exchange = (fields: Record<string, string>, jkt?: string) => {
    const all = { subject_token: 'good', subject_token_type: accessToken, ...fields }
    return Promise.resolve(rig.run(tokenExchange, all, { client: orders, jkt }))
  }
  const bear = (fields: Record<string, string>) =>
    Promise.resolve(rig.run(jwtBearer, fields, { client: orders }))

  it('exchanges for another audience: narrower, shorter, with the actor and all that can end its parent', async () => {
    plans = []
    const answer = await exchange({})
    expect(answer).toMatchObject({
      ok: true,
      value: { scopes: ['read'], issuedTokenType: accessToken },
    })
    expect(answer.ok && answer.value.refreshToken).toBeUndefined()
    expect(plans).toMatchObject([
      {
        subject: 'alice',
        sid: 'family-of-alice',
        resource: { audience: billing },
        parent: {
          cid: 'internal-of-web',
          cv: 3,
          uv: 7,
          act: { sub: 'shop' },
          ancestors: ['parent'],
          ancestorKids: ['k1'],
          ancestorIat: startOfTime,
          expiresAt: after(100),
        },
      },
    ])
  })

  it('chains actors, the newest outermost', async () => {
    plans = []
    await exchange({ subject_token: 'three' })
    expect(plans[0]?.parent?.act).toMatchObject({ sub: 'shop', act: chain(3) })
    expect(plans[0]?.parent).toMatchObject({
      ancestors: ['a', 'b', 'c', 'parent'],
      ancestorKids: ['k0', 'k1'],
      ancestorIat: after(-50),
    })
  })

  it('gives a bound token for a bound one', async () => {
    expect(await exchange({ subject_token: 'bound' }, 'key-of-orders')).toMatchObject({
      value: { tokenType: 'DPoP' },
    })
  })

  it.each([
    ['without a subject token', { subject_token: '' }, 'parameter_missing'],
    ['without its type', { subject_token_type: '' }, 'parameter_missing'],
    [
      'with a refresh token as subject',
      { subject_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
      'subject_token_type_unsupported',
    ],
    [
      'for a refresh token',
      { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
      'requested_token_type_unsupported',
    ],
    ['with an actor token', { actor_token: 'x' }, 'actor_token_unsupported'],
    ['of a token that is none', { subject_token: 'garbage' }, 'subject_token_invalid'],
    [
      'of a token that its resource could have signed',
      { subject_token: 'shared' },
      'subject_token_invalid',
    ],
    ['of a revoked token', { subject_token: 'dead' }, 'subject_token_revoked'],
    [
      'of a token meant for another resource',
      { subject_token: 'other' },
      'subject_token_of_other_resource',
    ],
    ['of a bound token without a key', { subject_token: 'bound' }, 'subject_token_bound'],
    ['over a fifth actor', { subject_token: 'four' }, 'actor_chain_too_long'],
    ['for a scope that only the client has', { scope: 'charge' }, 'scope_not_allowed'],
    ['for a scope that only the subject has', { scope: 'write' }, 'scope_not_allowed'],
    [
      'for a resource that the client has not',
      { resource: 'https://other.test' },
      'resource_not_allowed',
    ],
    ['for the resource it came from', { audience: aResource.audience }, 'resource_not_allowed'],
    [
      'for a resource and an audience',
      { resource: billing, audience: billing },
      'resource_repeated',
    ],
  ])('refuses an exchange %s', async (_, fields, reason) => {
    expect(said(await exchange(fields))).toBe(reason)
  })

  it('takes an assertion once, for the pair of issuer and subject', async () => {
    plans = []
    trusted = issuer()
    expect(await bear({ assertion: 'bob/one' })).toMatchObject({
      ok: true,
      value: { scopes: ['read'] },
    })
    expect(plans).toMatchObject([{ subject: 'https://idp.test|bob', sid: undefined }])
    expect(said(await bear({ assertion: 'bob/one' }))).toBe('assertion_replayed')
    expect(said(await bear({ assertion: 'bob/two' }))).toBe('none')
  })

  it('takes the 50th parallel use of one assertion no more than the second', async () => {
    trusted = issuer()
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => bear({ assertion: 'bob/parallel' })),
    )
    expect(answers.filter((answer) => answer.ok)).toHaveLength(1)
  })

  it.each([
    ['without an assertion', {}, {}, 'parameter_missing'],
    ['that does not verify', { assertion: 'forged' }, {}, 'assertion_invalid'],
    [
      'presented by another client',
      { assertion: 'bob/a' },
      { clients: ['rival'] },
      'assertion_client_not_allowed',
    ],
    ['about a subject not listed', { assertion: 'eve/a' }, {}, 'assertion_subject_not_allowed'],
    ['about a subject with a space', { assertion: 'bob /a' }, {}, 'assertion_subject_not_allowed'],
    ['that lives six minutes', { assertion: 'bob/a/360' }, {}, 'assertion_too_long_lived'],
    [
      'for a scope beyond its row',
      { assertion: 'bob/a', scope: 'charge' },
      {},
      'scope_not_allowed',
    ],
  ])('refuses an assertion %s', async (_, fields, over, reason) => {
    trusted = issuer(over)
    expect(said(await bear(fields))).toBe(reason)
  })

  it('trusts nobody by default', async () => {
    trusted = undefined
    expect(said(await bear({ assertion: 'bob/a' }))).toBe('assertion_issuer_unknown')
  })

  it('writes each of these acts as a row', async () => {
    const rows = await rig.database.store.audit.list(0, 1_000)
    const issued = rows.filter(({ event }) => event.event === 'token_issued')
    expect(issued.length).toBeGreaterThan(4)
    expect(issued[0]?.event).toMatchObject({
      clientId: 'shop',
      subject: 'alice',
      jti: expect.any(String),
    })
    expect(rig.counted).toEqual([])
  })
})
