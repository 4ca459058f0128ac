import { describe, expect, it } from 'vitest'
import { createGuard } from '../guard/guard.ts'
import { forgeSigned, part } from '../testing/forge.ts'
import { testIssuer } from '../testing/test-issuer.ts'
import { generateKey, type EpochSeconds } from '@countersign/jwt'
import { createNonces } from './nonces.ts'
import type { DpopOptions, ReplayMemory } from './options.ts'
import { createReplayMemory } from './replay-memory.ts'

const publicOrigin = 'https://api.test'
const url = 'https://api.test/orders'
const t = testIssuer()
const sender = t.sender()
const bound = t.token({ cnf: { jkt: sender.jkt } })

type Headers = readonly string[]

function stage(dpop: Partial<DpopOptions> = {}) {
  const guard = createGuard({ ...t.options, dpop: { publicOrigin, ...dpop } })
  const send = async (rawHeaders: Headers, method = 'GET', target = '/orders?page=2') => {
    const outcome = await guard.check({ method, url: target, rawHeaders })
    return outcome.ok ? 'admitted' : outcome.refusal
  }
  const reason = async (...args: Parameters<typeof send>) => {
    const refusal = await send(...args)
    return refusal === 'admitted' ? refusal : refusal.reason
  }
  return { guard, send, reason }
}

const presented = (proof: string, token = bound): Headers => [
  'Authorization',
  `DPoP ${token}`,
  'DPoP',
  proof,
]
const good = (): string => sender.proof({ token: bound, url })

describe('a bound token', () => {
  it('is admitted with a proof, again with another', async () => {
    const { guard, reason } = stage()
    expect(await reason(presented(good()))).toBe('admitted')
    expect(await reason(presented(good()))).toBe('admitted')
    const caller = await guard.require({ url: '/orders', rawHeaders: presented(good()) })
    expect(caller).toMatchObject({ scheme: 'DPoP', keyThumbprint: sender.jkt })
  })

  it('sent as a bearer token is refused (E27)', async () => {
    expect(await stage().reason(['Authorization', `Bearer ${bound}`])).toBe('binding_missing')
  })

  it('is refused by a guard that proves no bindings', async () => {
    const guard = createGuard(t.options)
    for (const scheme of ['Bearer', 'DPoP']) {
      const rawHeaders = ['Authorization', `${scheme} ${bound}`, 'DPoP', good()]
      expect((await guard.check({ url: '/orders', rawHeaders })).ok).toBe(false)
    }
  })
})

describe('an unbound token', () => {
  it('under the DPoP scheme is refused (E27)', async () => {
    const token = t.token()
    expect(await stage().reason(presented(sender.proof({ token, url }), token))).toBe(
      'binding_absent',
    )
  })

  it('as a bearer token is admitted unless bindings are required', async () => {
    const headers = ['Authorization', `Bearer ${t.token()}`]
    expect(await stage().reason(headers)).toBe('admitted')
    expect(await stage({ required: true }).reason(headers)).toBe('binding_absent')
  })
})

