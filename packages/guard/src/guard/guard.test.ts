import { generateKey, keySetOf, publicKeyOf, signJwt, type EpochSeconds } from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import type { Admission } from '../policy/admission.ts'
import type { NodeRequest } from '../policy/request.ts'
import { GuardRefused, type GuardReason } from '../refusal.ts'
import { testIssuer } from '../testing/test-issuer.ts'
import { createGuard } from './guard.ts'

const t = testIssuer()
const guard = createGuard(t.options)

function bearer(token: string): NodeRequest {
  return { method: 'GET', url: '/', rawHeaders: ['Authorization', `Bearer ${token}`] }
}

async function reasonOf(token: string, by: typeof guard = guard): Promise<string> {
  const outcome = await by.check(bearer(token))
  return outcome.ok ? 'admitted' : outcome.refusal.reason
}

describe('a good token', () => {
  it('becomes a typed, frozen caller', async () => {
    const claims = { sub: 'alice', scope: 'read write', roles: ['admin'], permissions: ['a:b'] }
    const caller: Admission = await guard.require(bearer(t.token({ ...claims, deep: { a: [1] } })))
    expect(caller).toMatchObject({
      issuer: t.issuer,
      subject: 'alice',
      clientId: 'test-client',
      audience: [t.audience],
      scopes: ['read', 'write'],
      roles: ['admin'],
      permissions: ['a:b'],
      scheme: 'Bearer',
    })
    expect(Object.isFrozen(caller) && Object.isFrozen(caller.claims['deep'])).toBe(true)
  })

  it('is checked at once, without a promise', () => {
    const outcome = guard.admit(
      { method: () => 'GET', header: (token: string) => `Bearer ${token}`, url: () => '/' },
      t.token(),
      guard.prepare(),
    )
    expect(outcome).toMatchObject({ ok: true })
  })

  it('is a different caller for each token', async () => {
    const [one, two] = [t.token({ sub: 'one' }), t.token({ sub: 'two' })]
    for (const [token, sub] of [
      [one, 'one'],
      [two, 'two'],
      [one, 'one'],
    ] as const) {
      expect((await guard.require(bearer(token))).subject).toBe(sub)
    }
  })
})

describe('a token that is refused', () => {
  const rows: readonly (readonly [string, () => string, GuardReason])[] = [
    ['expired', () => t.expired(), 'expired'],
    ['of another key', () => t.wrongKey(), 'signature_invalid'],
    ['for another API', () => t.wrongAudience(), 'audience_mismatch'],
    ['taken back', () => t.revoked(), 'revoked'],
    ['with old claims', () => t.claimsStale(), 'claims_stale'],
    ['no token', () => 'nonsense', 'malformed'],
    ['bound to an unknown kind of key', () => t.token({ cnf: { x: 1 } }), 'binding_unsupported'],
  ]
  it.each(rows)('%s', async (_name, token, reason) => {
    expect(await reasonOf(token())).toBe(reason)
  })

  it('names the token only after the proof', async () => {
    const before = await guard.check(bearer(t.wrongKey({ jti: 'j1' })))
    const after = await guard.check(bearer(t.expired({ jti: 'j2' })))
    expect(before).not.toHaveProperty('refusal.jti')
    expect(after).toMatchObject({ refusal: { proven: true, jti: 'j2' } })
  })

  it('never contains the token', async () => {
    for (const token of [t.expired(), t.wrongKey(), t.revoked()]) {
      const heard: unknown[] = []
      const loud = createGuard({ ...t.options, onRefusal: (refusal) => heard.push(refusal) })
      await loud.check(bearer(token))
      expect(heard).toHaveLength(1)
      expect(JSON.stringify(heard)).not.toContain(token.slice(-40))
    }
  })
})

