import { createGuard, type Guard, type GuardOptions } from '@countersign/guard'
import { generateKey, signJws } from '@countersign/jwt'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { feedStub, fetchOf, type FeedStub, type StubAnswer } from './feed-stub.ts'
import { frozenGuard } from './frozen-guard.ts'

const guards: Guard[] = []
afterEach(() => {
  vi.restoreAllMocks()
  for (const guard of guards.splice(0)) guard.close()
})

describe('the first request waits for a feed that can be reached', () => {
  const rows: readonly [name: string, options: (stub: FeedStub) => Partial<GuardOptions>][] = [
    ['whose policy polls', () => ({})],
    ['whose policy follows a stream', () => ({ revocation: {} })],
    ['whose stale answer is deny', () => ({ revocation: { onStale: 'deny' } })],
    ['with given keys', ({ jwks }) => ({ keys: jwks })],
    [
      'of a tenant that is looked up',
      ({ issuer }) => ({ issuer: { lookup: async () => ({ issuer }) } }),
    ],
    [
      'of a tenant with given keys',
      ({ issuer, jwks }) => ({ issuer: { lookup: async () => ({ issuer, keys: jwks }) } }),
    ],
    ['in a list', ({ issuer }) => ({ issuer: [issuer, 'https://other.test'] })],
  ]
  it.each(rows)('%s', async (_, options) => {
    const { ask, dead, live } = frozenGuard(options)
    expect(await Promise.all([dead, live, dead].map(ask))).toEqual([
      'revoked',
      'admitted',
      'revoked',
    ])
  })

  it('and a thousand at once make one request for a page', async () => {
    const { ask, pages, live } = frozenGuard()
    await Promise.all(Array.from({ length: 1000 }, () => ask(live)))
    expect(pages()).toBe(1)
  })

  it('and so it is without any policy', async () => {
    const stub = feedStub('https://issuer.test', () => Date.now() / 1000)
    const { token, jti } = stub.token()
    stub.revoke(jti)
    const guard = createGuard({ issuer: stub.issuer, audience: 'api', deps: { fetch: stub.fetch } })
    guards.push(guard)
    const outcome = await guard.check({ rawHeaders: ['Authorization', `Bearer ${token}`] })
    expect(outcome).toMatchObject({ refusal: { reason: 'revoked' } })
  })

  it('but only for 3 seconds where it hangs', async () => {
    const { stub, ask, live } = frozenGuard()
    stub.answers.set('/revocations', { hangs: true })
    const begun = performance.now()
    await ask(live)
    expect(performance.now() - begun).toBeLessThan(4_500)
  }, 10_000)
})

describe('ready()', () => {
  const forged = (stub: FeedStub): StubAnswer =>
    signJws('{}', generateKey('ES256'), { typ: stub.issuer })
  const rows: readonly [name: string, path: string, (stub: FeedStub) => StubAnswer][] = [
    ['pages are answered 500', '/revocations', () => 500],
    ['pages are redirected', '/revocations', () => 302],
    ['pages are refused', '/revocations', () => 401],
    ['pages are gone', '/revocations', () => 404],
    ['pages are empty', '/revocations', () => ''],
    ['pages are no message', '/revocations', () => '<html>'],
    ['pages are too large', '/revocations', () => 'x'.repeat(200_000)],
    ['pages are forged', '/revocations', forged],
    ['pages are of another issuer', '/revocations', ({ page }) => page({ iss: 'https://x.test' })],
    ['pages never reach their head', '/revocations', ({ page }) => page({ head: 9 })],
    ['the keys of the feed are answered 500', '/feed-jwks', () => 500],
    ['the keys of the feed are none', '/feed-jwks', () => '{"keys":[]}'],
    ['the keys of the feed are no set', '/feed-jwks', () => '{"keys":1}'],
    ['pages hang', '/revocations', () => ({ hangs: true })],
  ]
  it.each(rows)(
    'rejects where %s',
    async (_, path, answer) => {
      const { stub, guard } = frozenGuard()
      stub.answers.set(path, answer(stub))
      await expect(guard.ready()).rejects.toThrow(`no revocations of ${stub.issuer}`)
      stub.answers.clear()
      await guard.ready()
      expect(guard.health().issuers[0]?.revocation?.state).toBe('fresh')
    },
    10_000,
  )

  it('names the cause, and so does health()', async () => {
    const { stub, guard } = frozenGuard()
    stub.answers.set('/revocations', 503)
    await expect(guard.ready()).rejects.toThrow('page: status 503')
    expect(guard.health().issuers[0]?.revocation).toMatchObject({ failure: 'page: status 503' })
  })

  it('rejects where keys are given and the metadata is away', async () => {
    const { guard } = frozenGuard(({ jwks, answers }) => {
      answers.set('/.well-known/oauth-authorization-server', 500)
      return { keys: jwks }
    })
    await expect(guard.ready()).rejects.toThrow('metadata: status_not_ok')
  })

  it('rejects where the revocations are stale and the owner denies', async () => {
    const { stub, guard } = frozenGuard(() => ({ revocation: { follow: 'poll', onStale: 'deny' } }))
    stub.answers.set('/revocations', stub.page({ iat: 1 }))
    await expect(guard.ready()).rejects.toThrow('stale')
  })
})

