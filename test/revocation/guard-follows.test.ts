import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createGuard,
  fileRevocations,
  fileSnapshot,
  type Guard,
  type GuardOptions,
} from '@countersign/guard'
import type { RevocationTarget } from '../../packages/server/src/store/port/revocation-target.ts'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { startIssuer, type TestIssuer } from './issuer.ts'

let issuer: TestIssuer
let guards: Guard[]

beforeEach(async () => {
  issuer = await startIssuer()
  guards = []
})

afterEach(async () => {
  for (const guard of guards) guard.close()
  await issuer.close()
})

async function aGuard(options: Partial<GuardOptions> = {}): Promise<Guard> {
  const guard = createGuard({ issuer: issuer.issuer, audience: 'api', ...options })
  guards.push(guard)
  await guard.ready()
  return guard
}

const request = (token: string) =>
  new Request('http://api.example/', { headers: { authorization: `Bearer ${token}` } })

/** The guard's answer for a token: `ok`, or the reason. */
async function ask(guard: Guard, token: string): Promise<string> {
  const outcome = await guard.check(request(token))
  return outcome.ok ? 'ok' : outcome.refusal.reason
}

const hears = (guard: Guard, token: string, reason: string) =>
  vi.waitFor(async () => expect(await ask(guard, token)).toBe(reason), {
    timeout: 5000,
    interval: 5,
  })

const rows: readonly [
  name: string,
  claims: object,
  target: (jti: string, kid: string) => RevocationTarget,
  reason: string,
][] = [
  ['its id', {}, (jti) => ({ kind: 'token', jti }), 'revoked'],
  ['its session', { sid: 's1' }, () => ({ kind: 'sid', sid: 's1' }), 'revoked'],
  ['its client', {}, () => ({ kind: 'client', cid: 'c', belowVersion: 2 }), 'revoked'],
  [
    'its user',
    { sub: 'u1', uv: 1 },
    () => ({ kind: 'user', uid: 'u1', belowVersion: 2 }),
    'revoked',
  ],
  [
    'claims of its user',
    { sub: 'u1', uv: 1 },
    () => ({ kind: 'claims_stale', uid: 'u1', belowVersion: 2 }),
    'claims_stale',
  ],
  ['its key', {}, (_, kid) => ({ kind: 'key', kid }), 'revoked'],
  [
    'all of its issuer',
    {},
    () => ({ kind: 'issuer', issuedUpTo: (Math.floor(Date.now() / 1000) + 1) as never }),
    'revoked',
  ],
  [
    'a token that it was exchanged for',
    { act: { client_id: 'orders' }, pjti: ['parent'] },
    () => ({ kind: 'token', jti: 'parent' }),
    'revoked',
  ],
]

describe('a token that a guard has admitted is refused after an entry against', () => {
  it.each(rows)('%s', async (_, claims, target, reason) => {
    const guard = await aGuard()
    const { token, jti } = issuer.token(claims)
    expect(await ask(guard, token)).toBe('ok')
    await vi.waitFor(() => expect(issuer.counts.streams).toBe(1))
    const before = { ...issuer.counts }
    await issuer.revoke(target(jti, issuer.kid()))
    await hears(guard, token, reason)
    expect(issuer.counts, 'requests of the guard apart from its stream').toEqual(before)
  })
})

it('other tokens live on', async () => {
  const guard = await aGuard()
  const [one, two] = [issuer.token(), issuer.token()]
  await issuer.revoke({ kind: 'token', jti: one.jti })
  await hears(guard, one.token, 'revoked')
  expect(await ask(guard, two.token)).toBe('ok')
})

it('a guard knows earlier revocations before its first request', async () => {
  const { token, jti } = issuer.token()
  await issuer.revoke({ kind: 'token', jti })
  await issuer.feed.pump()
  expect(await ask(await aGuard(), token)).toBe('revoked')
})

it('a guard that only polls hears of it too', async () => {
  const guard = await aGuard({ revocation: { follow: 'poll', pollSeconds: 0.2 } })
  const { token, jti } = issuer.token()
  expect(await ask(guard, token)).toBe('ok')
  await issuer.revoke({ kind: 'token', jti })
  await hears(guard, token, 'revoked')
  expect(issuer.counts.streams).toBe(0)
})

it('a guard goes on while its issuer is away, and hears what it missed', async () => {
  const guard = await aGuard()
  const { token, jti } = issuer.token()
  expect(await ask(guard, token)).toBe('ok')
  await issuer.stop()
  expect(await ask(guard, token)).toBe('ok')
  await issuer.revoke({ kind: 'token', jti })
  await issuer.restart()
  await hears(guard, token, 'revoked')
})

