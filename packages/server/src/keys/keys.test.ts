import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { signJwt, verifyJwt, type EpochSeconds } from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import { openStore } from '../store/open-store.ts'
import type { KeyRecord, ResourceRecord } from '../store/port/records.ts'
import { dueSteps, nextStepAt, type KeyGroup } from './lifecycle.ts'
import { createKeyRing } from './ring.ts'
import { createSeals, type Seals } from './seal.ts'

const context = { requestId: 'r', address: null, actor: 'operator' }
const aResource: ResourceRecord = {
  audience: 'a',
  scopes: [],
  tokenAlg: 'ES256',
  tokenTtlSeconds: 600,
  tokenBytesMax: 2_048,
  encryption: null,
  statusList: false,
  clientId: null,
  createdAt: 0 as EpochSeconds,
}

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
  verifiableUntil: at(500),
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

const aSeals = () => createSeals(randomBytes(32), randomBytes)

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
  /** The ring of another process on the same database. */
  const another = async (others: Seals) => {
    const made = createKeyRing({
      store: store.keys,
      seals: others,
      times,
      now,
      randomId,
      randomBytes,
    })
    await made.start()
    await made.provide([{ audience: 'https://a.example', tokenAlg: 'ES256' }])
    return made
  }
  /** The work of `keys reseal`. */
  const reseal = async (next: Seals) => {
    const standing = await store.keys.list()
    const seal = (record: KeyRecord) => next.seal(seals.open(record.sealed, record), record)
    const all = standing.map((record) => ({
      kid: record.kid,
      former: record.sealed,
      sealed: seal(record),
    }))
    return store.keys.reseal(all, { requestId: 'r', address: null, actor: 'operator' })
  }
  return { ring, store, close, another, reseal }
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
    const { ring, store, close } = await aRing({ now: 10_000 })
    await store.resources.add({ ...aResource, ...hs }, context)
    await ring.provide([es, hs])
    expect(ring.jwks().keys.every(({ kty }) => kty === 'EC')).toBe(true)
    const secret = await ring.signingKey(hs, at(10_600))
    const kids = (audience: string) => ring.verifiers(audience).keys.map(({ kid }) => kid)
    expect(kids(hs.audience)).toContain(secret.kid)
    expect(kids(es.audience)).not.toContain(secret.kid)
    expect(ring.verifiers(hs.audience)).toBe(ring.verifiers(hs.audience))
    await close()
  })

  it.each([
    ['is removed', 'remove'],
    ['is signed for otherwise', 'change'],
  ] as const)(
    'lets go of a shared secret whose resource %s, and makes no other',
    async (_, act) => {
      const clock = { now: 10_000 }
      const { ring, store, close } = await aRing(clock)
      await store.resources.add({ ...aResource, ...hs }, context)
      await ring.provide([hs])
      const { kid } = await ring.signingKey(hs, at(10_600))
      if (act === 'remove') await store.resources.remove(hs.audience, context)
      else await store.resources.change({ ...aResource, ...hs, tokenAlg: 'ES256' }, context)
      await ring.turn()
      const shared = () => ring.records().filter(({ audience }) => audience === hs.audience)
      expect(shared()).toMatchObject([{ kid, state: 'retired' }])
      expect(ring.verifiers(hs.audience).keys.map((key) => key.kid)).toContain(kid)
      clock.now = 10_600 + 3_600 + 61
      await ring.turn()
      expect(shared()).toEqual([])
      await close()
    },
  )

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

  const managed = { source: 'managed', alg: 'ECDH-ES+A256KW', enc: 'A256GCM' } as const
  const secretive = { ...es, encryption: managed }

  async function encrypting(clock: { now: number }) {
    const found = await aRing(clock)
    await found.store.resources.add({ ...aResource, ...secretive }, context)
    await found.ring.provide([secretive])
    const keyUntil = (until: number) =>
      found.ring.encryptionKey(es.audience, managed.alg, at(until))
    const held = () => found.ring.decryptionKeys(es.audience).map(({ kid }) => kid)
    return { ...found, keyUntil, held }
  }

  it('turns encryption keys by the clock, and hands out each from before its first token to after its last', async () => {
    const clock = { now: 10_000 }
    const { ring, keyUntil, held, close } = await encrypting(clock)
    const first = await keyUntil(10_600)
    const before = held()
    expect(before).toHaveLength(2)
    expect(ring.decryptionKeys(es.audience).every(({ kind }) => kind === 'private')).toBe(true)
    clock.now += 1_001
    await ring.turn()
    const next = await keyUntil(clock.now + 600)
    expect(next?.kid).not.toBe(first?.kid)
    expect(before).toContain(next?.kid)
    expect([held().length, next?.kind]).toEqual([3, 'public'])
    clock.now = 10_600 + 3_600 + 60
    await ring.turn()
    expect(held()).toContain(first?.kid)
    clock.now += 1
    await ring.turn()
    expect(held()).not.toContain(first?.kid)
    await close()
  })

  it('keeps encryption keys from other resources, from signing and from the JWKS', async () => {
    const { ring, held, close } = await encrypting({ now: 10_000 })
    expect(ring.decryptionKeys('https://b.example')).toEqual([])
    expect(ring.encryptionKey('https://b.example', managed.alg, at(1))).toBeUndefined()
    const published = [...ring.jwks().keys, ...ring.feedJwks().keys]
    const known = new Set([...published, ...ring.verifiers(es.audience).keys].map(({ kid }) => kid))
    expect(held().filter((kid) => known.has(kid))).toEqual([])
    await close()
  })

  it('encrypts to the successor of a key that was burnt elsewhere, and says that the keys are others', async () => {
    const { ring, store, keyUntil, held, close } = await encrypting({ now: 10_000 })
    const burnt = await keyUntil(10_600)
    const before = ring.fingerprint()
    await store.keys.burn(String(burnt?.kid), context)
    const next = await keyUntil(90_000)
    expect(next?.kid).not.toBe(burnt?.kid)
    expect(held()).not.toContain(burnt?.kid)
    expect(ring.fingerprint()).not.toBe(before)
    await close()
  })

  it('makes no key for a resource that is gone, and lets go of those it had', async () => {
    const clock = { now: 10_000 }
    const { ring, store, held, close } = await encrypting(clock)
    await store.resources.remove(es.audience, context)
    await ring.turn()
    const states = ring.records().filter(({ purpose }) => purpose === 'encryption')
    expect(states.map(({ state }) => state)).toEqual(['retired', 'retired'])
    clock.now += 61
    await ring.turn()
    expect(held()).toEqual([])
    await close()
  })

  it('goes on after a reseal with the keys that it has, says so, and makes none that others could not open', async () => {
    const clock = { now: 10_000 }
    const { ring, store, close, another, reseal } = await aRing(clock)
    await ring.provide([es])
    const before = ring.jwks()
    const signer = await ring.signingKey(es, at(clock.now + 600))
    const next = aSeals()
    expect(await reseal(next)).toBe('resealed')
    expect(ring.complaint()).toBeUndefined()
    // It has not heard of it yet, and a key is due.
    await ring.provide([{ audience: 'https://c.example', tokenAlg: 'ES384' }])
    expect(ring.complaint()?.message).toContain('restart this process')
    expect((await store.keys.list()).every((key) => next.opens(key.sealed, key))).toBe(true)
    expect(ring.jwks()).toEqual(before)
    expect(await ring.signingKey(es, at(clock.now + 600))).toBe(signer)
    expect(ring.secret('refresh-tag')).toHaveLength(32)
    // By the clock it lets the standby sign that it knows, and leaves the next one to those who can make it.
    clock.now += 1_001
    await ring.turn()
    const standby = await ring.signingKey(es, at(clock.now + 600))
    expect(standby.kid).not.toBe(signer.kid)
    const other = await another(next)
    expect(other.complaint()).toBeUndefined()
    expect((await other.signingKey(es, at(clock.now + 600))).kid).toBe(standby.kid)
    await ring.refresh()
    expect((await store.keys.list()).every((key) => next.opens(key.sealed, key))).toBe(true)
    expect(ring.jwks().keys).toHaveLength(2)
    expect(other.jwks().keys).toHaveLength(3)
    await close()
  })

  it('starts with no key-encryption key but the one that the keys are sealed under', async () => {
    const { close, another } = await aRing({ now: 10_000 })
    await expect(another(aSeals())).rejects.toThrow('key-encryption key does not open')
    await close()
  })

  it('of two first starts with different key-encryption keys one makes all keys, and the other does not start', async () => {
    const { store, close, ring, another } = await aRing({ now: 10_000 })
    for (const { kid } of ring.records()) await store.keys.burn(kid, context)
    for (const { kid } of await store.keys.list()) await store.keys.burn(kid, context)
    const seals = [aSeals(), aSeals()]
    const starts = await Promise.allSettled(seals.map((one) => another(one)))
    expect(starts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const winner = seals[starts.findIndex(({ status }) => status === 'fulfilled')]
    const standing = await store.keys.list()
    expect(standing.filter((key) => winner?.opens(key.sealed, key) !== true)).toEqual([])
    expect(String(starts.find((one) => one.status === 'rejected')?.reason)).toContain(
      'key-encryption key does not open',
    )
    await close()
  })

  it('throws where no key signs for a resource', async () => {
    const { ring, close } = await aRing({ now: 10_000 })
    expect(() => ring.signingKey({ audience: 'x', tokenAlg: 'PS256' }, at(10_600))).toThrow('PS256')
    await close()
  })
})
