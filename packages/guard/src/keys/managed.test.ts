import {
  encryptJwe,
  exportJwk,
  generateKey,
  publicKeyOf,
  createClientAssertionVerifier,
  type EpochSeconds,
  type Key,
} from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import type { FetchPort } from '../outbound/fetch-document.ts'
import { defaultRemoteKeyTimes } from './fetched.ts'
import { createIssuerRoute } from './issuer-route.ts'
import { createManagedKeys, type ManagedKeys } from './managed.ts'

const issuer = 'https://issuer.test'
const endpoint = `${issuer}/keys`
const alg = 'ECDH-ES+A256KW'
const resource = 'https://api.test'
const signing = { clientId: 'api', assertionKey: generateKey('ES256', { kid: 'a1' }) }
const client: ManagedKeys = { clientId: 'api', clientSecret: 's:e c/ret' }

interface Sent {
  readonly form: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
}

/** An issuer on a simulated network that answers with decryption keys, and a clock that the test moves. */
function stage(managed: ManagedKeys = client, maxAgeSeconds = 300) {
  const world = {
    time: 1_800_000_000,
    keys: [generateKey(alg, { kid: 'k1' })] as readonly Key[],
    endpoint: endpoint as unknown,
    status: 200,
    answer: undefined as object | undefined,
    sent: [] as Sent[],
    wait: 0,
  }
  const answerOf = ({ form }: Sent): object => {
    if (world.answer !== undefined) return world.answer
    const tag = world.keys.map(({ kid }) => kid).join(' ')
    if (form.get('tag') === tag) return { tag }
    return { tag, keys: world.keys.map((key) => exportJwk(key, { private: true })) }
  }
  const fetch: FetchPort = async (url, { method, body = '', headers = {} }) => {
    if (url !== endpoint)
      return reply({ issuer, jwks_uri: issuer, decryption_keys_endpoint: world.endpoint })
    if (method !== 'POST') throw new Error('keys are asked for by POST')
    const sent = { form: new URLSearchParams(body), headers }
    world.sent.push(sent)
    return reply(answerOf(sent), world.status)
  }
  const times = { ...defaultRemoteKeyTimes, maxAgeSeconds }
  const route = createIssuerRoute({ issuer }, { fetch, lookUp: async () => [] })
  const keys = createManagedKeys(managed, route, resource, times, {
    now: () => world.time as EpochSeconds,
    random: () => 1,
    later: (after) => {
      world.wait = after
      return () => undefined
    },
  })
  return { world, keys, kids: () => keys.current()?.keys.map(({ kid }) => kid) }
}

async function* chunks(bytes: Uint8Array) {
  yield bytes
}

const reply = (document: object, status = 200) => ({
  status,
  headers: { get: (name: string) => (name === 'cache-control' ? 'no-store' : null) },
  body: chunks(new TextEncoder().encode(JSON.stringify(document))),
})