describe('the cache of verified tokens', () => {
  it('refuses a token at exp', async () => {
    const own = testIssuer()
    const token = own.token()
    const by = createGuard({ ...own.options, leewaySeconds: 0 })
    expect(await reasonOf(token, by)).toBe('admitted')
    own.clock.advance(599)
    expect(await reasonOf(token, by)).toBe('admitted')
    own.clock.advance(1)
    expect(await reasonOf(token, by)).toBe('expired')
  })

  it('notices a clock that is set back', async () => {
    const own = testIssuer()
    const token = own.token()
    const by = createGuard(own.options)
    expect(await reasonOf(token, by)).toBe('admitted')
    own.clock.advance(-3600)
    expect(await reasonOf(token, by)).toBe('issued_in_future')
  })

  it('is cleared by a change of keys', async () => {
    const own = testIssuer()
    const token = own.token()
    const by = createGuard(own.options)
    expect(await reasonOf(token, by)).toBe('admitted')
    own.rotateKey()
    expect(await reasonOf(token, by)).toBe('key_unknown')
    expect(await reasonOf(own.token(), by)).toBe('admitted')
  })

  it('is cleared by a revocation', async () => {
    const own = testIssuer()
    const [dead, alive] = [own.token({ sid: 's1' }), own.token({ sid: 's2' })]
    const by = createGuard(own.options)
    expect(await reasonOf(dead, by)).toBe('admitted')
    expect(await reasonOf(alive, by)).toBe('admitted')
    own.revoke({ sid: 's1' })
    expect(await reasonOf(dead, by)).toBe('revoked')
    expect(await reasonOf(alive, by)).toBe('admitted')
  })

  it('checks on each request whether revocations are too old', async () => {
    let stale = false
    const revocation = { ...t.options.revocation, isTooStale: () => stale }
    const by = createGuard({ ...t.options, revocation })
    const token = t.token()
    expect(await reasonOf(token, by)).toBe('admitted')
    stale = true
    const outcome = await by.check(bearer(token))
    expect(outcome).toMatchObject({ ok: false, refusal: { reason: 'revocations_stale' } })
    expect(by.health().ok).toBe(false)
    if (outcome.ok) return
    expect(by.answer(outcome.refusal)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
    })
  })

  it('may be absent', async () => {
    const by = createGuard({ ...t.options, cache: false })
    const token = t.token()
    expect([await reasonOf(token, by), await reasonOf(token, by)]).toEqual(['admitted', 'admitted'])
    expect(by.health().cachedTokens).toBe(0)
  })
})

describe('several issuers', () => {
  const [one, two] = [
    testIssuer({ issuer: 'https://one.test' }),
    testIssuer({ issuer: 'https://two.test' }),
  ]
  const both = [one, two].map(({ issuer, options }) => ({ issuer, keys: options.keys }))
  const byList = createGuard({ issuer: both, audience: one.audience })
  const asked: string[] = []
  const byLookup = createGuard({
    audience: one.audience,
    issuer: {
      lookup: async (issuer) => {
        asked.push(issuer)
        return both.find((entry) => entry.issuer === issuer)
      },
    },
  })

  it.each([
    ['a list', byList],
    ['a look-up', byLookup],
  ])('%s admits each with its own key and no other', async (_name, by) => {
    expect(await reasonOf(one.token(), by)).toBe('admitted')
    expect(await reasonOf(two.token(), by)).toBe('admitted')
    const mixed = await by.check(bearer(two.token({ iss: one.issuer })))
    expect(mixed).toMatchObject({ ok: false, refusal: { reason: 'key_unknown', proven: false } })
    expect(await reasonOf(t.token(), by)).toBe('issuer_unknown')
  })

  it('a tenant that is no longer trusted is refused after the cached answer ends, with its cached tokens', async () => {
    const own = testIssuer()
    let trusted = true
    const by = createGuard({
      audience: own.audience,
      deps: own.options.deps,
      issuer: {
        lookup: (issuer) => (trusted ? { issuer, keys: own.options.keys } : undefined),
        keepSeconds: 60,
      },
    })
    const token = own.token()
    expect(await reasonOf(token, by)).toBe('admitted')
    trusted = false
    own.clock.advance(59)
    expect(await reasonOf(token, by)).toBe('admitted')
    own.clock.advance(1)
    expect(await reasonOf(token, by)).toBe('issuer_unknown')
    trusted = true
    own.clock.advance(60)
    expect(await reasonOf(token, by)).toBe('admitted')
  })

  it('asks the table once per issuer, also for many requests at a time', async () => {
    asked.length = 0
    const issuer = 'https://nobody.test'
    await Promise.all(
      Array.from({ length: 50 }, () => reasonOf(t.token({ iss: issuer }), byLookup)),
    )
    await reasonOf(one.token(), byLookup)
    expect(asked).toEqual([issuer])
  })
})

