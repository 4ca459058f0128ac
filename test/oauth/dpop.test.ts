import {
  decodeUnverified,
  encodeBase64url,
  exportJwk,
  generateKey,
  publicKeyOf,
  signJws,
  thumbprint,
} from '@countersign/jwt'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, basic, type Service, startService } from './service.ts'

const key = generateKey('ES256')
const jwk = exportJwk(publicKeyOf(key))
const jkt = thumbprint(jwk)
const rsa = generateKey('RS256')
const other = generateKey('ES256')

interface Proof {
  readonly header?: object
  readonly claims?: object
  readonly signer?: typeof key
}

describe('DPoP at the token endpoint', () => {
  let service: Service
  let shop: Record<string, string>
  let nonce: string
  beforeAll(async () => {
    service = await startService()
    shop = basic('shop', await service.addClient())
    await service.addClient({ id: 'app', authentication: 'none', grantTypes: ['refresh_token'] })
    const first = await ask(proofOf({}, ''))
    nonce = String(first.headers.get('dpop-nonce'))
  })
  afterAll(() => service.close())

  /** A proof in order, but for what the test changes; `undefined` leaves a member out. */
  function proofOf({ header = {}, claims = {}, signer = key }: Proof = {}, by = nonce): string {
    const all = {
      jti: randomUUID(),
      htm: 'POST',
      htu: `${service.issuer}/oauth2/token`,
      iat: service.now(),
      ...(by === '' ? {} : { nonce: by }),
      ...claims,
    }
    return signJws(JSON.stringify(all), signer, without({ typ: 'dpop+jwt', jwk, ...header }))
  }
  const ask = (dpop: string, fields: Record<string, string> = {}, headers = shop) =>
    service.post(
      '/oauth2/token',
      { grant_type: 'client_credentials', ...fields },
      { ...headers, dpop },
    )
  const said = ({ status, body }: Answer) =>
    status === 200 ? String(body['token_type']) : String(body['error'])

  it('binds the token to the key', async () => {
    const answer = await ask(proofOf())
    expect(said(answer)).toBe('DPoP')
    expect(answer.headers.get('dpop-nonce')).toMatch(/^[\w-]{30}$/)
    const decoded = decodeUnverified(String(answer.body['access_token']))
    expect(decoded).toMatchObject({ value: { claims: { cnf: { jkt } } } })
  })

  it.each([
    [
      'with the default port and capitals',
      () => ({ htu: service.issuer.replace('http', 'HTTP') + '/oauth2/token' }),
    ],
    ['with a query', () => ({ htu: `${service.issuer}/oauth2/token?x=y#z` })],
    ['with an escape that is none', () => ({ htu: `${service.issuer}/%6fauth2/token` })],
    ['four minutes old', () => ({ iat: service.now() - 240 })],
  ])('takes a proof %s (E25)', async (_, claims) => {
    expect(said(await ask(proofOf({ claims: claims() })))).toBe('DPoP')
  })

  it.each<[string, () => string]>([
    ['of another type', () => proofOf({ header: { typ: 'JWT' } })],
    ['without a type', () => proofOf({ header: { typ: undefined } })],
    ['without a key', () => proofOf({ header: { jwk: undefined } })],
    ['with a private key', () => proofOf({ header: { jwk: exportJwk(key, { private: true }) } })],
    ['signed by another key', () => proofOf({ signer: other })],
    ['without jti', () => proofOf({ claims: { jti: undefined } })],
    ['without htm', () => proofOf({ claims: { htm: undefined } })],
    ['without htu', () => proofOf({ claims: { htu: undefined } })],
    ['without iat', () => proofOf({ claims: { iat: undefined } })],
    ['for another method', () => proofOf({ claims: { htm: 'GET' } })],
    ['for a method in lower case', () => proofOf({ claims: { htm: 'post' } })],
    ['for another host', () => proofOf({ claims: { htu: 'http://evil.test/oauth2/token' } })],
    ['for another path', () => proofOf({ claims: { htu: `${service.issuer}/oauth2/revoke` } })],
    [
      'for another scheme',
      () => proofOf({ claims: { htu: `${service.issuer.replace('http', 'https')}/oauth2/token` } }),
    ],
    ['ten minutes old', () => proofOf({ claims: { iat: service.now() - 600 } })],
    ['ten minutes ahead', () => proofOf({ claims: { iat: service.now() + 600 } })],
    ['with a time in words', () => proofOf({ claims: { iat: 'now' } })],
    ['without a signature', () => `${proofOf().split('.').slice(0, 2).join('.')}.`],
    ['without an algorithm', () => forge({ alg: 'none' })],
    ['with a MAC', () => forge({ alg: 'HS256', jwk: { kty: 'oct', k: 'AAAA' } })],
    ['signed by RS256', () => proofOf({ signer: rsa, header: { jwk: exportJwk(rsa) } })],
    [
      'with a costly RSA key',
      () => forge({ alg: 'PS256', jwk: { kty: 'RSA', n: `t${'A'.repeat(2729)}E`, e: 'AQAB' } }),
    ],
    ['that is garbage', () => 'garbage'],
  ])('refuses a proof %s (E25)', async (_, make) => {
    const answer = await ask(make())
    expect([answer.status, said(answer)]).toEqual([400, 'invalid_dpop_proof'])
  })

  it.each([
    ['in the future', 30, 'issued_in_future'],
    ['too old', -600, 'too_old'],
  ])('names a proof that is %s, since its owner can set the clock', async (_, ahead, word) => {
    const answer = await ask(proofOf({ claims: { iat: service.now() + ahead } }))
    expect(answer.body).toMatchObject({
      error: 'invalid_dpop_proof',
      error_description: expect.stringContaining(word),
    })
  })

  it('names a proof that was used before', async () => {
    const proof = proofOf()
    await ask(proof)
    const answer = await ask(proof)
    expect(answer.body['error_description']).toMatch('used before')
  })

  it('refuses two proofs', async () => {
    expect(said(await ask(`${proofOf()}, ${proofOf()}`))).toBe('invalid_dpop_proof')
  })

  it('takes a proof once, and asks for a new nonce in time', async () => {
    const proof = proofOf()
    expect(said(await ask(proof))).toBe('DPoP')
    expect(said(await ask(proof))).toBe('invalid_dpop_proof')
    const parallel = proofOf()
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(parallel)))
    expect(answers.map(said).filter((word) => word === 'DPoP')).toHaveLength(1)
    expect(said(await ask(proofOf({}, 'A'.repeat(30))))).toBe('use_dpop_nonce')
    expect(said(await ask(proofOf({ claims: { nonce: 7 } })))).toBe('use_dpop_nonce')
  })

  it('demands a proof of clients that must send one', async () => {
    const bound = basic('bound', await service.addClient({ id: 'bound', dpopRequired: true }))
    const bare = await service.post('/oauth2/token', { grant_type: 'client_credentials' }, bound)
    expect(said(bare)).toBe('invalid_dpop_proof')
    expect(said(await ask(proofOf(), {}, bound))).toBe('DPoP')
  })

  it('binds the refresh token of a public client to its key (E15)', async () => {
    const token = await service.login('app', jkt)
    const refresh = (headers: Record<string, string>) =>
      service.post(
        '/oauth2/token',
        { grant_type: 'refresh_token', client_id: 'app', refresh_token: token },
        headers,
      )
    const header = { jwk: exportJwk(publicKeyOf(other)) }
    expect(said(await refresh({}))).toBe('invalid_grant')
    expect(said(await refresh({ dpop: proofOf({ header, signer: other }) }))).toBe('invalid_grant')
    const answer = await refresh({ dpop: proofOf() })
    expect([said(answer), answer.body['refresh_token']]).toEqual(['DPoP', expect.any(String)])
  })

  it('a proof that met a refused request may be used again: nothing was done with it', async () => {
    const proof = proofOf()
    expect(said(await ask(proof, { scope: 'admin' }))).toBe('invalid_scope')
    expect(said(await ask(proof))).toBe('DPoP')
  })

  function forge(header: object): string {
    const [, payload = ''] = proofOf().split('.')
    const text = JSON.stringify({ typ: 'dpop+jwt', jwk, ...header })
    return `${encodeBase64url(Buffer.from(text))}.${payload}.AAAA`
  }
})

/** Leaves out what is undefined. */
function without(header: object): Record<string, never> {
  return JSON.parse(JSON.stringify(header))
}
