import { describe, expect, it } from 'vitest'
import { createGuard } from '../guard/guard.ts'
import type { FetchAnswer, FetchPort } from '../outbound/fetch-document.ts'
import { testIssuer } from '../testing/test-issuer.ts'

const t = testIssuer()
const now = t.clock.now()
const active = {
  active: true,
  aud: t.audience,
  sub: 'alice',
  client_id: 'web',
  scope: 'read',
  exp: now + 600,
}
const options = { endpoint: 'https://issuer.test/introspect', clientId: 'a:p i', clientSecret: 's' }

/** A guard with an introspection endpoint of the test. `sent` lists the requests of the endpoint. */
function stage(answer: () => unknown, more: object = {}, status = 200) {
  const sent: { readonly body: string; readonly authorization: string | undefined }[] = []
  const fetch: FetchPort = async (_url, { body = '', headers }) => {
    sent.push({ body, authorization: headers?.['authorization'] })
    return json(await answer(), status)
  }
  const guard = createGuard({
    ...t.options,
    introspection: { ...options, ...more },
    deps: { ...t.options.deps, fetch },
  })
  const ask = async (token: string) => {
    const outcome = await guard.check({ rawHeaders: ['Authorization', `Bearer ${token}`] })
    return outcome.ok ? outcome.value : outcome.refusal.reason
  }
  return { guard, sent, ask }
}

function json(value: unknown, status: number): FetchAnswer {
  const bytes = new TextEncoder().encode(JSON.stringify(value))
  const body = (async function* () {
    yield bytes
  })()
  return { status, headers: { get: () => null }, body }
}

describe('an opaque token', () => {
  it('is refused by a guard without introspection', async () => {
    const guard = createGuard(t.options)
    const outcome = await guard.check({ rawHeaders: ['Authorization', 'Bearer opaque'] })
    expect(outcome).toMatchObject({ ok: false, refusal: { reason: 'malformed' } })
  })

  it('is introspected with form-encoded Basic credentials and admitted', async () => {
    const { sent, ask } = stage(() => active)
    expect(await ask('opaque+1=')).toMatchObject({
      subject: 'alice',
      clientId: 'web',
      scopes: ['read'],
    })
    expect(sent).toEqual([
      {
        body: 'token=opaque%2B1%3D&token_type_hint=access_token',
        authorization: `Basic ${btoa('a%3Ap%20i:s')}`,
      },
    ])
  })

  it('without a subject has its client as subject', async () => {
    const { ask } = stage(() => ({ ...active, sub: undefined }))
    expect(await ask('opaque')).toMatchObject({ subject: 'web' })
  })

  it('is introspected again when the clock was set back since the answer', async () => {
    let alive = true
    const { ask } = stage(() => ({ ...active, active: alive }))
    await ask('opaque')
    alive = false
    t.clock.advance(-3600)
    expect(await ask('opaque')).toBe('token_inactive')
    t.clock.advance(3600)
  })

  it('is cached for a while, then introspected again', async () => {
    const own = stage(() => active)
    await own.ask('opaque')
    await own.ask('opaque')
    expect(own.sent).toHaveLength(1)
    t.clock.advance(31)
    await own.ask('opaque')
    expect(own.sent).toHaveLength(2)
  })

  it('is introspected once for many requests at a time', async () => {
    const { sent, ask } = stage(() => active)
    await Promise.all(Array.from({ length: 100 }, () => ask('opaque')))
    expect(sent).toHaveLength(1)
  })

  const kinds: readonly object[] = [
    { token_type: 'Bearer' },
    { token_type: 'bearer', typ: 'Bearer' },
    { token_type: 'access_token' },
    { token_use: 'access_token' },
    { typ: 'at+jwt' },
    { iss: t.issuer },
    { iss: null, nbf: null, iat: null, jti: null, exp: null, token_type: null },
    { nbf: now + 5, iat: now + 5 },
  ]
  it.each(kinds)('is admitted with %j', async (more) => {
    expect(await stage(() => ({ ...active, ...more })).ask('opaque')).toMatchObject({
      subject: 'alice',
    })
  })

  it('for other APIs too is admitted if the owner allows it', async () => {
    const fetch: FetchPort = async () => json({ ...active, aud: [t.audience, 'x'] }, 200)
    const deps = { ...t.options.deps, fetch }
    const guard = createGuard({
      ...t.options,
      introspection: options,
      allowOtherAudiences: true,
      deps,
    })
    expect((await guard.check({ rawHeaders: ['Authorization', 'Bearer opaque'] })).ok).toBe(true)
  })

  it.each([
    ['https://known.test', 'admitted'],
    ['https://other.test', 'issuer_mismatch'],
  ])('of %s is looked up in the table of issuers: %s', async (iss, expected) => {
    const fetch: FetchPort = async () => json({ ...active, iss }, 200)
    const { keys, ...rest } = t.options
    const guard = createGuard({
      ...rest,
      issuer: {
        lookup: async (issuer) => (issuer === 'https://known.test' ? { issuer, keys } : undefined),
      },
      introspection: options,
      deps: { ...t.options.deps, fetch },
    })
    const outcome = await guard.check({ rawHeaders: ['Authorization', 'Bearer opaque'] })
    expect(outcome.ok ? 'admitted' : outcome.refusal.reason).toBe(expected)
  })

  it('adds no line of its own to a log', async () => {
    const { guard } = stage(() => ({ ...active, jti: `a\n${'x'.repeat(200)}`, scope: 'read' }))
    const rawHeaders = ['authorization', 'Bearer opaque']
    const jti = `a?${'x'.repeat(126)}`
    for (const requirement of [{ scope: 'write' }, { role: 'r' }])
      expect(await guard.check({ rawHeaders }, requirement)).toMatchObject({ refusal: { jti } })
  })

  it('makes no call for tokens that are JWTs', async () => {
    const { sent, ask } = stage(() => active)
    expect(await ask(t.token())).toMatchObject({ subject: 'test-user' })
    expect(await ask(t.wrongKey())).toBe('signature_invalid')
    expect(sent).toHaveLength(0)
  })
})

