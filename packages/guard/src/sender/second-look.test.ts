import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { createGuard } from '../guard/guard.ts'
import type { NodeRequest, RequestReader } from '../policy/request.ts'
import { testIssuer } from '../testing/test-issuer.ts'
import type { DpopOptions, ReplayMemory } from './options.ts'
import { createReplayMemory } from './replay-memory.ts'

const t = testIssuer()
const sender = t.sender()
const token = t.token({ scope: 'read', cnf: { jkt: sender.jkt } })
const publicOrigin = 'https://api.test'

const guardWith = (dpop: Partial<DpopOptions> = {}) =>
  createGuard({ ...t.options, dpop: { publicOrigin, ...dpop } })
const send = (proof = sender.proof({ token, url: `${publicOrigin}/x` })) => ({
  method: 'GET',
  url: '/x',
  rawHeaders: ['Authorization', `DPoP ${token}`, 'DPoP', proof],
})
const verdict = async (guard: ReturnType<typeof guardWith>, request: NodeRequest) => {
  const outcome = await guard.check(request)
  return outcome.ok ? 'admitted' : outcome.refusal.reason
}
const slow = (memory: ReplayMemory): ReplayMemory => ({
  remember: async (...given) => memory.remember(...given),
})

describe('one request that is checked twice', () => {
  const memories: readonly (readonly [string, () => ReplayMemory])[] = [
    ['in this process', createReplayMemory],
    ['that answers later', () => slow(createReplayMemory())],
  ]
  it.each(memories)('is admitted twice with a memory %s', async (_name, create) => {
    const guard = guardWith({ replays: create() })
    const request = send()
    expect(await verdict(guard, request)).toBe('admitted')
    expect(await verdict(guard, request)).toBe('admitted')
    expect(await verdict(guard, { ...request })).toBe('proof_replayed')
  })

  it.each(memories)('by two guards is admitted with a shared memory %s', async (_name, create) => {
    const replays = create()
    const [one, two] = [guardWith({ replays }), guardWith({ replays })]
    const request = send()
    expect(await verdict(one, request)).toBe('admitted')
    expect(await verdict(two, request)).toBe('admitted')
    expect(await verdict(two, { ...request })).toBe('proof_replayed')
  })

  it('is admitted twice as a fetch request', async () => {
    const guard = guardWith()
    const headers = { authorization: `DPoP ${token}`, dpop: send().rawHeaders[3] ?? '' }
    const request = new Request(`${publicOrigin}/x`, { headers })
    expect((await guard.check(request)).ok).toBe(true)
    expect((await guard.check(request)).ok).toBe(true)
    expect((await guard.check(new Request(request.url, request))).ok).toBe(false)
  })

  it('is checked completely each time: the second guard has another address', async () => {
    const replays = createReplayMemory()
    const other = guardWith({ replays, publicOrigin: 'https://other.test' })
    const request = send()
    expect(await verdict(guardWith({ replays }), request)).toBe('admitted')
    expect(await verdict(other, request)).toBe('proof_invalid')
  })

  it('is refused twice when its proof was used before', async () => {
    const guard = guardWith()
    const first = send()
    await guard.check(first)
    const second = { ...first }
    expect(await verdict(guard, second)).toBe('proof_replayed')
    expect(await verdict(guard, second)).toBe('proof_replayed')
  })

  it('with another proof the second time counts as a new proof', async () => {
    const guard = guardWith()
    const [first, second] = [send(), send()]
    await guard.check(second)
    const rewritten = { ...first, rawHeaders: [...first.rawHeaders] }
    expect(await verdict(guard, rewritten)).toBe('admitted')
    rewritten.rawHeaders.splice(0, 4, ...second.rawHeaders)
    expect(await verdict(guard, rewritten)).toBe('proof_replayed')
  })

  it('is a new request to a reader without identity', () => {
    const reader: RequestReader<NodeRequest> = {
      method: () => 'GET',
      url: () => '/x',
      header: ({ rawHeaders }, name) =>
        name === 'authorization' ? rawHeaders[1] : name === 'dpop' ? rawHeaders[3] : undefined,
    }
    const guard = guardWith()
    const request = send()
    expect(guard.admit(reader, request, guard.prepare())).toMatchObject({ ok: true })
    expect(guard.admit(reader, request, guard.prepare())).toMatchObject({ ok: false })
  })

  it('is refused the second time if the request object is frozen', async () => {
    const guard = guardWith()
    const request = Object.freeze(send())
    expect(await verdict(guard, request)).toBe('admitted')
    expect(await verdict(guard, request)).toBe('proof_replayed')
  })
})

