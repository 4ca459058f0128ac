import { createGuard, type Guard, type GuardOptions } from '@countersign/guard'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { feedStub, fetchOf, type FeedStub } from './feed-stub.ts'

const now = () => Date.now() / 1000
const guards: Guard[] = []
afterEach(() => {
  vi.restoreAllMocks()
  for (const guard of guards.splice(0)) guard.close()
})

async function ask(guard: Guard, token: string): Promise<string> {
  const outcome = await guard.check({ rawHeaders: ['Authorization', `Bearer ${token}`] })
  return outcome.ok ? 'admitted' : outcome.refusal.reason
}

/** A guard that looks up tenants, of which it keeps a few at a time. */
function stage(tenants: number, issuersMax: number, options: Partial<GuardOptions> = {}) {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const stubs = Array.from({ length: tenants }, (_, n) => feedStub(`https://t${n}.test`, now))
  const guard = createGuard({
    audience: 'api',
    issuer: { lookup: async (issuer) => ({ issuer }), issuersMax },
    revocation: { follow: 'poll' },
    deps: { fetch: fetchOf(...stubs) },
    ...options,
  })
  guards.push(guard)
  return { guard, stubs, warn }
}

const fetchesOfKeys = ({ asked }: FeedStub) => asked.filter((path) => path === '/jwks').length

describe('a guard of more tenants than it keeps', () => {
  it('evicts the tenant that was used least recently', async () => {
    const { guard, stubs } = stage(3, 2)
    const [a, b, c] = stubs as [FeedStub, FeedStub, FeedStub]
    for (const stub of [a, b, a, c, a]) await ask(guard, stub.token().token)
    expect([a, b, c].map(fetchesOfKeys)).toEqual([1, 1, 1])
    await ask(guard, b.token().token)
    expect([a, b, c].map(fetchesOfKeys)).toEqual([1, 2, 1])
  })

  it('counts a token that it remembers as a use of its tenant', async () => {
    const { guard, stubs } = stage(3, 2)
    const [a, b, c] = stubs as [FeedStub, FeedStub, FeedStub]
    const { token } = a.token()
    for (let turn = 0; turn < 3; turn += 1) await ask(guard, token)
    await ask(guard, b.token().token)
    await ask(guard, token)
    await ask(guard, c.token().token)
    await ask(guard, token)
    expect([a, b, c].map(fetchesOfKeys)).toEqual([1, 1, 1])
  })

  it.each(['allow', 'deny'] as const)(
    "enforces a revocation and serves all others in each round, with '%s'",
    async (onStale) => {
      const { guard, stubs } = stage(13, 10, { revocation: { follow: 'poll', onStale } })
      const tokens = stubs.map((stub) => stub.token())
      stubs[5]?.revoke(tokens[5]?.jti ?? '')
      for (let round = 0; round < 5; round += 1) {
        const answers = new Map<string, number>()
        for (const [at, { token }] of tokens.entries()) {
          const answer = await ask(guard, token)
          answers.set(`${at === 5} ${answer}`, (answers.get(`${at === 5} ${answer}`) ?? 0) + 1)
        }
        expect(answers).toEqual(
          new Map([
            ['false admitted', 12],
            ['true revoked', 1],
          ]),
        )
      }
    },
  )

  it('says so in its health, and warns once', async () => {
    const { guard, stubs, warn } = stage(4, 2)
    expect(guard.health().lookup).toEqual({ kept: 0, issuersMax: 2, evicted: 0 })
    for (const stub of stubs) await ask(guard, stub.token().token)
    expect(guard.health().lookup).toEqual({ kept: 2, issuersMax: 2, evicted: 2 })
    expect(warn.mock.calls.filter(([text]) => String(text).includes('issuersMax'))).toHaveLength(1)
  })

  it('has no such line where issuers are listed', () => {
    const guard = createGuard({ audience: 'api', issuer: ['https://a.test', 'https://b.test'] })
    guards.push(guard)
    expect(guard.health()).not.toHaveProperty('lookup')
  })
})

describe('a look-up that does not answer', () => {
  /** Timers that run when the test says so. */
  function timers() {
    const waiting = new Map<object, { seconds: number; task: () => void }>()
    const later = (seconds: number, task: () => void) => {
      const handle = {}
      waiting.set(handle, { seconds, task })
      return () => void waiting.delete(handle)
    }
    const pass = (seconds: number) => {
      for (const [handle, each] of waiting) {
        if (each.seconds > seconds) continue
        waiting.delete(handle)
        each.task()
      }
    }
    return { later, pass }
  }

  it('is given up after 3 seconds, and 256 of them leave a free place for the next tenant', async () => {
    const { later, pass } = timers()
    const good = feedStub('https://good.test', now)
    let hangs = true
    const { guard } = stage(0, 10, {
      issuer: {
        lookup: (issuer) => (hangs ? new Promise(() => {}) : { issuer, keys: good.jwks }),
      },
      revocation: false,
      deps: { later, fetch: good.fetch },
    })
    const flood = Array.from({ length: 300 }, (_, n) =>
      ask(guard, feedStub(`https://t${n}.test`, now).token().token),
    )
    pass(3)
    const reasons = await Promise.all(flood)
    expect(reasons.filter((reason) => reason === 'check_failed')).toHaveLength(256)
    expect(reasons.filter((reason) => reason === 'keys_unavailable')).toHaveLength(44)
    hangs = false
    expect(await ask(guard, good.token().token)).toBe('admitted')
  })
})
