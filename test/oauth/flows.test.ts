import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { decodeUnverified } from '@countersign/jwt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createChosenSecrets } from '../../packages/server/src/clients/chosen-secret.ts'
import { readStatus } from '../../packages/server/src/revocation/status-list.ts'
import type { StatusClaim } from '../../packages/server/src/tokens/plan.ts'
import { context } from '../store/records.ts'
import { type Answer, api, basic, type Service, startService } from './service.ts'
import { createHashQueue } from '../../packages/server/src/hashing/hash-queue.ts'

const claimsOf = (answer: Answer) => {
  const decoded = decodeUnverified(String(answer.body['access_token']))
  if (!decoded.ok) throw new Error(decoded.refusal.reason)
  return decoded.value
}

describe('the OAuth endpoints over HTTP', () => {
  let service: Service
  let shop: Record<string, string>
  let guardOfApi: Record<string, string>
  beforeAll(async () => {
    service = await startService()
    shop = basic('shop', await service.addClient())
    guardOfApi = basic('api', await service.addClient({ id: 'api', access: [] }))
    await service.addResource({ audience: 'https://other.test', clientId: 'other' })
    const resource = await service.store.resources.find(api)
    if (resource === undefined) throw new Error('the resource is gone')
    const { requestId, address, actor } = { requestId: 'r', address: null, actor: 'operator' }
    await service.store.resources.change(
      { ...resource, clientId: 'api' },
      { requestId, address, actor },
    )
    await service.addResource({ audience: 'https://third.test' })
  })
  afterAll(() => service.close())

  const token = (fields: Record<string, string>, headers = shop) =>
    service.post('/oauth2/token', { grant_type: 'client_credentials', ...fields }, headers)
  const refresh = (refresh_token: unknown, fields: Record<string, string> = {}, headers = shop) =>
    service.post(
      '/oauth2/token',
      { grant_type: 'refresh_token', refresh_token: String(refresh_token), ...fields },
      headers,
    )
  const introspect = (value: unknown, headers = guardOfApi) =>
    service.post('/oauth2/introspect', { token: String(value) }, headers)
  const revoke = (value: unknown, headers = shop) =>
    service.post('/oauth2/revoke', { token: String(value) }, headers)

  it('gives a machine a token for its default resource', async () => {
    const answer = await token({})
    expect(answer).toMatchObject({
      status: 200,
      body: { token_type: 'Bearer', scope: 'read write' },
    })
    expect(claimsOf(answer)).toMatchObject({
      header: { typ: 'at+jwt', alg: 'ES256' },
      claims: { iss: service.issuer, aud: api, sub: 'shop', client_id: 'shop', cv: 1 },
    })
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  it('takes the secret in the body as well, but not both at once (E02)', async () => {
    const secret = Buffer.from(String(shop['authorization']).slice(6), 'base64').toString().slice(5)
    const posted = { client_id: 'shop', client_secret: secret }
    expect((await token(posted, {})).status).toBe(200)
    expect(await token(posted)).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
  })

  it.each([
    ['a wrong secret', basic('shop', `cs_${'A'.repeat(43)}`)],
    ['an unknown client', basic('nobody', `cs_${'A'.repeat(43)}`)],
    ['a client by its id alone', basic('shop', 'x').authorization === '' ? {} : basic('shop', '')],
    ['no colon (E03)', { authorization: `Basic ${Buffer.from('shop').toString('base64')}` }],
    ['bad base64 (E03)', { authorization: 'Basic !!!' }],
  ])('answers %s with the same 401 and a challenge (E03, E04)', async (_, headers) => {
    const answer = await token({}, headers)
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /)
    expect(answer.text).toBe((await token({}, basic('nobody', 'x'.repeat(46)))).text)
  })

  it('knows GET as no method of its own (E01)', async () => {
    const reply = await fetch(`${service.issuer}/oauth2/token?grant_type=client_credentials`)
    expect([reply.status, reply.headers.get('allow')]).toEqual([405, 'POST'])
  })

  it('rotates a refresh token, repeats the successor, and ends the family on reuse (E09)', async () => {
    const first = await service.login('shop')
    const second = await refresh(first)
    expect(second).toMatchObject({ status: 200, body: { token_type: 'Bearer' } })
    expect((await refresh(first)).body['refresh_token']).toBe(second.body['refresh_token'])
    const third = await refresh(second.body['refresh_token'])
    expect(claimsOf(third).claims['sid']).toBe(claimsOf(second).claims['sid'])
    await service.pass(31)
    expect(await refresh(first)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    expect((await refresh(third.body['refresh_token'])).status).toBe(400)
    expect((await introspect(third.body['access_token'])).body).toEqual({ active: false })
  })

  it('50 requests at once with one refresh token get one successor (E10)', async () => {
    const first = await service.login('shop')
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(first)))
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
    expect(new Set(answers.map(({ body }) => body['refresh_token'])).size).toBe(1)
    expect(new Set(answers.map(({ body }) => body['access_token'])).size).toBe(50)
  })

  it('tells the resource about its token, the second time from memory', async () => {
    const { body } = await token({ scope: 'read' })
    for (let count = 0; count < 2; count += 1) {
      expect((await introspect(body['access_token'])).body).toMatchObject({
        active: true,
        iss: service.issuer,
        aud: api,
        client_id: 'shop',
        scope: 'read',
        token_type: 'Bearer',
      })
    }
  })

  it('tells nothing to others (E22)', async () => {
    const { body } = await token({})
    const refreshToken = await service.login('shop')
    expect((await introspect(body['access_token'], {})).status).toBe(401)
    expect((await introspect(body['access_token'], shop)).body).toEqual({ active: false })
    for (const value of ['garbage', refreshToken, 'a.b.c', 'a.b.c.d.e', '.'.repeat(15_000)]) {
      expect((await introspect(value)).body).toEqual({ active: false })
    }
  })

  it('signs its answer for those who ask (RFC 9701)', async () => {
    const { body } = await token({})
    const signed = await service.post(
      '/oauth2/introspect',
      { token: String(body['access_token']) },
      { ...guardOfApi, accept: 'application/token-introspection+jwt' },
    )
    expect(signed.headers.get('content-type')).toBe('application/token-introspection+jwt')
    const decoded = decodeUnverified(signed.text)
    expect(decoded).toMatchObject({
      value: {
        header: { typ: 'token-introspection+jwt' },
        claims: {
          iss: service.issuer,
          aud: 'api',
          iat: expect.toSatisfy(Number.isInteger),
          token_introspection: { active: true, aud: api },
        },
      },
    })
  })

  it('answers no question of a client that proves nothing, and writes it down (E22)', async () => {
    await service.addClient({ id: 'leaflet', authentication: 'none' })
    const asked = { token: String((await token({})).body['access_token']), client_id: 'leaflet' }
    expect(await service.post('/oauth2/introspect', asked)).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    })
    const said = { event: 'client_refused', clientId: 'leaflet', reason: 'method_not_allowed' }
    expect(await service.audited()).toContainEqual(expect.objectContaining(said))
  })

  it('takes an access token back at once', async () => {
    const { body } = await token({})
    expect(await revoke(body['access_token'])).toMatchObject({ status: 200, text: '{}' })
    expect((await introspect(body['access_token'])).body).toEqual({ active: false })
    expect((await introspect((await token({})).body['access_token'])).body['active']).toBe(true)
  })

  it('takes a refresh token back with its family and its access tokens (E21)', async () => {
    const first = await service.login('shop')
    const { body } = await refresh(first)
    expect((await revoke(body['refresh_token'])).status).toBe(200)
    expect((await refresh(body['refresh_token'])).status).toBe(400)
    expect((await introspect(body['access_token'])).body).toEqual({ active: false })
  })

  it('keeps to the rules of revocation (E20)', async () => {
    const rival = basic('rival', await service.addClient({ id: 'rival' }))
    const { body } = await token({})
    const refreshToken = await service.login('shop')
    expect((await revoke('unknown')).status).toBe(200)
    expect((await revoke(body['access_token'], rival)).status).toBe(200)
    expect((await introspect(body['access_token'])).body['active']).toBe(true)
    expect((await revoke(refreshToken, rival)).status).toBe(200)
    expect((await refresh(refreshToken)).status).toBe(200)
    expect((await revoke(body['access_token'], {})).status).toBe(401)
    expect(await revoke('a.b.c.d.e')).toMatchObject({ body: { error: 'unsupported_token_type' } })
    const reply = await fetch(`${service.issuer}/oauth2/revoke?token=x`)
    expect(reply.status).toBe(405)
    const hinted = { token: String(body['access_token']), token_type_hint: 'refresh_token' }
    expect((await service.post('/oauth2/revoke', hinted, shop)).status).toBe(200)
    expect((await introspect(body['access_token'])).body).toEqual({ active: false })
  })

  it('gives no token at the login to a client that may not have one at the token endpoint (E08)', async () => {
    const secret = await service.addClient({ id: 'mute', grantTypes: ['refresh_token'] })
    const login = async (scope: string) => {
      const reply = await fetch(`${service.issuer}/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ client_id: 'mute', client_secret: secret, scope }),
      })
      return [reply.status, ((await reply.json()) as Record<string, unknown>)['error']]
    }
    expect(await login('read')).toEqual([403, 'unauthorized_client'])
    expect(await login('offline_access')).toEqual([403, 'unauthorized_client'])
    // Malformed requests share one 400.
    expect(await login('read  write')).toEqual([400, 'Missing credentials'])
  })

  it('hashes no secret at the login that is longer than any (F05)', async () => {
    const chosen = createChosenSecrets({
      randomBytes,
      enter: createHashQueue({ runningMax: 1, waitingMax: 1 }),
    })
    const long = 'y'.repeat(1_025)
    const hash = String(await chosen.hash(long))
    const secrets = [{ id: 's', form: 'chosen', hash, createdAt: service.now() }] as const
    await service.addClient({ id: 'wordy', secrets })
    const reply = await fetch(`${service.issuer}/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_id: 'wordy', client_secret: long }),
    })
    expect(reply.status).toBe(401)
  })

  it('exchanges no token that its resource could have made itself: a shared secret speaks for nobody elsewhere', async () => {
    const shared = 'https://shared.test'
    const access = [{ audience: shared, scopes: ['read'] }]
    const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
    await service.addResource({ audience: shared, tokenAlg: 'HS256', clientId: 'holder' })
    const caller = basic('caller', await service.addClient({ id: 'caller', access }))
    const secret = await service.addClient({ id: 'holder', grantTypes: [exchange] })
    const { body } = await token({}, caller)
    const fields = {
      grant_type: exchange,
      subject_token: String(body['access_token']),
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    }
    const answer = await service.post('/oauth2/token', fields, basic('holder', secret))
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
  })

  it('a token exchanged from one of a burnt key dies with it, though another key signed it', async () => {
    const front = 'https://front.test'
    const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
    await service.addResource({ audience: front, tokenAlg: 'Ed25519', clientId: 'front' })
    const access = [{ audience: front, scopes: ['read'] }]
    const visitor = basic('visitor', await service.addClient({ id: 'visitor', access }))
    const secret = await service.addClient({ id: 'front', grantTypes: [exchange] })
    const fields = {
      grant_type: exchange,
      subject_token: String((await token({}, visitor)).body['access_token']),
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    }
    const { body } = await service.post('/oauth2/token', fields, basic('front', secret))
    expect((await introspect(body['access_token'])).body['active']).toBe(true)
    const keys = await service.store.keys.list()
    const stolen = keys.find(({ alg, state }) => alg === 'Ed25519' && state === 'active')
    await service.store.keys.burn(String(stolen?.kid), context)
    expect((await introspect(body['access_token'])).body).toEqual({ active: false })
  })

  it('an exchanged token dies with the key of the envelope in which its parent came', async () => {
    const sealed = 'https://sealed.test'
    const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
    const encryption = { source: 'managed', alg: 'ECDH-ES', enc: 'A256GCM' } as const
    await service.addResource({ audience: sealed, encryption, clientId: 'sealed' })
    const access = [{ audience: sealed, scopes: ['read'] }]
    const guest = basic('sender', await service.addClient({ id: 'sender', access }))
    const secret = await service.addClient({ id: 'sealed', grantTypes: [exchange] })
    const parent = String((await token({}, guest)).body['access_token'])
    const fields = {
      grant_type: exchange,
      subject_token: parent,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    }
    const { body } = await service.post('/oauth2/token', fields, basic('sealed', secret))
    expect((await introspect(body['access_token'])).body['active']).toBe(true)
    const [header = ''] = parent.split('.')
    const { kid }: { kid: string } = JSON.parse(Buffer.from(header, 'base64url').toString())
    await service.burn(kid)
    expect((await introspect(body['access_token'])).body).toEqual({ active: false })
  })

  it('the status list calls a token invalid that a disabled client exchanged', async () => {
    const [near, far] = ['https://near.test', 'https://far.test']
    const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
    await service.addResource({ audience: near, clientId: 'broker' })
    await service.addResource({ audience: far, statusList: true })
    const scopes = ['read']
    const access = [{ audience: near, scopes }]
    const guest = basic('guest', await service.addClient({ id: 'guest', access }))
    const broker = { id: 'broker', grantTypes: [exchange], access: [{ audience: far, scopes }] }
    const secret = await service.addClient(broker)
    const fields = {
      grant_type: exchange,
      subject_token: String((await token({}, guest)).body['access_token']),
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    }
    const answer = await service.post('/oauth2/token', fields, basic('broker', secret))
    const status = claimsOf(answer).claims['status'] as unknown as StatusClaim
    const said = async () => {
      const list = decodeUnverified(await (await fetch(status.status_list.uri)).text())
      if (!list.ok) throw new Error(list.refusal.reason)
      const { bits, lst } = list.value.claims['status_list'] as { bits: unknown; lst: unknown }
      return readStatus({ bits, lst }, status.status_list.idx)
    }
    expect(await said()).toEqual({ ok: true, value: 0 })
    await service.store.clients.disable('broker', context)
    expect(await said()).toEqual({ ok: true, value: 1 })
  })

  it('tokens after a rollback of the database have a place in a status list that exists', async () => {
    const listed = 'https://listed.test'
    await service.addResource({ audience: listed, statusList: true })
    const access = [{ audience: listed, scopes: ['read'] }]
    const lister = basic('lister', await service.addClient({ id: 'lister', access }))
    const claimed = async () => {
      const answer = await token({}, lister)
      return { token: answer.body['access_token'], status: claimsOf(answer).claims['status'] }
    }
    const rollBack = await service.savePoint()
    const before = await claimed()
    await revoke(before.token, lister)
    await rollBack()
    // This reads the log, which shows the rollback.
    await revoke((await claimed()).token, lister)
    const after = await claimed()
    expect(after.status).not.toEqual(before.status)
    const { uri } = (after.status as unknown as StatusClaim).status_list
    expect((await fetch(uri)).status).toBe(200)
  })

  it('a disabled client is refused at every endpoint (E16)', async () => {
    const secret = await service.addClient({ id: 'doomed' })
    const doomed = basic('doomed', secret)
    const { body } = await token({}, doomed)
    const refreshToken = await service.login('doomed')
    await service.store.clients.disable('doomed', {
      requestId: 'r',
      address: null,
      actor: 'operator',
    })
    expect((await token({}, doomed)).status).toBe(401)
    expect((await refresh(refreshToken, {}, doomed)).status).toBe(401)
    expect((await introspect(body['access_token'])).body).toEqual({ active: false })
  })

  it('a reply lost on the way: the same token again names the same successor (E13)', async () => {
    const first = await service.login('shop')
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: first,
    }).toString()
    await new Promise<void>((resolve, reject) => {
      const sent = request(`${service.issuer}/oauth2/token`, {
        method: 'POST',
        headers: { ...shop, 'content-type': 'application/x-www-form-urlencoded' },
      })
      // The answer is on its way, so the rotation is committed; nothing of it is read.
      sent.on('response', () => {
        sent.destroy()
        resolve()
      })
      sent.on('error', reject)
      sent.end(body)
    })
    const again = await refresh(first)
    expect(again.status).toBe(200)
    expect((await refresh(first)).body['refresh_token']).toBe(again.body['refresh_token'])
    expect((await refresh(again.body['refresh_token'])).status).toBe(200)
  })

  it('no other JWT of ours is taken for an access token (B24)', async () => {
    const { body } = await token({})
    const signed = await service.post(
      '/oauth2/introspect',
      { token: String(body['access_token']) },
      { ...guardOfApi, accept: 'application/token-introspection+jwt' },
    )
    const now = service.now()
    const claims = {
      iss: service.issuer,
      aud: api,
      sub: 'shop',
      client_id: 'shop',
      cid: 'c',
      cv: 1,
    }
    const forge = (typ: string) =>
      service.signJwt({ ...claims, jti: typ, iat: now, exp: now + 60 }, typ)
    expect((await introspect(await forge('at+jwt'))).body['active']).toBe(true)
    const kinds = [
      'JWT',
      '',
      'dpop+jwt',
      'logout+jwt',
      'statuslist+jwt',
      'at+jwt;v=1',
      'revocation-page+jwt',
    ]
    const others = await Promise.all(kinds.map(forge))
    for (const other of [...others, signed.text]) {
      expect((await introspect(other)).body).toEqual({ active: false })
      const assertion = {
        grant_type: 'client_credentials',
        client_assertion: other,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      }
      expect((await service.post('/oauth2/token', assertion)).status).toBe(401)
      expect((await refresh(other)).body['error']).toBe('invalid_grant')
    }
  })

  it('a secret and an assertion at once are an error (E02)', async () => {
    const assertion = {
      client_assertion: 'a.b.c',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    }
    expect(await token(assertion)).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    })
    const all = { ...assertion, client_id: 'shop', client_secret: 'x' }
    expect((await token(all)).status).toBe(400)
    expect((await token(all, {})).status).toBe(400)
  })

  it('follows no Host header (D23)', async () => {
    const spoofed = await token(
      {},
      { ...shop, 'x-forwarded-host': 'evil.test', forwarded: 'host=evil' },
    )
    expect(claimsOf(spoofed).claims['iss']).toBe(service.issuer)
  })
})