describe('polling in a process that is frozen between its requests', () => {
  it('hears of each revocation that is older than the poll interval', async () => {
    const { stub, ask, pass, pages } = frozenGuard()
    for (let turn = 1; turn <= 7; turn += 1) {
      const token = stub.token()
      expect(await ask(token)).toBe('admitted')
      stub.revoke(token.jti)
      pass(6)
      expect(await ask(token)).toBe('revoked')
      expect(pages()).toBe(turn + 1)
    }
  })

  it('does so where the monotonic clock does not count the frozen time', async () => {
    const { stub, ask, pass, live } = frozenGuard()
    expect(await ask(live)).toBe('admitted')
    stub.revoke(live.jti)
    pass(6, 0)
    expect(await ask(live)).toBe('revoked')
  })

  it('is not fooled by a poll that was under way when it froze', async () => {
    let thaw = () => {}
    let frozen = Promise.resolve()
    const { stub, ask, pass, pages, live } = frozenGuard(({ fetch }, deps) => ({
      deps: {
        ...deps,
        fetch: async (url, init) => {
          const answer = await fetch(url, init)
          await frozen
          return answer
        },
      },
    }))
    expect(await ask(live)).toBe('admitted')
    pass(6)
    frozen = new Promise((resolve) => (thaw = resolve))
    const asked = ask(live)
    await vi.waitFor(() => expect(pages()).toBe(2))
    // The answer of before lies in the socket while time passes.
    stub.revoke(live.jti)
    pass(6)
    thaw()
    expect(await asked).toBe('revoked')
  })

  it('serves where deny is the answer to old knowledge', async () => {
    const { ask, pass, live } = frozenGuard(() => ({
      revocation: { follow: 'poll', pollSeconds: 2, onStale: 'deny', maxStaleSeconds: 5 },
    }))
    const answers: string[] = []
    for (let turn = 0; turn < 7; turn += 1) {
      answers.push(await ask(live))
      pass(6)
    }
    expect(new Set(answers)).toEqual(new Set(['admitted']))
  })

  it('waits for one attempt in five seconds while the issuer is away', async () => {
    const { stub, ask, pass, pages, live } = frozenGuard()
    expect(await ask(live)).toBe('admitted')
    stub.answers.set('/revocations', 500)
    pass(6)
    const before = pages()
    for (let turn = 0; turn < 20; turn += 1) expect(await ask(live)).toBe('admitted')
    expect(pages()).toBe(before + 1)
    pass(6)
    await ask(live)
    expect(pages()).toBe(before + 2)
  })
})

describe('metadata that no longer names the feed', () => {
  it('does not make a guard forget what was revoked', async () => {
    const { stub, ask, guard, dead } = frozenGuard()
    expect(await ask(dead)).toBe('revoked')
    const { issuer } = stub
    stub.answers.set(
      '/.well-known/oauth-authorization-server',
      JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks` }),
    )
    // A token of an unknown key makes the guard fetch metadata and keys again.
    const before = stub.asked.length
    expect(await ask(feedStub(issuer, () => 1_800_000_000).token())).toBe('key_unknown')
    expect(stub.asked.slice(before)).toContain('/jwks')
    expect(await ask(dead)).toBe('revoked')
    expect(guard.health().issuers[0]?.revocation?.state).toBe('fresh')
  })
})

describe('a machine that was suspended', () => {
  it('counts the time that only the wall clock saw', async () => {
    const { ask, guard, pass, live } = frozenGuard(() => ({
      revocation: { onStale: 'deny', maxStaleSeconds: 60 },
    }))
    expect(await ask(live)).toBe('admitted')
    pass(600, 0)
    expect(await ask(live)).toBe('revocations_stale')
    expect(guard.health().issuers[0]?.revocation).toMatchObject({ state: 'stale', ageSeconds: 600 })
  })
})

describe('a tenant that was evicted', () => {
  it('refuses at once what it refused before, although its feed is away', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const now = () => Date.now() / 1000
    const [a, b] = [feedStub('https://a.test', now), feedStub('https://b.test', now)]
    const guard = createGuard({
      audience: 'api',
      issuer: { lookup: async (issuer) => ({ issuer }), issuersMax: 1 },
      revocation: { follow: 'poll' },
      deps: { fetch: fetchOf(a, b) },
    })
    guards.push(guard)
    const ask = async (token: string) => {
      const outcome = await guard.check({ rawHeaders: ['Authorization', `Bearer ${token}`] })
      return outcome.ok ? 'admitted' : outcome.refusal.reason
    }
    const dead = a.token()
    a.revoke(dead.jti)
    expect(await ask(dead.token)).toBe('revoked')
    expect(await ask(b.token().token)).toBe('admitted')
    a.answers.set('/revocations', 500)
    expect(await ask(dead.token)).toBe('revoked')
    expect(await ask(a.token().token)).toBe('admitted')
  })
})
