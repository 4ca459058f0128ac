import { createGuard, type Guard, type GuardOptions } from '@countersign/guard'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { feedStub, fetchOf, type FeedStub } from './feed-stub.ts'

const now = () => Date.now() / 1000
const guards: Guard[] = []
afterEach(() => {
  for (const guard of guards.splice(0)) guard.close()
})

function aGuard(stub: FeedStub, options: Partial<GuardOptions>): Guard {
  const guard = createGuard({
    issuer: stub.issuer,
    audience: 'api',
    deps: { fetch: stub.fetch },
    ...options,
  })
  guards.push(guard)
  return guard
}

async function ask(guard: Guard, token: string): Promise<string> {
  const outcome = await guard.check({ rawHeaders: ['Authorization', `Bearer ${token}`] })
  return outcome.ok ? 'admitted' : outcome.refusal.reason
}

/** A stub in whose log one token is revoked. */
function stage() {
  const stub = feedStub('https://issuer.test', now)
  const { token, jti } = stub.token()
  stub.revoke(jti)
  return { stub, token }
}

describe('a guard follows the feed that its policy names', () => {
  const rows: readonly [name: string, options: (stub: FeedStub) => Partial<GuardOptions>][] = [
    [
      'with given keys and nobody who calls ready()',
      ({ jwks }) => ({ keys: jwks, revocation: { follow: 'poll' } }),
    ],
    [
      'with given keys of a trusted issuer',
      ({ issuer, jwks }) => ({ issuer: [{ issuer, keys: jwks }], revocation: { follow: 'poll' } }),
    ],
    [
      'with the policy of a trusted issuer',
      ({ issuer, jwks }) => ({ issuer: { issuer, keys: jwks, revocation: { follow: 'poll' } } }),
    ],
    [
      'with given keys in a row of a look-up',
      ({ issuer, jwks }) => ({
        issuer: { lookup: async () => ({ issuer, keys: jwks }) },
        revocation: { follow: 'poll' },
      }),
    ],
    [
      'with keys from a snapshot, so that no metadata is fetched',
      ({ jwks }) => ({
        revocation: { follow: 'poll' },
        remoteKeys: {
          snapshot: { load: async () => ({ jwks, fetchedAt: now() }), save: async () => undefined },
        },
      }),
    ],
  ]
  it.each(rows)('%s', async (_, options) => {
    const { stub, token } = stage()
    const guard = aGuard(stub, options(stub))
    await vi.waitFor(async () => expect(await ask(guard, token)).toBe('revoked'))
    expect(guard.health().issuers[0]?.revocation?.state).toBe('fresh')
  })
})

it('the owner hears that revocations are stale although no request came', async () => {
  const { stub } = stage()
  stub.answers.set('/revocations', 500)
  const heard: string[] = []
  const waiting: { seconds: number; task: () => void }[] = []
  aGuard(stub, {
    keys: stub.jwks,
    revocation: { onFreshness: (issuer, state) => heard.push(`${issuer} ${state}`) },
    deps: {
      fetch: stub.fetch,
      later: (seconds, task) => {
        waiting.push({ seconds, task })
        return () => undefined
      },
    },
  })
  waiting.find(({ seconds }) => seconds === 60)?.task()
  expect(heard).toEqual(['https://issuer.test stale'])
})

it('no feed is asked where the owner wants none', async () => {
  const { stub, token } = stage()
  const guard = aGuard(stub, { issuer: { issuer: stub.issuer, revocation: false } })
  expect(await ask(guard, token)).toBe('admitted')
  expect(stub.asked).not.toContain('/revocations')
})

describe('the credential of a feed goes to its issuer alone', () => {
  const ours = () => feedStub('https://ours.test', now)
  const partner = () => feedStub('https://partner.test', now)
  const sentTo = (stub: FeedStub) => new Set(stub.headers.map((each) => each['authorization']))

  const rows: readonly [name: string, (a: string, b: string) => Partial<GuardOptions>][] = [
    [
      'where a function decides by the name of the issuer',
      (a, b) => ({
        issuer: [a, b],
        revocation: {
          follow: 'poll',
          authorization: (issuer) => (issuer === a ? 'Bearer OURS' : undefined),
        },
      }),
    ],
    [
      'where the policy is that of one issuer',
      (a, b) => ({
        issuer: [
          { issuer: a, revocation: { follow: 'poll', authorization: () => 'Bearer OURS' } },
          b,
        ],
        revocation: { follow: 'poll' },
      }),
    ],
  ]
  it.each(rows)('%s', async (_, options) => {
    const [a, b] = [ours(), partner()]
    const guard = aGuard(a, { ...options(a.issuer, b.issuer), deps: { fetch: fetchOf(a, b) } })
    await guard.ready()
    expect(sentTo(a)).toEqual(new Set(['Bearer OURS']))
    expect(sentTo(b)).toEqual(new Set([undefined]))
  })

  it('and a function that ignores the issuer is refused where there are several', () => {
    const revocation = { authorization: () => 'Bearer OURS' }
    const issuer = ['https://ours.test', 'https://partner.test']
    expect(() => createGuard({ issuer, audience: 'api', revocation })).toThrow(TypeError)
    const lookup = { lookup: () => undefined }
    expect(() => createGuard({ issuer: lookup, audience: 'api', revocation })).toThrow(TypeError)
    aGuard(ours(), { revocation })
  })
})