describe(
  'when the feed has been silent for longer than its owner allows',
  { timeout: 20_000 },
  () => {
    it("'deny' answers 503 and never 401, and passes again when the feed is back", async () => {
      const guard = await aGuard({ revocation: { onStale: 'deny', maxStaleSeconds: 2 } })
      const { token } = issuer.token()
      expect(await ask(guard, token)).toBe('ok')
      await issuer.stop()
      await hears(guard, token, 'revocations_stale')
      const outcome = await guard.check(request(token))
      const answer = outcome.ok ? undefined : guard.answer(outcome.refusal)
      expect(answer?.status).toBe(503)
      expect(answer?.headers['retry-after']).toBeDefined()
      await issuer.restart()
      await hears(guard, token, 'ok')
    })

    it("'allow' goes on, enforces what it knows, and says so in its health", async () => {
      const told: string[] = []
      const onFreshness = (name: string, state: string) => void told.push(`${name} ${state}`)
      const guard = await aGuard({ revocation: { maxStaleSeconds: 1, onFreshness } })
      const [one, two] = [issuer.token(), issuer.token()]
      await issuer.revoke({ kind: 'token', jti: one.jti })
      await hears(guard, one.token, 'revoked')
      await issuer.stop()
      await vi.waitFor(() => expect(guard.health().issuers[0]?.revocation?.state).toBe('stale'), {
        timeout: 5000,
      })
      expect(await ask(guard, one.token)).toBe('revoked')
      expect(await ask(guard, two.token)).toBe('ok')
      await vi.waitFor(() => expect(told).toEqual([`${issuer.issuer} stale`]), { timeout: 5000 })
      await issuer.restart()
      await vi.waitFor(() => expect(told.at(-1)).toBe(`${issuer.issuer} fresh`), { timeout: 9000 })
    })

    it("'deny' denies while the first snapshot cannot be had", async () => {
      const { token } = issuer.token()
      const options = { audience: 'api', keys: issuer.jwks(), revocation: { onStale: 'deny' } }
      const guard = createGuard({ issuer: issuer.issuer, ...options } as GuardOptions)
      guards.push(guard)
      await issuer.stop()
      expect(await ask(guard, token)).toBe('revocations_stale')
      await issuer.restart()
      await hears(guard, token, 'ok')
    })
  },
)

it('keys that the issuer announces are fetched at once, whatever the cooldown says', async () => {
  const guard = await aGuard()
  expect(await ask(guard, issuer.token().token)).toBe('ok')
  const { jwks } = issuer.counts
  issuer.rotateKeys()
  await vi.waitFor(() => expect(issuer.counts.jwks).toBe(jwks + 1), { timeout: 5000 })
  await hears(guard, issuer.token().token, 'ok')
})

it('a database restored from a backup starts a new epoch, and the guard takes its snapshot', async () => {
  const guard = await aGuard()
  const { token } = issuer.token()
  expect(await ask(guard, token)).toBe('ok')
  await issuer.store.revocations.startEpoch('restored', undefined, issuer.context)
  await hears(guard, token, 'revoked')
})

it('a guard that starts while its issuer is away refuses what it knew in its last life', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-warm-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const options = {
    remoteKeys: { snapshot: fileSnapshot(join(folder, 'keys.json')) },
    revocation: { snapshot: fileRevocations(join(folder, 'revocations.json')) },
  }
  const first = await aGuard(options)
  const [dead, live] = [issuer.token(), issuer.token()]
  await issuer.revoke({ kind: 'token', jti: dead.jti })
  await hears(first, dead.token, 'revoked')
  first.close()
  await issuer.stop()
  const path = join(folder, 'revocations.json')
  await vi.waitFor(async () => expect(await readFile(path, 'utf8')).toContain(dead.jti))
  const second = createGuard({ issuer: issuer.issuer, audience: 'api', ...options })
  guards.push(second)
  expect(await ask(second, live.token)).toBe('ok')
  await hears(second, dead.token, 'revoked')
  expect(second.health().issuers[0]?.revocation?.state).toBe('stale')
  await issuer.restart()
  await vi.waitFor(() => expect(second.health().issuers[0]?.revocation?.state).toBe('fresh'), {
    timeout: 5000,
  })
  expect(await ask(second, dead.token)).toBe('revoked')
})

it('a guard that is closed leaves nothing running', async () => {
  const guard = await aGuard()
  guard.close()
  const before = { ...issuer.counts }
  await issuer.revoke({ kind: 'sid', sid: 's' })
  await issuer.feed.pump()
  expect(issuer.counts).toEqual(before)
})
