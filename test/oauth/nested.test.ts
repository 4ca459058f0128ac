import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGuard, type Guard } from '@countersign/guard'
import {
  decryptJwt,
  encryptJwt,
  exportJwk,
  generateKey,
  importKey,
  publicKeyOf,
  signJwt,
  unwrap,
  type Jwk,
  type Key,
} from '@countersign/jwt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic, type Service, startService } from './service.ts'

const given = 'https://given.test'
const published = 'https://published.test'
const unreachable = 'https://unreachable.test'
const kept = 'https://kept.test'
const alsoKept = 'https://also-kept.test'
const alg = 'ECDH-ES+A256KW'
const enc = 'A256GCM'

describe('tokens signed and encrypted, from the endpoint through the guard', () => {
  let service: Service
  let secret: string
  let shop: Record<string, string>
  let keeper: Record<string, string>
  const key = generateKey(alg)
  const publishing = generateKey(alg)
  let shown = 0
  let keysOfApi: Server

  beforeAll(async () => {
    service = await startService()
    keysOfApi = createServer((_, reply) => {
      shown += 1
      reply.setHeader('content-type', 'application/json')
      reply.end(JSON.stringify({ keys: [exportJwk(publicKeyOf(publishing))] }))
    })
    await new Promise<void>((resolve) => void keysOfApi.listen(0, '127.0.0.1', resolve))
    const { port } = keysOfApi.address() as AddressInfo
    const jwk = JSON.stringify(exportJwk(publicKeyOf(key)))
    await service.addResource({ audience: given, encryption: { source: 'jwk', jwk, alg, enc } })
    const jwksUri = `http://127.0.0.1:${port}/jwks.json`
    await service.addResource({
      audience: published,
      encryption: { source: 'jwks_uri', jwksUri, alg, enc },
    })
    await service.addResource({
      audience: unreachable,
      encryption: { source: 'jwks_uri', jwksUri: 'http://127.0.0.1:9/jwks.json', alg, enc },
    })
    keeper = basic('keeper', await service.addClient({ id: 'keeper', access: [] }))
    const encryption = { source: 'managed', alg, enc } as const
    for (const audience of [kept, alsoKept])
      await service.addResource({ audience, encryption, clientId: 'keeper' })
    const access = [given, published, unreachable, kept, alsoKept].map((audience) => ({
      audience,
      scopes: ['read'],
    }))
    secret = await service.addClient({ access })
    shop = basic('shop', secret)
  })
  afterAll(async () => {
    await service.close()
    await new Promise((resolve) => void keysOfApi.close(resolve))
  })

  const ask = (resource: string) =>
    service.post('/oauth2/token', { grant_type: 'client_credentials', resource }, shop)
  const guardOf = (audience: string, decryptionKeys: Key): Guard =>
    createGuard({ issuer: service.issuer, audience, decryptionKeys, revocation: false })
  const check = (guard: Guard, token: unknown) =>
    guard.check(
      new Request('https://api.test/', { headers: { authorization: `Bearer ${String(token)}` } }),
      { scope: 'read' },
    )

  it('a resource with a key of its own opens what nobody else can read', async () => {
    const { body } = await ask(given)
    expect(String(body['access_token']).split('.')).toHaveLength(5)
    const guard = guardOf(given, key)
    expect(await check(guard, body['access_token'])).toMatchObject({
      ok: true,
      value: { clientId: 'shop', scopes: ['read'] },
    })
    const stranger = guardOf(given, generateKey(alg))
    expect(await check(stranger, body['access_token'])).toMatchObject({ ok: false })
    guard.close()
    stranger.close()
  })

  it('introspection refuses the inner token of an envelope that only the resource can open', async () => {
    const reader = basic('reader', await service.addClient({ id: 'reader', access: [] }))
    const resource = await service.store.resources.find(given)
    if (resource === undefined) throw new Error('the resource is gone')
    const operator = { requestId: 'r', address: null, actor: 'operator' }
    await service.store.resources.change({ ...resource, clientId: 'reader' }, operator)
    const { body } = await ask(given)
    const inner = decryptJwt(String(body['access_token']), {
      keys: key,
      algorithms: [alg],
      encryptions: [enc],
    })
    const fields = { token: inner.ok ? inner.value : 'shut' }
    const told = await service.post('/oauth2/introspect', fields, reader)
    expect(told.body).toEqual({ active: false })
  })

  it('a published key set is fetched once for all who wait', async () => {
    shown = 0
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(published)))
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    expect(shown).toBe(1)
    const guard = guardOf(published, publishing)
    expect(await check(guard, answers[0]?.body['access_token'])).toMatchObject({ ok: true })
    guard.close()
  })

  it('a resource whose keys are out of reach gets no token that is only signed', async () => {
    const answer = await ask(unreachable)
    expect([answer.status, answer.body['error']]).toEqual([503, 'temporarily_unavailable'])
    const login = await fetch(`${service.issuer}/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_id: 'shop', client_secret: secret, resource: unreachable }),
    })
    expect([login.status, login.headers.get('retry-after')]).toEqual([503, '1'])
  })

  it('the guard refuses a plain token, and an envelope around what we never signed (C01)', async () => {
    const guard = guardOf(given, key)
    const claims = { iss: service.issuer, aud: given, sub: 'eve', client_id: 'eve', jti: 'x' }
    const now = service.now()
    const forged = signJwt({ ...claims, iat: now, exp: now + 60 }, generateKey('ES256'), {
      typ: 'at+jwt',
    })
    const enveloped = encryptJwt(forged, publicKeyOf(key), { enc })
    expect(await check(guard, enveloped)).toMatchObject({ ok: false })
    expect(await check(guard, forged)).toMatchObject({
      ok: false,
      refusal: { reason: 'plain_token' },
    })
    guard.close()
  })

  it('the service cannot open what is encrypted to a key of others: revocation says so, introspection knows nothing', async () => {
    const { body } = await ask(given)
    const fields = { token: String(body['access_token']) }
    expect(await service.post('/oauth2/revoke', fields, shop)).toMatchObject({
      status: 400,
      body: { error: 'unsupported_token_type' },
    })
    expect((await service.post('/oauth2/introspect', fields, shop)).body).toEqual({ active: false })
  })

  it('a token whose key is kept here is revoked and introspected in its envelope', async () => {
    const { body } = await ask(kept)
    const fields = { token: String(body['access_token']) }
    expect(fields.token.split('.')).toHaveLength(5)
    const told = () => service.post('/oauth2/introspect', fields, keeper)
    expect((await told()).body).toMatchObject({ active: true, aud: kept, client_id: 'shop' })
    expect((await service.post('/oauth2/introspect', fields, shop)).body).toEqual({ active: false })
    expect((await service.post('/oauth2/revoke', fields, keeper)).status).toBe(200)
    expect((await told()).body).toMatchObject({ active: true })
    expect((await service.post('/oauth2/revoke', fields, shop)).status).toBe(200)
    expect((await told()).body).toEqual({ active: false })
  })

  it('an envelope of ours around anything else is an unknown token', async () => {
    const keysOf = async (resource: string) => {
      const { body } = await service.post('/oauth2/decryption-keys', { resource }, keeper)
      return (body['keys'] as readonly Jwk[]).map((jwk) => unwrap(importKey(jwk, { alg })))
    }
    const [own = key] = await keysOf(kept)
    const { body } = await ask(alsoKept)
    const keys = await keysOf(alsoKept)
    const policy = { keys, algorithms: [alg], encryptions: [enc] } as const
    const inner = unwrap(decryptJwt(String(body['access_token']), policy))
    const claims = { iss: service.issuer, aud: kept, sub: 's', client_id: 'shop', jti: 'j' }
    const forged = signJwt({ ...claims, exp: service.now() + 60 }, generateKey('ES256'))
    for (const inside of [forged, inner]) {
      const fields = { token: encryptJwt(inside, publicKeyOf(own), { enc }) }
      const revoked = await service.post('/oauth2/revoke', fields, shop)
      expect([revoked.status, revoked.text]).toEqual([200, '{}'])
      const told = await service.post('/oauth2/introspect', fields, keeper)
      expect(told.body).toEqual({ active: false })
    }
    const told = await service.post('/oauth2/introspect', { token: inner }, keeper)
    expect(told.body).toEqual({ active: false })
  })
})