describe('a memory of proofs of the owner', () => {
  const ForeignPromise: PromiseConstructor = runInNewContext('Promise')
  const answers: readonly (readonly [string, () => unknown, reason: string])[] = [
    ['fresh', () => 'fresh', 'admitted'],
    ['a promise of fresh', () => Promise.resolve('fresh'), 'admitted'],
    ['a foreign promise of fresh', () => ForeignPromise.resolve('fresh'), 'admitted'],
    ['a foreign promise of seen', () => ForeignPromise.resolve('seen'), 'proof_replayed'],
    ['a promise of nothing', () => Promise.resolve(undefined), 'proof_memory_full'],
    ['nothing', () => undefined, 'proof_memory_full'],
    ['true', () => true, 'proof_memory_full'],
    ['a promise that fails', () => ForeignPromise.reject(new Error('down')), 'check_failed'],
  ]
  it.each(answers)('that says %s', async (_name, answer, reason) => {
    const guard = guardWith({ replays: { remember: () => answer() as 'fresh' } })
    expect(await verdict(guard, send())).toBe(reason)
  })

  it('that never answers refuses after three seconds', async () => {
    const timers: (readonly [number, () => void])[] = []
    const later = (seconds: number, task: () => void) => {
      timers.push([seconds, task])
      return () => undefined
    }
    const replays: ReplayMemory = { remember: () => new Promise(() => undefined) }
    const guard = createGuard({
      ...t.options,
      dpop: { publicOrigin, replays },
      deps: { ...t.options.deps, later },
    })
    const refused = verdict(guard, send())
    await Promise.resolve()
    expect(timers.map(([seconds]) => seconds)).toEqual([3])
    timers[0]?.[1]()
    expect(await refused).toBe('check_failed')
  })
})

it.each([
  ['true', true, 'admitted'],
  ['false', false, 'proof_nonce_required'],
  ['a promise', Promise.resolve(true), 'proof_nonce_required'],
  ['a text', 'yes', 'proof_nonce_required'],
])('a source of nonces that says %s', async (_name, answer, reason) => {
  const guard = guardWith({ nonces: { issue: () => 'n', accepts: () => answer as boolean } })
  const proof = sender.proof({ token, url: `${publicOrigin}/x` }, { nonce: 'n' })
  expect(await verdict(guard, send(proof))).toBe(reason)
})

describe('one key that fills the memory of proofs', () => {
  it('leaves places for other keys', async () => {
    const guard = guardWith({ replays: createReplayMemory({ entriesMax: 20 }) })
    const reasons = []
    for (let sent = 0; sent < 12; sent += 1) reasons.push(await verdict(guard, send()))
    expect(reasons.at(-1)).toBe('proof_memory_full')
    const other = t.sender()
    const otherToken = t.token({ cnf: { jkt: other.jkt } })
    const proof = other.proof({ token: otherToken, url: `${publicOrigin}/x` })
    const rawHeaders = ['Authorization', `DPoP ${otherToken}`, 'DPoP', proof]
    expect(await verdict(guard, { url: '/x', rawHeaders })).toBe('admitted')
  })
})

describe('the clock of a sender', () => {
  const ahead = (seconds: number) => {
    const claims = { iat: Math.floor(t.clock.now()) + seconds }
    return send(sender.proof({ token, url: `${publicOrigin}/x` }, claims))
  }
  const rows = [
    [10, 10, 'admitted'],
    [10, 12, 'proof_invalid'],
    [60, 30, 'admitted'],
    [60, 60, 'admitted'],
    [60, 62, 'proof_invalid'],
    [0, 2, 'proof_invalid'],
  ] as const
  it.each(rows)(
    'with leewaySeconds %d may be %d s ahead: %s',
    async (leewaySeconds, by, reason) => {
      const guard = createGuard({ ...t.options, leewaySeconds, dpop: { publicOrigin } })
      expect(await verdict(guard, ahead(by))).toBe(reason)
    },
  )

  it('that is too far ahead is the detail of the refusal', async () => {
    const outcome = await guardWith().check(ahead(30))
    expect(outcome).toMatchObject({ ok: false, refusal: { cause: { reason: 'issued_in_future' } } })
  })

  it('a replay is refused after our clock went an hour ahead and back', async () => {
    const guard = guardWith()
    const request = send()
    expect(await verdict(guard, request)).toBe('admitted')
    t.clock.advance(3600)
    await guard.check(send())
    t.clock.advance(-3600)
    expect(await verdict(guard, { ...request })).toBe('proof_replayed')
  })
})

describe('the address that a request was sent to', () => {
  const rows = [
    ['/x', 'admitted'],
    ['/x?a=/../b', 'admitted'],
    ['http://any.test/x', 'admitted'],
    ['/a/../x', 'proof_invalid'],
    ['/a/%2e%2e/x', 'proof_invalid'],
    ['http://any.test/a/../x', 'proof_invalid'],
    ['/./x', 'proof_invalid'],
    ['/x#y', 'proof_invalid'],
    ['//x', 'proof_invalid'],
    ['\\x', 'proof_invalid'],
    ['/X', 'proof_invalid'],
    ['/x/', 'proof_invalid'],
    ['*', 'proof_invalid'],
  ] as const
  it.each(rows)('%s with a proof for /x: %s', async (url, reason) => {
    expect(await verdict(guardWith(), { ...send(), url })).toBe(reason)
  })
})

it('proofs by RS256 are accepted only if the owner lists it', () => {
  const algorithms = (dpop: Partial<DpopOptions>) =>
    guardWith(dpop).answer({ reason: 'proof_missing', proven: true }).headers['www-authenticate']
  expect(algorithms({})).toContain('algs="ES256 ES384 Ed25519 EdDSA PS256"')
  expect(algorithms({ algorithms: ['RS256'] })).toContain('algs="RS256"')
})