describe('the twelve checks of RFC 9449 §4.3 (E25)', () => {
  const now = t.clock.now()
  const request = { token: bound, url }
  const proof = (claims: object): string => sender.proof(request, { ...claims })
  const [header, payload, signature] = good().split('.')
  const strange = generateKey('ES256')
  const rows: readonly (readonly [check: string, headers: () => Headers, reason: string])[] = [
    ['1: no proof', () => ['Authorization', `DPoP ${bound}`], 'proof_missing'],
    ['1: two proofs', () => [...presented(good()), 'dpop', good()], 'proof_invalid'],
    ['2: no JWT', () => presented('proof'), 'proof_invalid'],
    ['3: no jti', () => presented(proof({ jti: undefined })), 'proof_invalid'],
    ['3: no htm', () => presented(proof({ htm: undefined })), 'proof_invalid'],
    ['3: no htu', () => presented(proof({ htu: undefined })), 'proof_invalid'],
    ['3: no iat', () => presented(proof({ iat: undefined })), 'proof_invalid'],
    ['3: no ath', () => presented(proof({ ath: undefined })), 'proof_invalid'],
    [
      '4: another typ',
      () => presented(forgeSigned({ ...decode(header), typ: 'JWT' }, decode(payload), strange)),
      'proof_invalid',
    ],
    [
      '5: alg none',
      () => presented(`${part({ ...decode(header), alg: 'none' })}.${payload}.`),
      'proof_invalid',
    ],
    [
      '5: a secret',
      () => presented(`${part({ ...decode(header), alg: 'HS256' })}.${payload}.${signature}`),
      'proof_invalid',
    ],
    [
      '6: signed by another key',
      () => presented(forgeSigned(decode(header), decode(payload), strange)),
      'proof_invalid',
    ],
    [
      '7: a private key in jwk',
      () =>
        presented(
          `${part({ ...decode(header), jwk: { ...(decode(header)['jwk'] as object), d: 'AAAA' } })}.${payload}.${signature}`,
        ),
      'proof_invalid',
    ],
    ['8: another method', () => presented(proof({ htm: 'POST' })), 'proof_invalid'],
    [
      '9: another host',
      () => presented(proof({ htu: 'https://evil.test/orders' })),
      'proof_invalid',
    ],
    ['9: another path', () => presented(proof({ htu: 'https://api.test/admin' })), 'proof_invalid'],
    ['9: plain http', () => presented(proof({ htu: 'http://api.test/orders' })), 'proof_invalid'],
    ['11: ten minutes old', () => presented(proof({ iat: now - 600 })), 'proof_invalid'],
    ['11: ten minutes ahead', () => presented(proof({ iat: now + 600 })), 'proof_invalid'],
    [
      "12: another token's hash",
      () => presented(sender.proof({ token: t.token(), url })),
      'proof_invalid',
    ],
    ["12: another sender's key", () => presented(t.sender().proof(request)), 'binding_mismatch'],
  ]
  it.each(rows)('%s', async (_check, headers, reason) => {
    expect(await stage().reason(headers())).toBe(reason)
  })

  it.each([
    'https://API.test:443/orders',
    'https://api.test/%6frders',
    'https://api.test/orders?other=1#x',
  ])('9: %s is the same address', async (htu) => {
    expect(await stage().reason(presented(proof({ htu })))).toBe('admitted')
  })

  it('9: the address never comes from the request', async () => {
    const proofForEvil = sender.proof({ token: bound, url: 'https://evil.test/orders' })
    const { reason } = stage()
    const spoofed = [
      'Host',
      'evil.test',
      'X-Forwarded-Host',
      'evil.test',
      ...presented(proofForEvil),
    ]
    expect(await reason(spoofed)).toBe('proof_invalid')
    expect(await reason(presented(proofForEvil), 'GET', 'https://evil.test/orders')).toBe(
      'proof_invalid',
    )
    expect(await reason(presented(good()), 'GET', 'https://evil.test/orders')).toBe('admitted')
  })

  it('9: a path that a proxy strips belongs to the public origin', async () => {
    const outside = sender.proof({ token: bound, url: 'https://shop.test/api/orders' })
    expect(await stage({ publicOrigin: 'https://shop.test/api/' }).reason(presented(outside))).toBe(
      'admitted',
    )
  })

  it('10: a fresh nonce of ours from the challenge', async () => {
    const nonces = createNonces({ everySeconds: 60 })
    const { guard, send, reason } = stage({ nonces })
    const refusal = await send(presented(good()))
    expect(refusal).toMatchObject({ reason: 'proof_nonce_required', nonce: expect.any(String) })
    const answer = guard.answer(refusal === 'admitted' ? never() : refusal)
    const nonce = answer.headers['dpop-nonce']
    expect(answer.headers['www-authenticate']).toContain('error="use_dpop_nonce"')
    expect(await reason(presented(proof({ nonce })))).toBe('admitted')
    for (const wrong of ['x', 1, nonces.issue((now - 600) as EpochSeconds)])
      expect(await reason(presented(proof({ nonce: wrong })))).toBe('proof_nonce_required')
    expect(
      await reason(presented(proof({ nonce: nonces.issue((now - 60) as EpochSeconds) }))),
    ).toBe('admitted')
  })
})

