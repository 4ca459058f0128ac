import { exportJwk, generateKey, publicKeyOf, signJws, signJwt } from '@countersign/jwt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type Service, startService } from './service.ts'

const key = generateKey('ES256', { kid: 'r1' })
const jwks = JSON.stringify({ keys: [exportJwk(publicKeyOf(key))] })
const robot = { id: 'robot', authentication: 'private_key_jwt', jwks } as const

describe('an assertion of a client counts once, at every endpoint', () => {
  let service: Service
  let count = 0
  beforeAll(async () => {
    service = await startService()
    await service.addClient(robot)
    await service.addResource({ audience: 'https://robots.test', clientId: 'robot' })
    await service.addClient({
      ...robot,
      id: 'reading-robot',
      access: [{ audience: 'https://robots.test', scopes: ['read'] }],
    })
  })
  afterAll(() => service.close())

  /** Form fields that authenticate a client by a fresh assertion. */
  function assertion(id = 'robot'): Record<string, string> {
    const now = service.now()
    count += 1
    const claims = { iss: id, sub: id, aud: service.issuer, jti: `a${count}`, iat: now }
    return {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: signJwt({ ...claims, exp: now + 60 }, key, { typ: 'JWT' }),
    }
  }
  const token = (proof: Record<string, string>) =>
    service.post('/oauth2/token', { grant_type: 'client_credentials', ...proof })
  const revoke = (value: string, proof: Record<string, string>) =>
    service.post('/oauth2/revoke', { token: value, ...proof })
  const introspect = (value: string, proof: Record<string, string>) =>
    service.post('/oauth2/introspect', { token: value, ...proof })
  const refresh = (value: string) =>
    service.post('/oauth2/token', {
      grant_type: 'refresh_token',
      refresh_token: value,
      ...assertion(),
    })
  const accessToken = async (id = 'robot') =>
    String((await token(assertion(id))).body['access_token'])
  const replayed = { status: 401, body: { error: 'invalid_client' } }

  it('one that took an access token back does nothing more', async () => {
    const [first, second] = [await accessToken('reading-robot'), await accessToken('reading-robot')]
    const proof = assertion('reading-robot')
    expect((await revoke(first, proof)).status).toBe(200)
    for (const again of [revoke(second, proof), token(proof), introspect(second, proof)])
      expect(await again).toMatchObject(replayed)
    expect((await introspect(first, assertion())).body).toEqual({ active: false })
    expect((await introspect(second, assertion())).body['active']).toBe(true)
  })

  it('one that ended a family ends no other', async () => {
    const [first, second] = [await service.login('robot'), await service.login('robot')]
    const proof = assertion()
    expect((await revoke(first, proof)).status).toBe(200)
    expect(await revoke(second, proof)).toMatchObject(replayed)
    expect((await refresh(first)).body['error']).toBe('invalid_grant')
    expect((await refresh(second)).status).toBe(200)
  })

  it.each([
    ['an unknown token', 'unknown', 200],
    ['an encrypted one', 'a.b.c.d.e', 400],
    ['a refresh token of another client', 'of another', 200],
  ])('one that came with %s is used up too', async (_, value, status) => {
    await service.addClient({ id: 'rival' })
    const proof = assertion()
    const sent = value === 'of another' ? await service.login('rival') : value
    expect((await revoke(sent, proof)).status).toBe(status)
    expect(await revoke(sent, proof)).toMatchObject(replayed)
    expect(await token(proof)).toMatchObject(replayed)
  })

  it('of 20 revocations at once with one assertion, each of its own token, one succeeds', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => accessToken('reading-robot')))
    const proof = assertion('reading-robot')
    const answers: Answer[] = await Promise.all(tokens.map((each) => revoke(each, proof)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(19)
    const dead = []
    for (const each of tokens) {
      const { body } = await introspect(each, assertion())
      if (body['active'] === false) dead.push(each)
    }
    expect(dead).toHaveLength(1)
  })

  it('one that asked about a token asks no second time', async () => {
    const value = await accessToken('reading-robot')
    const proof = assertion()
    expect((await introspect(value, proof)).body['active']).toBe(true)
    expect(await introspect(value, proof)).toMatchObject(replayed)
    expect(await token(proof)).toMatchObject(replayed)
  })

  it.each([
    ['/oauth2/token', { grant_type: 'client_credentials' }],
    ['/oauth2/revoke', { token: 'unknown' }],
    ['/oauth2/introspect', { token: 'unknown' }],
    ['/oauth2/decryption-keys', { resource: 'https://robots.test' }],
  ])('a second use at %s stands in the audit log', async (path, fields) => {
    const id = `watched at ${path}`
    await service.addClient({ ...robot, id })
    const proof = assertion(id)
    await token(proof)
    expect(await service.post(path, { ...fields, ...proof })).toMatchObject(replayed)
    const reasons = (await service.audited()).flatMap((event) =>
      'reason' in event && 'clientId' in event && event.clientId === id ? [event.reason] : [],
    )
    expect(reasons).toContain('client_assertion_replayed')
  })

  it.each([
    {
      used: 'the proof',
      again: ['proof'],
      unused: ['assertion'],
      error: 'invalid_dpop_proof',
      audit: 'proof_replayed',
    },
    {
      used: 'the assertion',
      again: ['assertion'],
      unused: ['proof'],
      error: 'invalid_client',
      audit: 'client_assertion_replayed',
    },
    {
      used: 'both',
      again: ['proof', 'assertion'],
      unused: [],
      error: 'invalid_client',
      audit: 'client_assertion_replayed',
    },
  ])('$used used twice: $error', async ({ used, again, unused, error, audit }) => {
    const id = `sends twice ${used}`
    await service.addClient({ ...robot, id })
    const holder = generateKey('ES256')
    const jwk = exportJwk(publicKeyOf(holder))
    const proofFor = (nonce: string) => {
      const htu = `${service.issuer}/oauth2/token`
      count += 1
      const claims = { jti: `${used} ${count}`, htm: 'POST', htu, iat: service.now(), nonce }
      return signJws(JSON.stringify(claims), holder, { typ: 'dpop+jwt', jwk })
    }
    const send = (fields: Record<string, string>, dpop: string) =>
      service.post('/oauth2/token', { grant_type: 'client_credentials', ...fields }, { dpop })
    const asked = await send(assertion(id), proofFor('none'))
    const nonce = String(asked.headers.get('dpop-nonce'))
    const first = { assertion: assertion(id), proof: proofFor(nonce) }
    expect((await send(first.assertion, first.proof)).status).toBe(200)
    const fresh = { assertion: assertion(id), proof: proofFor(nonce) }
    const second = {
      assertion: again.includes('assertion') ? first.assertion : fresh.assertion,
      proof: again.includes('proof') ? first.proof : fresh.proof,
    }
    expect((await send(second.assertion, second.proof)).body['error']).toBe(error)
    const reasons = (await service.audited()).flatMap((event) =>
      'reason' in event && 'clientId' in event && event.clientId === id ? [event.reason] : [],
    )
    expect(reasons).toEqual([audit])
    // The other half was not used up by the request that failed.
    const third = {
      assertion: unused.includes('assertion') ? fresh.assertion : assertion(id),
      proof: unused.includes('proof') ? fresh.proof : proofFor(nonce),
    }
    expect((await send(third.assertion, third.proof)).status).toBe(200)
  })

  it.each([
    [
      'aud: the token endpoint',
      { aud: '/oauth2/token' },
      'assertion_invalid: audience_mismatch (found $us/oauth2/token, expected $us)',
    ],
    ['exp: an hour', { exp: 3_600 }, 'assertion_invalid: lifetime_too_long exp'],
    ['no jti', { jti: undefined }, 'assertion_invalid: claim_missing jti'],
  ])('the audit log says what is wrong with an assertion (%s)', async (name, over, reason) => {
    const id = `odd ${name}`
    await service.addClient({ ...robot, id })
    const iat = service.now()
    const claims = {
      iss: id,
      sub: id,
      iat,
      aud: service.issuer + ('aud' in over ? over.aud : ''),
      exp: iat + ('exp' in over ? over.exp : 60),
    }
    const jti = 'jti' in over ? {} : { jti: name }
    const proof = {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: signJwt({ ...claims, ...jti }, key, { typ: 'JWT' }),
    }
    expect((await token(proof)).body['error']).toBe('invalid_client')
    const reasons = (await service.audited()).flatMap((event) =>
      event.event === 'client_refused' && event.clientId === id ? [event.reason] : [],
    )
    expect(reasons).toEqual([reason.replaceAll('$us', service.issuer)])
  })

  it('one that was used counts no more after a clock went an hour ahead and back', async () => {
    const proof = assertion()
    expect((await token(proof)).status).toBe(200)
    await service.pass(3_600)
    while (!(await service.store.prune()).done);
    await service.pass(-3_600)
    expect(await token(proof)).toMatchObject(replayed)
  })

  it('an act that fails after the proof leaves the assertion unused', async () => {
    // The scope is refused before anything is written, so the same assertion may be sent again.
    const proof = assertion()
    const asked = { grant_type: 'client_credentials', scope: 'admin', ...proof }
    expect((await service.post('/oauth2/token', asked)).status).toBe(400)
    expect((await token(proof)).status).toBe(200)
    expect(await token(proof)).toMatchObject(replayed)
  })
})
