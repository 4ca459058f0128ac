import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { signJwt, verifyJwt, type EpochSeconds } from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import { openStore } from '../store/open-store.ts'
import type { KeyRecord } from '../store/port/records.ts'
import { dueSteps, nextStepAt, type KeyGroup } from './lifecycle.ts'
import { createKeyRing } from './ring.ts'
import { createSeals } from './seal.ts'

const times = { periodSeconds: 1_000, announceSeconds: 100, leewaySeconds: 60 }
const group: KeyGroup = { purpose: 'token', alg: 'ES256', audience: null }
const at = (seconds: number) => seconds as EpochSeconds
const key = (over: Partial<KeyRecord>): KeyRecord => ({
  ...group,
  kid: 'k',
  state: 'active',
  publicJwk: null,
  sealed: new Uint8Array(),
  announcedAt: at(0),
  activatedAt: over.state === 'announced' ? null : at(0),
  retiredAt: null,
  promisedUntil: at(500),
  ...over,
})
const standby = key({ kid: 's', state: 'announced', announcedAt: at(950) })

describe('the life of a key', () => {
  it.each([
    { name: 'nothing yet', keys: [], now: 0, gives: ['create active', 'create announced'] },
    { name: 'no standby', keys: [key({})], now: 1, gives: ['create announced'] },
    { name: 'all is well', keys: [key({}), standby], now: 999, gives: [] },
    {
      name: 'old, but its successor is not known long enough',
      keys: [key({}), standby],
      now: 1_001,
      gives: [],
    },
    {
      name: 'old, and its successor known',
      keys: [key({}), standby],
      now: 1_050,
      gives: ['s announced>active', 'create announced'],
    },
    {
      name: 'burnt by hand without a successor in force',
      keys: [standby],
      now: 960,
      gives: ['s announced>active', 'create announced'],
    },
    {
      name: 'retired, with a token alive',
      keys: [key({}), standby, key({ kid: 'r', state: 'retired' })],
      now: 560,
      gives: [],
    },
    {
      name: 'retired, and the last token dead',
      keys: [key({}), standby, key({ kid: 'r', state: 'retired' })],
      now: 561,
      gives: ['r retired>gone'],
    },
  ])('$name', ({ keys, now, gives }) => {
    const steps = dueSteps(keys, [group], times, at(now))
    expect(
      steps.map((step) =>
        step.act === 'create' ? `create ${step.state}` : `${step.kid} ${step.from}>${step.to}`,
      ),
    ).toEqual(gives)
  })

  it('does not turn for secrets that others hold', () => {
    const shared: KeyGroup = { purpose: 'token', alg: 'HS256', audience: 'a' }
    expect(dueSteps([], [shared], times, at(0))).toHaveLength(1)
    expect(dueSteps([key({ ...shared })], [shared], times, at(9_999))).toEqual([])
    expect(nextStepAt(key({ ...shared }), times)).toBeUndefined()
  })

  it('names the date of the next step', () => {
    expect(nextStepAt(key({}), times)).toBe(1_000)
    expect(nextStepAt(standby, times)).toBeUndefined()
    expect(nextStepAt(key({ state: 'retired' }), times)).toBe(560)
  })
})

describe('a seal', () => {
  const context = { kid: 'k', alg: 'ES256', purpose: 'token', audience: null } as const
  const seals = createSeals(randomBytes(32), randomBytes)
  const sealed = seals.seal(Buffer.from('private'), context)

  it('opens what it sealed, for the same row only', () => {
    expect(Buffer.from(seals.open(sealed, context)).toString()).toBe('private')
    expect(Buffer.from(sealed).includes('private')).toBe(false)
    expect(() => seals.open(sealed, { ...context, kid: 'other' })).toThrow('key-encryption key')
  })
  it('does not open under another key, when cut or when changed', () => {
    const other = createSeals(randomBytes(32), randomBytes)
    expect(() => other.open(sealed, context)).toThrow('does not open key k')
    expect(() => seals.open(sealed.subarray(0, 20), context)).toThrow('does not open')
    const changed = Buffer.from(sealed)
    changed[30] = (changed[30] ?? 0) ^ 1
    expect(() => seals.open(changed, context)).toThrow('does not open')
  })
  it('wants 32 bytes', () => {
    expect(() => createSeals(randomBytes(31), randomBytes)).toThrow('32 bytes')
  })
})

