import { exportJwk, generateKey, type EpochSeconds } from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import type { FetchPort } from '../outbound/fetch-document.ts'
import { testIssuer } from '../testing/test-issuer.ts'
import { createGuard } from './guard.ts'

const t = testIssuer()

/** An issuer with keys and a revocation feed that never has a valid page. */
const fetchPort: FetchPort = async (url) => {
  const { issuer } = t
  const metadata = {
    issuer,
    jwks_uri: `${issuer}/keys`,
    revocations_endpoint: `${issuer}/revocations`,
    revocations_jwks_uri: `${issuer}/keys`,
  }
  const known = url.endsWith('/keys') ? { keys: [publicJwk] } : metadata
  const status = url.endsWith('/revocations') ? 500 : 200
  const bytes = new TextEncoder().encode(JSON.stringify(known))
  return {
    status,
    headers: { get: () => null },
    body: (async function* body() {
      yield bytes
    })(),
  }
}
const publicJwk = exportJwk(generateKey('ES256'))

/** A timer that never fires, and the list of its tasks. */
function aTimer() {
  const waiting = new Set<() => void>()
  const later = (_seconds: number, task: () => void) => {
    waiting.add(task)
    return () => void waiting.delete(task)
  }
  return { waiting, later }
}

it('a tenant that is no longer trusted causes no request, neither for keys nor for revocations', async () => {
  let trusted = true
  const { waiting, later } = aTimer()
  const guard = createGuard({
    audience: t.audience,
    issuer: { lookup: (issuer) => (trusted ? { issuer } : undefined), keepSeconds: 60 },
    deps: {
      now: t.clock.now,
      fetch: fetchPort,
      later,
    },
  })
  const ask = () => guard.check({ rawHeaders: ['Authorization', `Bearer ${t.token()}`] })
  expect(await ask()).toMatchObject({ refusal: { reason: 'key_unknown' } })
  await expect.poll(() => guard.health().issuers.length).toBe(1)
  expect(waiting.size).toBeGreaterThan(0)
  trusted = false
  t.clock.advance(60)
  expect(await ask()).toMatchObject({ refusal: { reason: 'issuer_unknown' } })
  await expect.poll(() => waiting.size).toBe(0)
})

it('a tenant with a pending look-up at the close of its guard causes no request', async () => {
  const { waiting, later } = aTimer()
  let answer = (): void => {}
  const guard = createGuard({
    audience: t.audience,
    issuer: { lookup: (issuer) => new Promise((resolve) => (answer = () => resolve({ issuer }))) },
    deps: {
      now: t.clock.now,
      fetch: fetchPort,
      later,
    },
  })
  const asked = guard.check({ rawHeaders: ['Authorization', `Bearer ${t.token()}`] })
  guard.close()
  answer()
  expect(await asked).toMatchObject({ refusal: { reason: 'key_unknown' } })
  expect(waiting.size).toBe(0)
})

describe('after the clock was set back by an hour', () => {
  /** A guard that looks up one tenant. The test switches the trust in it. */
  function stage(trusted: boolean) {
    const world = { trusted, time: t.clock.now() }
    const { issuer } = t
    const guard = createGuard({
      audience: t.audience,
      issuer: { lookup: () => (world.trusted ? { issuer, keys: t.options.keys } : undefined) },
      deps: { now: () => world.time },
    })
    const ask = async () => {
      const outcome = await guard.check({ rawHeaders: ['Authorization', `Bearer ${t.token()}`] })
      return outcome.ok ? 'admitted' : outcome.refusal.reason
    }
    return { world, ask }
  }

  it.each([
    ['a tenant that is no longer trusted stays refused during that hour', true, 'issuer_unknown'],
    ['a new tenant is accepted during that hour', false, 'admitted'],
  ])('%s', async (_, trusted, then) => {
    const { world, ask } = stage(trusted)
    world.time = (world.time + 3600) as EpochSeconds
    await ask()
    world.trusted = !trusted
    world.time = (world.time - 3600) as EpochSeconds
    expect(await ask()).toBe(then)
  })
})

describe('a flood of invented issuers', () => {
  it('causes a limited number of look-ups at a time; a known tenant is still looked up', async () => {
    const time = { now: t.clock.now() }
    const asked: string[] = []
    const answers: (() => void)[] = []
    const guard = createGuard({
      audience: t.audience,
      issuer: {
        lookup: async (issuer) => {
          asked.push(issuer)
          if (issuer === t.issuer) return { issuer, keys: t.options.keys }
          return new Promise((resolve) => answers.push(() => resolve(undefined)))
        },
      },
      deps: { now: () => time.now },
    })
    const ask = async (token: string) => {
      const outcome = await guard.check({ rawHeaders: ['Authorization', `Bearer ${token}`] })
      return outcome.ok ? 'admitted' : outcome.refusal.reason
    }
    const known = t.token()
    expect(await ask(known)).toBe('admitted')
    time.now = (time.now + 60) as EpochSeconds
    asked.length = 0
    const flood = Array.from({ length: 1000 }, (_, n) => ask(t.token({ iss: `https://${n}.test` })))
    expect(asked).toHaveLength(256)
    expect(await ask(known)).toBe('admitted')
    for (const answer of answers) answer()
    const reasons = await Promise.all(flood)
    expect(reasons.filter((reason) => reason === 'issuer_unknown')).toHaveLength(256)
    expect(reasons.filter((reason) => reason === 'keys_unavailable')).toHaveLength(744)
  })
})
