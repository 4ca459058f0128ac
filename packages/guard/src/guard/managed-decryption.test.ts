import { encryptJwt, exportJwk, generateKey, publicKeyOf, type Key } from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import type { FetchPort } from '../outbound/fetch-document.ts'
import { testIssuer } from '../testing/test-issuer.ts'
import { createGuard } from './guard.ts'
import type { GuardOptions } from './options.ts'

const alg = 'ECDH-ES+A256KW'
const client = { clientId: 'api', clientSecret: 'secret' }

/** A guard whose issuer keeps the decryption keys, on a simulated network that counts the requests. */
function stage(over: Partial<GuardOptions> = {}) {
  const t = testIssuer()
  const world = {
    keys: [generateKey(alg)] as readonly Key[],
    isAway: false,
    fetches: 0,
    asked: [] as (string | null)[],
    timers: new Set<() => void>(),
  }
  const fetch: FetchPort = async (url, { body = '' }) => {
    if (world.isAway) throw new Error('away')
    if (!url.endsWith('/keys'))
      return reply({
        issuer: t.issuer,
        jwks_uri: t.issuer,
        decryption_keys_endpoint: `${t.issuer}/keys`,
      })
    world.fetches += 1
    world.asked.push(new URLSearchParams(body).get('resource'))
    const tag = world.keys.map(({ kid }) => kid).join(' ')
    return reply({ tag, keys: world.keys.map((key) => exportJwk(key, { private: true })) })
  }
  const later = (_seconds: number, task: () => void) => {
    world.timers.add(task)
    return () => void world.timers.delete(task)
  }
  const guard = createGuard({
    ...t.options,
    decryptionKeys: client,
    ...over,
    deps: { now: t.clock.now, monotonic: t.clock.now, fetch, later },
  })
  const says = async (token: string) => {
    const outcome = await guard.check({ rawHeaders: ['Authorization', `Bearer ${token}`] })
    return outcome.ok ? 'ok' : `${guard.answer(outcome.refusal).status} ${outcome.refusal.reason}`
  }
  const sealed = (key = world.keys[0], token = t.token()) =>
    encryptJwt(token, publicKeyOf(key ?? generateKey(alg)))
  return { t, world, guard, says, sealed }
}

async function* chunks(text: string) {
  yield new TextEncoder().encode(text)
}

const reply = (document: object) => ({
  status: 200,
  headers: { get: () => null },
  body: chunks(JSON.stringify(document)),
})

describe('a guard whose issuer keeps the decryption keys', () => {
  it('fetches no keys after its close', async () => {
    const { world, guard } = stage()
    await guard.ready()
    expect(world.timers.size).toBe(1)
    guard.close()
    expect(world.timers.size).toBe(0)
  })

  it('fetches them once for all waiting requests, for its own audience, and refuses plain tokens without a fetch', async () => {
    const { t, world, says, sealed } = stage()
    expect(await says(t.token())).toBe('401 plain_token')
    expect(world.fetches).toBe(0)
    const token = sealed()
    expect(await Promise.all(Array.from({ length: 20 }, () => says(token)))).toEqual(
      Array(20).fill('ok'),
    )
    expect(world.asked).toEqual([t.audience])
  })

  it('is not ready without keys, and answers 503', async () => {
    const { world, guard, says, sealed } = stage()
    world.isAway = true
    await expect(guard.ready()).rejects.toThrow('no keys to decrypt tokens: metadata: unreachable')
    expect(await says(sealed())).toBe('503 keys_unavailable')
    expect(guard.health()).toMatchObject({ ok: false, decryption: { state: 'missing' } })
    world.isAway = false
    expect(await says(sealed())).toBe('503 keys_unavailable')
  })

  it('fetches once for an unknown key, and not again during the cooldown', async () => {
    const { t, world, guard, says, sealed } = stage()
    await guard.ready()
    const next = generateKey(alg)
    world.keys = [...world.keys, next]
    const tokens = Array.from({ length: 20 }, () => sealed(next))
    expect(new Set(await Promise.all(tokens.map(says)))).toEqual(new Set(['ok']))
    expect(world.fetches).toBe(2)
    const strange = () => says(sealed(generateKey(alg)))
    expect(await Promise.all([strange(), strange()])).toEqual(
      Array(2).fill('401 decryption_failed'),
    )
    expect(world.fetches).toBe(2)
    t.clock.advance(31)
    expect(await strange()).toBe('401 decryption_failed')
    expect(world.fetches).toBe(3)
  })

  it('uses the last good keys while the issuer is unreachable', async () => {
    const { t, world, guard, says, sealed } = stage()
    await guard.ready()
    world.isAway = true
    t.clock.advance(20 * 3_600)
    expect(await says(sealed())).toBe('ok')
    expect(guard.health()).toMatchObject({ ok: true, decryption: { state: 'stale' } })
  })

  it('refuses tokens that were encrypted to a burnt key at once, cached or new, and no other tokens', async () => {
    const { t, world, guard, says, sealed } = stage()
    const [burnt = generateKey(alg), standby] = [world.keys[0], generateKey(alg)]
    world.keys = [burnt, standby]
    await guard.ready()
    const [token, other] = [sealed(burnt), sealed(standby)]
    for (const one of [token, token, other, other]) expect(await says(one)).toBe('ok')
    t.revoke({ envelopeKid: String(burnt.kid) })
    expect(await says(token)).toBe('401 revoked')
    expect(await says(sealed(burnt))).toBe('401 revoked')
    expect(await says(other)).toBe('ok')
  })

  it('decrypts a cached token again after its keys changed', async () => {
    const { t, world, guard, says, sealed } = stage()
    await guard.ready()
    const token = sealed()
    for (const expected of ['ok', 'ok']) expect(await says(token)).toBe(expected)
    world.keys = [generateKey(alg)]
    t.clock.advance(31)
    expect(await says(sealed())).toBe('ok')
    expect(await says(token)).toBe('401 decryption_failed')
  })

  it.each([
    ['a misspelt name', { decryptionKeys: { ...client, clientID: 'api' } }],
    ['no secret', { decryptionKeys: { clientId: 'api' } }],
    ['several issuers', { issuer: ['https://a.test', 'https://b.test'], keys: undefined }],
    ['an issuer on plain http', { issuer: 'http://a.test' }],
    ['an unknown encryption', { decryptionEncryptions: ['A1GCM'] }],
    ['several audiences', { audience: ['a', 'b'] }],
  ])('throws at once for %s', (_, over) => {
    expect(() => stage(over as object)).toThrow(TypeError)
  })

  it('asks for the configured resource', async () => {
    const named = { decryptionKeys: { ...client, resource: 'https://b.test' } }
    const { world, guard } = stage({ audience: ['a', 'b'], ...named })
    await guard.ready()
    expect(world.asked).toEqual(['https://b.test'])
  })
})