async function aRing(clock: { now: number }) {
  const address = join(mkdtempSync(join(tmpdir(), 'countersign-keys-')), 'db')
  const randomId = () => randomBytes(16).toString('base64url')
  const now = () => at(clock.now)
  const store = await openStore(address, { now, randomId })
  const seals = createSeals(Buffer.alloc(32, 7), randomBytes)
  const ring = createKeyRing({ store: store.keys, seals, times, now, randomId, randomBytes })
  await ring.start()
  const close = async () => {
    await store.close()
    rmSync(dirname(address), { recursive: true })
  }
  return { ring, store, close }
}

describe('the ring', () => {
  const es = { audience: 'https://a.example', tokenAlg: 'ES256' }
  const hs = { audience: 'https://b.example', tokenAlg: 'HS256' }

  it('rotates by the clock while every live token keeps its key', async () => {
    const clock = { now: 10_000 }
    const { ring, close } = await aRing(clock)
    await ring.provide([es])
    const before = ring.jwks().keys.map(({ kid }) => kid)
    expect(before).toHaveLength(2)
    const signer = await ring.signingKey(es, at(clock.now + 600))
    const token = signJwt({ iss: 'i', aud: es.audience, exp: clock.now + 600, sub: 's' }, signer)
    clock.now += 1_001
    await ring.turn()
    const next = await ring.signingKey(es, at(clock.now + 600))
    expect(next.kid).not.toBe(signer.kid)
    expect(before).toContain(next.kid)
    expect(ring.jwks().keys).toHaveLength(3)
    const policy = {
      issuer: 'i',
      audience: es.audience,
      algorithms: ['ES256'],
      typ: 'JWT',
    } as const
    const verified = verifyJwt(token, {
      ...policy,
      keys: ring.verifiers(es.audience),
      now: at(10_300),
    })
    expect(verified.ok).toBe(true)
    clock.now = 10_000 + 600 + 3_600 + 61
    await ring.turn()
    expect(ring.jwks().keys.map(({ kid }) => kid)).not.toContain(signer.kid)
    await close()
  })

  it('keeps a shared secret out of the JWKS and out of other resources', async () => {
    const { ring, close } = await aRing({ now: 10_000 })
    await ring.provide([es, hs])
    expect(ring.jwks().keys.every(({ kty }) => kty === 'EC')).toBe(true)
    const secret = await ring.signingKey(hs, at(10_600))
    const kids = (audience: string) => ring.verifiers(audience).keys.map(({ kid }) => kid)
    expect(kids(hs.audience)).toContain(secret.kid)
    expect(kids(es.audience)).not.toContain(secret.kid)
    expect(ring.verifiers(hs.audience)).toBe(ring.verifiers(hs.audience))
    await close()
  })

  it('gives the same set until a key changed, whoever looks', async () => {
    const clock = { now: 10_000 }
    const { ring, close } = await aRing(clock)
    await ring.provide([es])
    let changes = 0
    ring.onChange(() => {
      changes += 1
    })
    const set = ring.verifiers(es.audience)
    await ring.signingKey(es, at(90_000))
    await Promise.all([ring.turn(), ring.refresh(), ring.refresh()])
    expect(ring.verifiers(es.audience)).toBe(set)
    expect(changes).toBe(0)
    clock.now += 1_001
    await ring.turn()
    expect(ring.verifiers(es.audience)).not.toBe(set)
    await close()
  })

  it('signs with the successor of a key that was burnt elsewhere', async () => {
    const { ring, store, close } = await aRing({ now: 10_000 })
    await ring.provide([es])
    const burnt = await ring.signingKey(es, at(10_600))
    await store.keys.burn(String(burnt.kid), { requestId: 'r', address: null, actor: 'operator' })
    const next = await ring.signingKey(es, at(90_000))
    expect(next.kid).not.toBe(burnt.kid)
    await close()
  })

  it('throws where no key signs for a resource', async () => {
    const { ring, close } = await aRing({ now: 10_000 })
    expect(() => ring.signingKey({ audience: 'x', tokenAlg: 'PS256' }, at(10_600))).toThrow('PS256')
    await close()
  })
})