describe('a proof used twice (RFC 9449 §11.1)', () => {
  it('is refused, also with other casing of its route', async () => {
    const { send, reason } = stage()
    const proof = good()
    expect(await reason(presented(proof))).toBe('admitted')
    expect(await send(presented(proof))).toMatchObject({ reason: 'proof_replayed', proven: true })
  })

  it('is refused by a guard that shares the memory', async () => {
    const replays = createReplayMemory()
    const shared: ReplayMemory = { remember: async (...args) => replays.remember(...args) }
    const [one, two] = [stage({ replays: shared }), stage({ replays: shared })]
    const proof = good()
    expect(await one.reason(presented(proof))).toBe('admitted')
    expect(await two.reason(presented(proof))).toBe('proof_replayed')
  })

  it('is one of at most a number of remembered proofs; further ones are refused', async () => {
    const { guard, send } = stage({ replays: createReplayMemory({ entriesMax: 2 }) })
    await send(presented(good()))
    await send(presented(good()))
    const refusal = await send(presented(good()))
    expect(refusal).toMatchObject({ reason: 'proof_memory_full' })
    expect(guard.answer(refusal === 'admitted' ? never() : refusal).status).toBe(503)
  })

  const at = (seconds: number): EpochSeconds => seconds as EpochSeconds

  it('is forgotten only when it expired', () => {
    const memory = createReplayMemory({ entriesMax: 2 })
    expect(memory.remember('a', at(100), at(30))).toBe('fresh')
    expect(memory.remember('a', at(100), at(99))).toBe('seen')
    expect(memory.remember('b', at(160), at(99))).toBe('fresh')
    expect(memory.remember('c', at(160), at(99))).toBe('full')
    expect(memory.remember('c', at(170), at(100))).toBe('fresh')
  })

  it('of a clock an hour ahead takes no places from proofs after the clock was set back', () => {
    const memory = createReplayMemory({ entriesMax: 3 })
    expect(memory.remember('ahead', at(3670), at(3600))).toBe('fresh')
    expect(memory.remember('a', at(80), at(10))).toBe('fresh')
    expect(memory.remember('b', at(81), at(11))).toBe('fresh')
    expect(memory.remember('c', at(150), at(80))).toBe('fresh')
    expect(memory.remember('ahead', at(3670), at(80))).toBe('seen')
    expect(memory.remember('d', at(150), at(80.5))).toBe('full')
  })

  it('is refused while the shared memory is unreachable', async () => {
    const replays: ReplayMemory = { remember: () => Promise.reject(new Error('down')) }
    expect(await stage({ replays }).reason(presented(good()))).toBe('check_failed')
  })
})

it('a guard without a public origin, or with proofs by secrets, throws', () => {
  for (const dpop of [
    {},
    { publicOrigin: 'api.test' },
    { publicOrigin: 'http://api.test' },
    { publicOrigin, algorithms: ['HS256'] },
  ])
    expect(() => createGuard({ ...t.options, dpop: dpop as DpopOptions })).toThrow(TypeError)
})

it('nonces that never change or are easy to guess throw, and so does a memory without bounds', () => {
  for (const everySeconds of [0, -1, Number.NaN, Infinity, '60' as never])
    expect(() => createNonces({ everySeconds }), String(everySeconds)).toThrow('everySeconds')
  for (const secret of [new Uint8Array(), new Uint8Array(31), 'x'.repeat(32) as never])
    expect(() => createNonces({ secret })).toThrow('secret')
  for (const entriesMax of [-1, Number.NaN, Infinity, '10' as never])
    expect(() => createReplayMemory({ entriesMax }), String(entriesMax)).toThrow('entriesMax')
})

it('challenges name the accepted schemes', () => {
  const challenge = (dpop: Partial<DpopOptions>) =>
    stage(dpop).guard.answer({ reason: 'credential_missing', proven: false }).headers[
      'www-authenticate'
    ]
  expect(challenge({ algorithms: ['ES256'] })).toBe('Bearer, DPoP algs="ES256"')
  expect(challenge({ algorithms: ['ES256'], required: true })).toBe('DPoP algs="ES256"')
})

function decode(text: string | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(text ?? '', 'base64url').toString())
}

function never(): never {
  throw new Error('admitted')
}
