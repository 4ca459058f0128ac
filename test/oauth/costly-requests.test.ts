import { randomBytes } from 'node:crypto'
import { exportJwk, generateKey, publicKeyOf, signJws, signJwt } from '@countersign/jwt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { guessLimits } from '../../packages/server/src/clients/guesses.ts'
import { type Answer, basic, type Service, startService } from './service.ts'

const key = generateKey('ES256', { kid: 'r1' })
const stranger = generateKey('ES256', { kid: 'r1' })
const jwks = JSON.stringify({ keys: [exportJwk(publicKeyOf(key))] })

describe('a signature that is verified in vain counts as a guess of its address', () => {
  let service: Service
  beforeAll(async () => {
    service = await startService({ proxies: ['127.0.0.1'] })
    await service.addClient({ id: 'robot', authentication: 'private_key_jwt', jwks })
    await service.addClient({ id: 'app', authentication: 'none', grantTypes: ['refresh_token'] })
  })
  afterAll(() => service.close())

  const limit = guessLimits.perAddress
  const random = () => randomBytes(8).toString('hex')
  const times = async (count: number, send: () => Promise<Answer>) => {
    const statuses: number[] = []
    for (let sent = 0; sent < count; sent += 1) statuses.push((await send()).status)
    return statuses
  }

  function sendAssertion(address: string, signer = key, id = 'robot'): Promise<Answer> {
    const now = service.now()
    const claims = { iss: id, sub: id, aud: service.issuer, jti: random(), iat: now, exp: now + 60 }
    const fields = {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: signJwt(claims, signer, { typ: 'JWT' }),
    }
    return service.post('/oauth2/token', fields, { 'x-forwarded-for': address })
  }

  it.each([
    { of: 'a known client', id: 'robot', address: '10.1.0.1' },
    { of: 'an unknown client', id: 'nobody', address: '10.1.0.2' },
  ])('forged assertions of $of: 401 up to the limit, then 429', async ({ id, address }) => {
    const statuses = await times(limit + 5, () => sendAssertion(address, stranger, id))
    expect(statuses).toEqual([...Array(limit).fill(401), ...Array(5).fill(429)])
    const late = await sendAssertion(address)
    expect([late.status, late.body['error']]).toEqual([429, 'too_many_requests'])
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect((await sendAssertion('10.1.9.9')).status).toBe(200)
  })

  it('assertions that are right count nothing', async () => {
    const statuses = await times(limit + 5, () => sendAssertion('10.1.0.3'))
    expect(new Set(statuses)).toEqual(new Set([200]))
  })

  function proofOf(nonce: string, claims: object = {}, signer = key): string {
    const all = {
      jti: random(),
      htm: 'POST',
      htu: `${service.issuer}/oauth2/token`,
      iat: service.now(),
      nonce,
      ...claims,
    }
    const header = { typ: 'dpop+jwt', jwk: exportJwk(publicKeyOf(key)) }
    return signJws(JSON.stringify(all), signer, header)
  }
  function sendProof(address: string, dpop: string, token = 'invented'): Promise<Answer> {
    const fields = { grant_type: 'refresh_token', client_id: 'app', refresh_token: token }
    return service.post('/oauth2/token', fields, { 'x-forwarded-for': address, dpop })
  }
  const aNonce = async () =>
    String((await sendProof('10.2.9.8', proofOf('none'))).headers.get('dpop-nonce'))

  it.each([
    { of: 'signed by another key', address: '10.2.0.1', claims: {}, signer: stranger },
    { of: 'for another address', address: '10.2.0.2', claims: { htu: 'https://x.test/' } },
    { of: 'repeated with invented refresh tokens', address: '10.2.0.3', claims: { jti: 'same' } },
  ])('proofs $of: 400 up to the limit, then 429', async ({ address, claims, signer }) => {
    const nonce = await aNonce()
    const statuses = await times(limit + 5, () =>
      sendProof(address, proofOf(nonce, claims, signer)),
    )
    expect(statuses).toEqual([...Array(limit).fill(400), ...Array(5).fill(429)])
    const late = await sendProof(address, proofOf(nonce))
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    const elsewhere = await sendProof('10.2.9.9', proofOf(nonce), await service.login('app'))
    expect(elsewhere.status).toBe(200)
  })

  it('a proof for a nonce of long ago is refused before its signature, and counts nothing', async () => {
    const statuses = await times(limit + 5, () =>
      sendProof('10.2.0.4', proofOf('old', {}, stranger)),
    )
    expect(new Set(statuses)).toEqual(new Set([400]))
    const answer = await sendProof('10.2.0.4', proofOf('old', {}, stranger))
    expect(answer.body['error']).toBe('use_dpop_nonce')
  })

  it('secrets are refused at an address whose assertions used up its guesses', async () => {
    const secret = await service.addClient({ id: 'shop' })
    await times(limit, () => sendAssertion('10.1.0.5', stranger))
    const send = (word: string) =>
      service.post(
        '/oauth2/token',
        { grant_type: 'client_credentials' },
        { ...basic('shop', word), 'x-forwarded-for': '10.1.0.5' },
      )
    expect((await send('wrong')).status).toBe(429)
    expect((await send(secret)).status).toBe(200)
  })
})