describe('a foreign profile', () => {
  const key = generateKey('ES256')
  const profile = { typ: ['JWT'], require: ['sub'] }
  const by = createGuard({
    issuer: 'https://i.test',
    audience: 'api',
    keys: publicKeyOf(key),
    profile,
  })
  const claims = { iss: 'https://i.test', aud: 'api', sub: 's', exp: 4_000_000_000 }

  it('is stated and then enforced', async () => {
    expect(await reasonOf(signJwt(claims, key), by)).toBe('admitted')
    expect(await reasonOf(signJwt(claims, key, { typ: 'at+jwt' }), by)).toBe('typ_mismatch')
    expect(await reasonOf(signJwt({ ...claims, sub: undefined }, key), by)).toBe('claim_missing')
  })
})

describe('an exception inside a check', () => {
  const token = t.token()
  const faulty = createGuard({
    ...t.options,
    revocation: {
      ...t.options.revocation,
      check: () => {
        throw new Error('out of memory')
      },
    },
  })

  it('is a refusal, and the owner receives it', async () => {
    const faults: unknown[] = []
    const heard = createGuard({ ...t.options, onRefusal: (_refusal, fault) => faults.push(fault) })
    const outcome = await heard.check(bearer(token), {
      allow: () => {
        throw new TypeError('bug')
      },
    })
    expect(outcome).toMatchObject({ ok: false, refusal: { reason: 'check_failed' } })
    expect(faults).toEqual([expect.any(TypeError)])
    expect(await reasonOf(token, faulty)).toBe('check_failed')
  })

  it('of the log changes nothing', async () => {
    const by = createGuard({
      ...t.options,
      onRefusal: () => {
        throw new Error('log full')
      },
    })
    expect(await reasonOf('nonsense', by)).toBe('malformed')
  })

  it('of a log that fails later does not end the process', async () => {
    const later = Promise.reject(new Error('log full'))
    const by = createGuard({ ...t.options, onRefusal: () => later as unknown as undefined })
    expect(await reasonOf('nonsense', by)).toBe('malformed')
    // The test run would report an unhandled rejection here.
    await new Promise((resolve) => setImmediate(resolve))
  })

  const times = { expiredAt: t.clock.now(), now: t.clock.now() }

  it('of the host that renders leaves the standard answer', () => {
    const render = () => {
      throw new Error('bug')
    }
    const refusal = { reason: 'expired', proven: true, ...times } as const
    const answer = createGuard({ ...t.options, render }).answer(refusal)
    expect(answer).toEqual(guard.answer(refusal))
  })

  it.each<[string, (standard: object) => unknown]>([
    ['a body that is no text', (standard) => ({ ...standard, body: { error: 'x' } })],
    ['a status that is no number', (standard) => ({ ...standard, status: '401' })],
    ['a status that cannot be sent', (standard) => ({ ...standard, status: 42 })],
    ['headers that cannot be sent', (standard) => ({ ...standard, headers: { a: 'b\nc' } })],
    ['no headers', (standard) => ({ ...standard, headers: undefined })],
    ['a promise', async (standard) => standard],
    ['a response', () => new Response('no', { status: 401 })],
  ])('of the host that renders %s leaves the standard answer', (_, render) => {
    const refusal = { reason: 'expired', proven: true, ...times } as const
    const by = createGuard({
      ...t.options,
      render: (_refusal, standard) => render(standard) as typeof standard,
    })
    expect(by.answer(refusal)).toEqual(guard.answer(refusal))
  })

  it('of the clock is a refusal too', async () => {
    const by = createGuard({
      ...t.options,
      deps: {
        now: () => {
          throw new Error('no clock')
        },
      },
    })
    expect(await reasonOf(token, by)).toBe('check_failed')
  })
})