describe('an opaque token is refused', () => {
  const rows: readonly (readonly [name: string, answer: object, reason: string])[] = [
    ['inactive', { active: false }, 'token_inactive'],
    ['active in another spelling', { ...active, active: 'true' }, 'token_inactive'],
    ['past its end', { ...active, exp: now - 1 }, 'token_inactive'],
    ['with an exp that is no number', { ...active, exp: '9999999999' }, 'token_inactive'],
    ['for another API', { ...active, aud: 'other' }, 'audience_mismatch'],
    ['without audience', { ...active, aud: undefined }, 'audience_mismatch'],
    ['for us and for another API', { ...active, aud: [t.audience, 'x'] }, 'audience_mismatch'],
    ['with the audience null', { ...active, aud: null }, 'audience_mismatch'],
    ['for an empty list', { ...active, aud: [] }, 'claim_invalid'],
    ['for a list with a number', { ...active, aud: [t.audience, 1] }, 'claim_invalid'],
    ['bound to a key', { ...active, cnf: { 'x5t#S256': 'x' } }, 'binding_unsupported'],
    ['of DPoP without a key', { ...active, token_type: 'DPoP' }, 'binding_unsupported'],
    ['that is a refresh token', { ...active, token_type: 'refresh_token' }, 'typ_mismatch'],
    ['that is a refresh token, in short', { ...active, token_type: 'refresh' }, 'typ_mismatch'],
    [
      'that is a refresh token, in the word of Keycloak',
      { ...active, typ: 'Refresh' },
      'typ_mismatch',
    ],
    [
      'that is a refresh token, in the word of Hydra',
      { ...active, token_use: 'refresh_token' },
      'typ_mismatch',
    ],
    ['that is an ID token', { ...active, token_type: 'id_token' }, 'typ_mismatch'],
    ['that is an ID token, by use', { ...active, token_use: 'id' }, 'typ_mismatch'],
    ['that is an ID token, by typ', { ...active, typ: 'ID' }, 'typ_mismatch'],
    ['of an unknown type', { ...active, token_type: 'N_A' }, 'typ_mismatch'],
    ['of a type that is no text', { ...active, token_type: ['Bearer'] }, 'typ_mismatch'],
    ['of another issuer', { ...active, iss: 'https://evil.test' }, 'issuer_mismatch'],
    ['of an issuer that is no text', { ...active, iss: 5 }, 'issuer_mismatch'],
    ['not valid yet', { ...active, nbf: now + 60 }, 'not_yet_valid'],
    ['issued in the future', { ...active, iat: now + 60 }, 'issued_in_future'],
    ['issued at a text', { ...active, iat: `${now}` }, 'claim_invalid'],
    ['issued after its end', { ...active, iat: now + 601 }, 'claim_invalid'],
    ['with an exp that is too large', { ...active, exp: 1e20 }, 'claim_invalid'],
    ['with a subject on two lines', { ...active, sub: 'a\nb' }, 'claim_invalid'],
    ['with a subject that reverses text', { ...active, sub: 'a\u202eb' }, 'claim_invalid'],
    ['with a subject that is an object', { ...active, sub: { id: 'a' } }, 'claim_invalid'],
    ['with a subject that is a number', { ...active, sub: 1 }, 'claim_invalid'],
    ['with an empty subject', { ...active, sub: '' }, 'claim_missing'],
    ['without subject and client', { active: true, aud: t.audience }, 'claim_missing'],
    ['with a client that is an object', { ...active, client_id: {} }, 'claim_invalid'],
    ['with a client on two lines', { ...active, client_id: 'a\nb' }, 'claim_invalid'],
  ]
  it.each(rows)('%s', async (_name, answer, reason) => {
    expect(await stage(() => answer).ask('opaque')).toBe(reason)
  })

  it.each<[string, () => unknown, number, object]>([
    ['answers 401', () => active, 401, { reason: 'status_not_ok', status: 401 }],
    [
      'is unknown to DNS',
      () => Promise.reject(new TypeError('x', { cause: { code: 'ENOTFOUND' } })),
      200,
      { reason: 'unreachable', code: 'ENOTFOUND' },
    ],
  ])('and the refusal says why when the endpoint %s', async (_, answer, status, cause) => {
    const { guard } = stage(answer, {}, status)
    const outcome = await guard.check({ rawHeaders: ['Authorization', 'Bearer opaque'] })
    expect(outcome).toMatchObject({ refusal: { reason: 'introspection_unavailable', cause } })
  })

  it('when the endpoint is unreachable, answers an error, or has too many calls', async () => {
    expect(await stage(() => active, {}, 500).ask('opaque')).toBe('introspection_unavailable')
    expect(await stage(() => Promise.reject(new Error('down'))).ask('opaque')).toBe(
      'introspection_unavailable',
    )
    const { sent, ask } = stage(() => active, { callsMax: 2 })
    const answers = await Promise.all(['a', 'b', 'c'].map(ask))
    expect(answers[2]).toBe('introspection_unavailable')
    expect(sent).toHaveLength(2)
  })

  it('of a sender with slow calls leaves calls for others', async () => {
    const waiting: (() => void)[] = []
    const fetch: FetchPort = async (_url, { body = '' }) => {
      if (body.includes('slow')) await new Promise<void>((resolve) => waiting.push(resolve))
      return json(active, 200)
    }
    const introspection = { ...options, callsMax: 8 }
    const guard = createGuard({
      ...t.options,
      introspection,
      deps: { ...t.options.deps, fetch },
    })
    const ask = (token: string, remoteAddress: string) =>
      guard
        .check({ rawHeaders: ['Authorization', `Bearer ${token}`], socket: { remoteAddress } })
        .then((outcome) => (outcome.ok ? 'admitted' : outcome.refusal.reason))
    const slow = Array.from({ length: 10 }, (_, at) => ask(`slow${at}`, `2001:db8::${at}`))
    expect(await ask('honest', '192.0.2.7')).toBe('admitted')
    expect(await ask('more', '2001:db8:0:0:9::')).toBe('introspection_unavailable')
    for (const answer of waiting) answer()
    const answers = await Promise.all(slow)
    expect(answers.filter((answer) => answer === 'admitted')).toHaveLength(4)
    expect(await ask('more', '2001:db8::9')).toBe('admitted')
  })

  it('without a call if it cannot be a token', async () => {
    const { sent, ask } = stage(() => active)
    for (const token of ['a'.repeat(5000), 'a"b', 'a;b', 'a\u00e9'])
      expect(await ask(token)).toBe('malformed')
    expect(sent).toHaveLength(0)
  })
})

it('an answer without audience is accepted if the owner allows it', async () => {
  const { ask } = stage(() => ({ ...active, aud: undefined }), {
    acceptMissingAudienceUnsafe: true,
  })
  expect(await ask('opaque')).toMatchObject({ subject: 'alice' })
})

it('unsafe introspection options throw', () => {
  const nobody = { clientSecret: undefined } as object
  for (const bad of [{ endpoint: 'http://issuer.test/' }, { clientId: '' }, nobody]) {
    const introspection = { ...options, ...bad }
    expect(() => createGuard({ ...t.options, introspection })).toThrow(TypeError)
  }
})

it('introspection without an endpoint is refused by name', () => {
  const introspection = { clientId: 'a', clientSecret: 's' } as typeof options
  expect(() => createGuard({ ...t.options, introspection })).toThrow(
    'introspection needs an endpoint',
  )
})