describe('decryption keys that the issuer keeps', () => {
  it('are fetched once for all waiting requests, as the client of the resource', async () => {
    const { world, keys, kids } = stage()
    await Promise.all(Array.from({ length: 100 }, async () => keys.load?.()))
    expect(kids()).toEqual(['k1'])
    expect(keys.current()?.keys[0]?.kind).toBe('private')
    expect(world.sent).toHaveLength(1)
    const [{ form, headers } = { form: new URLSearchParams(), headers: {} }] = world.sent
    expect([...form]).toEqual([['resource', resource]])
    expect(headers['authorization']).toBe(`Basic ${btoa('api:s%3Ae%20c%2Fret')}`)
  })

  it('are fetched with an assertion for this issuer and this minute, if the client has a key', async () => {
    const { world, keys, kids } = stage(signing)
    await keys.load?.()
    await keys.refetch?.()
    expect(kids()).toEqual(['k1'])
    const verify = createClientAssertionVerifier({
      keys: publicKeyOf(signing.assertionKey),
      clientId: 'api',
      audience: issuer,
      algorithms: ['ES256'],
      lifetimeSecondsMax: 60,
    })
    const ids = world.sent.map(({ form, headers }) => {
      expect(headers['authorization']).toBeUndefined()
      const verified = verify(String(form.get('client_assertion')), world.time as EpochSeconds)
      return verified.ok ? verified.value.claims.jti : verified.refusal.reason
    })
    expect(new Set(ids).size).toBe(2)
  })

  it('are accepted only in an envelope, if the client has an envelope key', async () => {
    const envelopeKey = generateKey(alg, { kid: 'e1' })
    const { world, keys, kids } = stage({ ...signing, envelopeKey })
    const tell = async (answer: object) => {
      world.answer = answer
      await keys.refetch?.()
      return keys.health().failure ?? 'none'
    }
    const set = { keys: world.keys.map((key) => exportJwk(key, { private: true })) }
    const sealed = (content: object, recipient = envelopeKey) => ({
      tag: 'k1',
      encrypted_keys: encryptJwe(Buffer.from(JSON.stringify(content)), publicKeyOf(recipient)),
    })
    const refused = 'decryption keys: envelope_refused'
    expect(await tell({ tag: 'k1', ...set })).toBe('decryption keys: not encrypted')
    expect(await tell(sealed(set, generateKey(alg)))).toBe(refused)
    expect(await tell({ tag: 'k1', encrypted_keys: 'a.b.c' })).toBe(refused)
    expect(await tell(sealed([]))).toBe(refused)
    expect(await tell(sealed({ keys: [] }))).toBe('keys: no_usable_key')
    expect(kids()).toBeUndefined()
    expect(await tell(sealed(set))).toBe('none')
    expect(kids()).toEqual(['k1'])
    expect(await tell({ tag: 'k1' })).toBe('none')
    const without = stage(signing)
    without.world.answer = sealed(set)
    await without.keys.load?.()
    expect(without.keys.health().failure).toBe(
      'decryption keys: encrypted, and the guard has no envelopeKey',
    )
  })

  it('are not sent again, and keep their identity, while they are unchanged', async () => {
    const { world, keys, kids } = stage()
    await keys.load?.()
    const before = keys.current()
    world.time += 200
    await keys.refetch?.()
    expect(world.sent[1]?.form.get('tag')).toBe('k1')
    expect(keys.current()).toBe(before)
    expect(keys.health()).toMatchObject({ state: 'fresh', ageSeconds: 0, keys: 1 })
    world.keys = [...world.keys, generateKey(alg, { kid: 'k2' })]
    await keys.refetch?.()
    expect(kids()).toEqual(['k1', 'k2'])
  })

  it('are fetched again before a standby is in use, independent of the age of signing keys', async () => {
    const { world, keys } = stage(client, 3_600)
    await keys.load?.()
    expect(world.wait).toBe(240)
  })

  const signer = exportJwk(generateKey('ES256'), { private: true })
  const published = exportJwk(publicKeyOf(generateKey(alg)))
  it.each([
    ['refuses the client', { status: 401 }, 'decryption keys: status_not_ok 401'],
    ['has no keys', { answer: { tag: 't', keys: [] } }, 'keys: no_usable_key'],
    [
      'answers with a key that signs',
      { answer: { tag: 't', keys: [signer] } },
      'keys: no_usable_key',
    ],
    [
      'answers without a usable key',
      { answer: { tag: 't', keys: [{ ...signer, alg: undefined, kty: 'RSA', kid: 'r' }] } },
      'keys: no_usable_key (r: algorithm_missing; name it in algorithms)',
    ],
    [
      'answers with a public key',
      { answer: { tag: 't', keys: [published] } },
      'keys: no_usable_key',
    ],
    ['answers without a tag', { answer: { keys: [] } }, 'decryption keys: malformed'],
    [
      'answers "unchanged" to a guard without keys',
      { answer: { tag: 't' } },
      'keys: no_usable_key',
    ],
    ['has no such endpoint', { endpoint: undefined }, 'metadata: decryption_keys_endpoint_missing'],
    [
      'names an address of plain http',
      { endpoint: 'http://issuer.test/keys' },
      'metadata: decryption_keys_endpoint_refused',
    ],
  ])('if the issuer %s, the last good keys stay in force', async (_, change, failure) => {
    const { world, keys, kids } = stage()
    await keys.load?.()
    Object.assign(world, change)
    await keys.refetch?.()
    expect(kids()).toEqual(['k1'])
    expect(keys.health()).toMatchObject({ state: 'stale', failure })
    const late = stage()
    Object.assign(late.world, change)
    await late.keys.load?.()
    expect(late.keys.current()).toBeUndefined()
    expect(late.keys.health()).toMatchObject({ state: 'missing', failure })
  })

  it('never show the secret in a failure', async () => {
    const { world, keys } = stage()
    world.status = 401
    await keys.load?.()
    expect(JSON.stringify(keys.health())).not.toContain('ret')
  })

  it.each([
    ['no client', { clientSecret: 's' }],
    ['no credential', { clientId: 'api' }],
    ['an empty secret', { clientId: 'api', clientSecret: '' }],
    ['two credentials', { ...client, assertionKey: generateKey('ES256') }],
    ['a public key', { clientId: 'api', assertionKey: publicKeyOf(generateKey('ES256')) }],
    ['an envelope for a secret', { ...client, envelopeKey: generateKey(alg) }],
    ['an envelope to a key that signs', { ...signing, envelopeKey: generateKey('ES256') }],
    ['an envelope to a public key', { ...signing, envelopeKey: publicKeyOf(generateKey(alg)) }],
    ['a key that does not sign', { clientId: 'api', assertionKey: generateKey(alg) }],
  ])('throws at once for %s', (_, managed) => {
    expect(() => stage(managed as ManagedKeys)).toThrow(TypeError)
  })
})
