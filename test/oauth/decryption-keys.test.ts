import { createGuard } from '@countersign/guard'
import {
  decryptJwe,
  exportJwk,
  generateKey,
  importKey,
  publicKeyOf,
  signJwt,
  type Jwk,
} from '@countersign/jwt'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { AuditEvent } from '../../packages/server/src/audit/events.ts'
import { defaults } from '../../packages/server/src/config/defaults.ts'
import { type Answer, basic, type Service, startService } from './service.ts'

const path = '/oauth2/decryption-keys'
const own = 'https://own.test'
const others = 'https://others.test'
const plain = 'https://plain.test'
const page: Record<string, string> = { client_id: 'page' }
const encryption = { source: 'managed', alg: 'ECDH-ES+A256KW', enc: 'A256GCM' } as const

describe('the private keys of a resource', () => {
  let service: Service
  let api: Record<string, string>
  const assertionKey = generateKey('ES256', { kid: 'a1' })
  const access = [] as const

  beforeAll(async () => {
    service = await startService()
    api = basic('api', await service.addClient({ id: 'api', access }))
    await service.addClient({ id: 'other', access })
    await service.addClient({ id: 'page', access, authentication: 'none' })
    const jwks = JSON.stringify({ keys: [exportJwk(publicKeyOf(assertionKey))] })
    await service.addClient({ id: 'keyed', access, authentication: 'private_key_jwt', jwks })
    await service.addResource({ audience: own, encryption, clientId: 'api' })
    await service.addResource({ audience: others, encryption, clientId: 'other' })
    await service.addResource({ audience: plain, clientId: 'api' })
    await service.addResource({ audience: 'https://page.test', encryption, clientId: 'page' })
    await service.addResource({ audience: 'https://keyed.test', encryption, clientId: 'keyed' })
  })
  afterAll(() => service.close())

  const fetchKeys = (resource = own, headers = api, more: Record<string, string> = {}) =>
    service.post(path, { resource, ...more }, headers)
  const keysOf = ({ body }: Answer) => body['keys'] as readonly Jwk[]
  const events = async (event: string) => {
    const rows = await service.store.audit.list(0, 1_000)
    return rows.map(({ body }): AuditEvent => JSON.parse(body)).filter((row) => row.event === event)
  }

  /** The credentials of a client with a key. */
  const proofOf = (id: string, jti: string): Record<string, string> => {
    const iat = service.now()
    const claims = { iss: id, sub: id, aud: service.issuer, jti, iat, exp: iat + 60 }
    return {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: signJwt(claims, assertionKey, { typ: 'client-authentication+jwt' }),
    }
  }

  it('are handed to the client that acts for it, the standby among them, for no cache', async () => {
    const answer = await fetchKeys()
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(keysOf(answer)).toHaveLength(2)
    for (const key of keysOf(answer)) {
      expect(key).toMatchObject({ kty: 'OKP', use: 'enc', alg: encryption.alg })
      expect(key.d).toBeDefined()
    }
  })

  it('do not travel to who names the tag of those it has', async () => {
    const { body } = await fetchKeys()
    const again = await fetchKeys(own, api, { tag: String(body['tag']) })
    expect(again.body).toEqual({ tag: body['tag'] })
    expect(keysOf(await fetchKeys(own, api, { tag: 'older' }))).toHaveLength(2)
  })

  it('leave only with an event that names them, and holds nothing of them', async () => {
    const before = (await events('decryption_keys_given')).length
    const answer = await fetchKeys()
    await fetchKeys(own, api, { tag: String(answer.body['tag']) })
    const given = (await events('decryption_keys_given')).slice(before)
    expect(given).toMatchObject([
      {
        clientId: 'api',
        audience: own,
        kids: keysOf(answer).map(({ kid }) => kid),
        actor: 'client:api',
      },
    ])
    for (const { d } of keysOf(answer)) expect(JSON.stringify(given)).not.toContain(d)
  })

  it('of another client, of nobody and of a resource without any are refused in one answer', async () => {
    const answers = await Promise.all(
      [others, plain, 'https://nobody.test'].map((name) => fetchKeys(name)),
    )
    for (const { status, body } of answers)
      expect([status, body['error'], body['keys']]).toEqual([400, 'invalid_target', undefined])
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  })

  it.each([
    ['a wrong secret', () => basic('api', `cs_${'x'.repeat(43)}`)],
    ['a stranger', () => basic('nobody', 'secret')],
    ['a public client', () => ({}), page, 'https://page.test'],
    ['nobody', () => ({})],
  ])('are not for %s', async (_, headers, more = {}, resource = own) => {
    const { status, body } = await fetchKeys(resource, headers(), more)
    expect([status, body['error'], body['keys']]).toEqual([401, 'invalid_client', undefined])
  })

  it('are handed to a client that proves a key, once for each assertion', async () => {
    const assertion = proofOf('keyed', 'one')
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => fetchKeys('https://keyed.test', {}, assertion)),
    )
    const given = answers.filter(({ status }) => status === 200)
    expect([given.length, answers.filter(({ status }) => status === 401).length]).toEqual([1, 4])
    const used = await fetchKeys(own, {}, assertion)
    expect([used.status, used.body['error']]).toEqual([401, 'invalid_client'])
  })

  it('travel encrypted to a client that has a key for that, and its guard takes them', async () => {
    const envelopeKey = generateKey('ECDH-ES+A256KW', { kid: 'e1' })
    const published = [assertionKey, envelopeKey].map((key) => exportJwk(publicKeyOf(key)))
    const jwks = JSON.stringify({ keys: published })
    await service.addClient({ id: 'sealed', access, authentication: 'private_key_jwt', jwks })
    const audience = 'https://sealed.test'
    await service.addResource({ audience, encryption, clientId: 'sealed' })
    const { status, body } = await fetchKeys(audience, {}, proofOf('sealed', 'two'))
    expect([status, body['keys']]).toEqual([200, undefined])
    const opened = decryptJwe(String(body['encrypted_keys']), {
      keys: envelopeKey,
      algorithms: ['ECDH-ES+A256KW'],
      encryptions: ['A256GCM'],
    })
    expect(opened).toMatchObject({ ok: true, value: { header: { cty: 'jwk-set+json' } } })
    const decryptionKeys = { clientId: 'sealed', assertionKey, envelopeKey }
    const guard = createGuard({ issuer: service.issuer, audience, decryptionKeys })
    onTestFinished(() => guard.close())
    await guard.ready()
    expect(guard.health().decryption).toMatchObject({ state: 'fresh', keys: 2 })
  })

  it('travel encrypted to a key that the client also signs with', async () => {
    const { use: _, ...jwk } = exportJwk(assertionKey, { private: true })
    const alg = 'ECDH-ES+A256KW'
    const envelopeKey = importKey({ ...jwk, alg }, { alg })
    if (!envelopeKey.ok) throw new Error(envelopeKey.refusal.reason)
    const published = [assertionKey, envelopeKey.value].map((key) => exportJwk(publicKeyOf(key)))
    const jwks = JSON.stringify({ keys: published })
    await service.addClient({ id: 'double', access, authentication: 'private_key_jwt', jwks })
    const audience = 'https://double.test'
    await service.addResource({ audience, encryption, clientId: 'double' })
    const { status, body } = await fetchKeys(audience, {}, proofOf('double', 'three'))
    expect([status, body['keys']]).toEqual([200, undefined])
    const opened = decryptJwe(String(body['encrypted_keys']), {
      keys: envelopeKey.value,
      algorithms: ['ECDH-ES+A256KW'],
      encryptions: ['A256GCM'],
    })
    expect(opened.ok).toBe(true)
  })

  it.each([
    ['no resource', [], 400, 'invalid_request'],
    [
      'two resources',
      [
        ['resource', own],
        ['resource', own],
      ],
      400,
      'invalid_request',
    ],
    [
      'a tag twice',
      [
        ['resource', own],
        ['tag', 'a'],
        ['tag', 'a'],
      ],
      400,
      'invalid_request',
    ],
    [
      '41 parameters',
      Array.from({ length: 41 }, (_, at) => [`p${at}`, 'x']),
      400,
      'invalid_request',
    ],
    ['a resource without end', [['resource', 'x'.repeat(20_000)]], 400, 'invalid_request'],
  ] as const)('are not asked for with %s', async (_, fields, status, error) => {
    const answer = await service.post(path, fields as never, api)
    expect([answer.status, answer.body['error']]).toEqual([status, error])
  })

  it('are asked for by POST of a form alone', async () => {
    const address = `${service.issuer}${path}`
    expect((await fetch(`${address}?resource=${own}`, { headers: api })).status).toBe(405)
    const json = { ...api, 'content-type': 'application/json' }
    expect((await fetch(address, { method: 'POST', headers: json, body: '{}' })).status).toBe(415)
  })

  it('are named in the metadata, with the ways to authenticate', async () => {
    const reply = await fetch(`${service.issuer}/.well-known/oauth-authorization-server`)
    expect(await reply.json()).toMatchObject({
      decryption_keys_endpoint: `${service.issuer}${path}`,
      decryption_keys_endpoint_auth_methods_supported: [
        'client_secret_basic',
        'client_secret_post',
        'private_key_jwt',
      ],
    })
  })

  it('are not asked for without end; other clients are served', async () => {
    const busy = basic('busy', await service.addClient({ id: 'busy', access }))
    let last = await fetchKeys(own, busy)
    for (let times = 1; times <= defaults.decryptionKeyFetchesPerMinute; times += 1)
      last = await fetchKeys(own, busy)
    expect([last.status, last.body['error']]).toEqual([429, 'too_many_requests'])
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await fetchKeys()).status).toBe(200)
  })
})