describe('a guard that would not protect', () => {
  const key = generateKey('ES256')
  const base = { issuer: 'https://i.test', audience: 'api', keys: publicKeyOf(key) }
  const rows: readonly (readonly [string, object])[] = [
    ['no issuer', { ...base, issuer: undefined }],
    ['no audience', { ...base, audience: undefined }],
    ['no audience with a look-up', { audience: undefined, issuer: { lookup: () => undefined } }],
    ['an empty audience', { ...base, audience: [] }],
    ['an empty name in the audience', { ...base, audience: [''] }],
    ['an empty list of issuers', { ...base, issuer: [] }],
    ['an issuer twice', { ...base, keys: undefined, issuer: ['https://a.test', 'https://a.test'] }],
    ['an issuer over plain http', { issuer: 'http://i.test', audience: 'api' }],
    ['an issuer that is no address', { issuer: 'i', audience: 'api' }],
    ['HS256 without keys', { issuer: 'https://i.test', audience: 'api', algorithms: ['HS256'] }],
    ['no algorithms', { ...base, algorithms: [] }],
    ['an hour of leeway', { ...base, leewaySeconds: 3600 }],
    ['no keys in keys', { ...base, keys: [] }],
    ['a private key', { ...base, keys: key }],
    ['a key for no algorithm of the policy', { ...base, algorithms: ['RS256'] }],
    ['a secret, whose algorithm is not a default', { ...base, keys: generateKey('HS256') }],
    ['a key for encryption', { ...base, keys: publicKeyOf(generateKey('ECDH-ES')) }],
    ['a misspelt option', { ...base, decryptionKey: key }],
    [
      'a misspelt option of DPoP',
      { ...base, dpop: { publicOrigin: 'https://a.test', require: true } },
    ],
    [
      'a misspelt option of the cookie',
      { ...base, credentials: { cookie: '__Host-s', origins: [] } },
    ],
    [
      'a misspelt option of introspection',
      {
        ...base,
        introspection: { endpoint: 'https://a.test', clientId: 'c', clientSecret: 's', cache: 1 },
      },
    ],
    ['an empty list of credentials', { ...base, credentials: [] }],
    ['a cookie without a name', { ...base, credentials: { cookie: '' } }],
    ['a resource that is no address', { ...base, resource: 'orders' }],
  ]
  it.each(rows)('throws: %s', (_name, options) => {
    expect(() => createGuard(options as typeof base)).toThrow(TypeError)
  })

  it('does not compile without issuer or audience', () => {
    // @ts-expect-error an issuer is required
    expect(() => createGuard({ audience: 'api' })).toThrow(TypeError)
    // @ts-expect-error an audience is required
    expect(() => createGuard({ issuer: 'https://i.test', keys: key })).toThrow(TypeError)
  })
})

it('accepts HS256 with keys', async () => {
  const key = generateKey('HS256')
  const by = createGuard({
    issuer: t.issuer,
    audience: t.audience,
    keys: key,
    algorithms: ['HS256'],
  })
  const good = (await guard.require(bearer(t.token()))).claims
  expect(await reasonOf(signJwt(good, key, { typ: 'at+jwt' }), by)).toBe('admitted')
})

it('throws the refusal with its answer if a caller is required', async () => {
  const refused = await guard.require(bearer(t.wrongKey())).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(GuardRefused)
  expect(refused).toMatchObject({ status: 401, refusal: { reason: 'signature_invalid' } })
  expect(String(refused)).not.toContain('signature_invalid')
})

it('lets a host render its own answer with the challenge', async () => {
  const by = createGuard({
    ...t.options,
    render: (_refusal, { headers }) => ({
      status: 400,
      headers,
      body: '{"error":"Invalid token"}',
    }),
  })
  const outcome = await by.check(bearer('nonsense'))
  expect(!outcome.ok && by.answer(outcome.refusal)).toMatchObject({
    status: 400,
    body: '{"error":"Invalid token"}',
    headers: { 'www-authenticate': expect.stringContaining('invalid_token') },
  })
})

it('accepts keys as one key, a list, a set, a published set and a source', async () => {
  const key = generateKey('ES256')
  const token = signJwt({ ...(await guard.require(bearer(t.token()))).claims }, key, {
    typ: 'at+jwt',
  })
  const set = keySetOf([publicKeyOf(key)])
  const now = (): EpochSeconds => t.clock.now()
  for (const keys of [publicKeyOf(key), [publicKeyOf(key)], set, { keySet: () => set }]) {
    const by = createGuard({ issuer: t.issuer, audience: t.audience, keys, deps: { now } })
    expect(await reasonOf(token, by)).toBe('admitted')
  }
})
