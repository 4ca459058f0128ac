import { generateKeyPairSync } from 'node:crypto'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { exportJwk, generateKey, publicKeyOf, signJwt } from '@countersign/jwt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { api, type Service, startService } from '../service.ts'

const third = 'https://third.test'
const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange'
const bearerGrant = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const accessToken = 'urn:ietf:params:oauth:token-type:access_token'
const grantTypes = ['client_credentials', 'refresh_token', exchangeGrant, bearerGrant]
const access = [
  { audience: api, scopes: ['read', 'write'] },
  { audience: third, scopes: ['read'] },
]
const insecure = { [oauth.allowInsecureRequests]: true } as const

const idp = generateKey('ES256')
const trustedIssuers = [
  {
    issuer: 'https://idp.test',
    jwks: { keys: [exportJwk(publicKeyOf(idp))] },
    algorithms: ['ES256'] as const,
    subjects: ['bob'],
    clients: ['shop'],
    access,
  },
]

/** A private key as the clients of others want it, and its public half as we keep it. */
async function robotKey(): Promise<{ readonly key: CryptoKey; readonly jwks: string }> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const der = new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' }))
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const key = await crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
  const { kty, crv, x, y } = privateKey.export({ format: 'jwk' })
  return { key, jwks: JSON.stringify({ keys: [{ kty, crv, x, y, alg: 'ES256' }] }) }
}

describe('clients of others, as shipped', () => {
  let service: Service
  let server: oauth.AuthorizationServer
  let secret: string
  let apiSecret: string
  let robot: CryptoKey
  const shop = { client_id: 'shop' }

  beforeAll(async () => {
    service = await startService({ trustedIssuers })
    await service.addResource({ audience: third })
    const resource = await service.store.resources.find(api)
    if (resource === undefined) throw new Error('the resource is gone')
    const operator = { requestId: 'r', address: null, actor: 'operator' }
    await service.store.resources.change({ ...resource, clientId: 'api' }, operator)
    secret = await service.addClient({ grantTypes, access })
    apiSecret = await service.addClient({ id: 'api', grantTypes, access: access.slice(1) })
    const { key, jwks } = await robotKey()
    robot = key
    await service.addClient({
      id: 'robot',
      authentication: 'private_key_jwt',
      jwks,
      grantTypes,
      access,
    })
    const issuer = new URL(service.issuer)
    const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
    server = await oauth.processDiscoveryResponse(issuer, found)
  })
  afterAll(() => service.close())

  const configured = (id: string, auth: openid.ClientAuth) => {
    const config = new openid.Configuration(server, id, undefined, auth)
    openid.allowInsecureRequests(config)
    return config
  }

  describe('oauth4webapi', () => {
    it.each([
      ['client_secret_basic', () => oauth.ClientSecretBasic(secret)],
      ['client_secret_post', () => oauth.ClientSecretPost(secret)],
    ])('client_credentials with %s, and the token as RFC 9068 has it', async (_, auth) => {
      const reply = await oauth.clientCredentialsGrantRequest(
        server,
        shop,
        auth(),
        { scope: 'read' },
        insecure,
      )
      const result = await oauth.processClientCredentialsResponse(server, shop, reply)
      expect(result).toMatchObject({ token_type: 'bearer', scope: 'read', expires_in: 600 })
      const request = new Request('https://api.test/', {
        headers: { authorization: `Bearer ${result.access_token}` },
      })
      const claims = await oauth.validateJwtAccessToken(server, request, api, insecure)
      expect(claims).toMatchObject({ client_id: 'shop', aud: api, scope: 'read' })
    })

    it('private_key_jwt, and the same assertion never twice', async () => {
      const client = { client_id: 'robot' }
      const sent: string[] = []
      const request = () =>
        oauth.clientCredentialsGrantRequest(
          server,
          client,
          oauth.PrivateKeyJwt(robot),
          {},
          {
            ...insecure,
            [oauth.customFetch]: (url, options) => {
              sent.push(String(options.body))
              return fetch(url, options)
            },
          },
        )
      await oauth.processClientCredentialsResponse(server, client, await request())
      const again = await service.post('/oauth2/token', [...new URLSearchParams(sent[0])])
      expect(again).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    })

    it('a refresh, a revocation and both forms of introspection', async () => {
      const auth = oauth.ClientSecretBasic(secret)
      const token = await service.login('shop')
      const reply = await oauth.refreshTokenGrantRequest(server, shop, auth, token, insecure)
      const fresh = await oauth.processRefreshTokenResponse(server, shop, reply)
      expect(fresh.refresh_token).not.toBe(token)

      const reader = { client_id: 'api', introspection_signed_response_alg: 'ES256' }
      const introspect = async (signed: boolean) => {
        const options = { ...insecure, requestJwtResponse: signed }
        const readerAuth = oauth.ClientSecretBasic(apiSecret)
        const told = await oauth.introspectionRequest(
          server,
          reader,
          readerAuth,
          fresh.access_token,
          options,
        )
        const result = await oauth.processIntrospectionResponse(server, reader, told)
        if (signed) await oauth.validateApplicationLevelSignature(server, told, insecure)
        return result
      }
      expect(await introspect(false)).toMatchObject({ active: true, client_id: 'shop' })
      expect(await introspect(true)).toMatchObject({ active: true, client_id: 'shop' })

      const revoked = await oauth.revocationRequest(
        server,
        shop,
        auth,
        String(fresh.refresh_token),
        insecure,
      )
      expect(await oauth.processRevocationResponse(revoked)).toBeUndefined()
      expect(await introspect(true)).toMatchObject({ active: false })
    })
  })

  it('oauth4webapi: a bound token, after the nonce was asked for', async () => {
    const DPoP = oauth.DPoP({}, await oauth.generateKeyPair('ES256'))
    const ask = async () => {
      const auth = oauth.ClientSecretBasic(secret)
      const reply = await oauth.clientCredentialsGrantRequest(
        server,
        shop,
        auth,
        {},
        { ...insecure, DPoP },
      )
      return oauth.processClientCredentialsResponse(server, shop, reply)
    }
    const first = await ask().catch((fault: unknown) => fault)
    expect(oauth.isDPoPNonceError(first)).toBe(true)
    expect(await ask()).toMatchObject({ token_type: 'dpop' })
  })

  describe('openid-client', () => {
    it('a bound token and a bound refresh, the nonce asked for on the way', async () => {
      const config = configured('shop', openid.ClientSecretBasic(secret))
      const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair())
      expect(await openid.clientCredentialsGrant(config, {}, { DPoP })).toMatchObject({
        token_type: 'dpop',
      })
      const refreshed = await openid.refreshTokenGrant(
        config,
        await service.login('shop'),
        {},
        { DPoP },
      )
      expect(refreshed).toMatchObject({ token_type: 'dpop', refresh_token: expect.any(String) })
    })

    it('client_credentials with each method of authentication', async () => {
      for (const auth of [openid.ClientSecretBasic(secret), openid.ClientSecretPost(secret)]) {
        const result = await openid.clientCredentialsGrant(configured('shop', auth), {
          resource: third,
        })
        expect(result).toMatchObject({ token_type: 'bearer', scope: 'read' })
      }
      const config = configured('robot', openid.PrivateKeyJwt(robot))
      expect(await openid.clientCredentialsGrant(config)).toMatchObject({ scope: 'read write' })
    })

    it('refresh, introspection and revocation', async () => {
      const config = configured('shop', openid.ClientSecretPost(secret))
      const result = await openid.refreshTokenGrant(config, await service.login('shop'))
      const reader = configured('api', openid.ClientSecretBasic(apiSecret))
      expect(await openid.tokenIntrospection(reader, result.access_token)).toMatchObject({
        active: true,
      })
      await openid.tokenRevocation(config, result.access_token)
      expect(await openid.tokenIntrospection(reader, result.access_token)).toEqual({
        active: false,
      })
    })

    it('token exchange by the client of the resource that was called', async () => {
      const config = configured('shop', openid.ClientSecretBasic(secret))
      const { access_token } = await openid.clientCredentialsGrant(config)
      const reader = configured('api', openid.ClientSecretBasic(apiSecret))
      const subject = { subject_token: access_token, subject_token_type: accessToken }
      const result = await openid.genericGrantRequest(reader, exchangeGrant, {
        ...subject,
        resource: third,
      })
      expect(result).toMatchObject({ issued_token_type: accessToken, scope: 'read' })
      expect(result.refresh_token).toBeUndefined()
      await expect(
        openid.genericGrantRequest(config, exchangeGrant, subject),
      ).rejects.toMatchObject({
        error: 'invalid_request',
      })
    })

    it('a JWT bearer assertion, once', async () => {
      const config = configured('shop', openid.ClientSecretBasic(secret))
      const now = service.now()
      const claims = { iss: 'https://idp.test', sub: 'bob', aud: service.issuer, jti: 'one' }
      const assertion = signJwt({ ...claims, iat: now, exp: now + 120 }, idp)
      const result = await openid.genericGrantRequest(config, bearerGrant, { assertion })
      expect(result).toMatchObject({ token_type: 'bearer' })
      await expect(
        openid.genericGrantRequest(config, bearerGrant, { assertion }),
      ).rejects.toMatchObject({
        error: 'invalid_grant',
      })
    })
  })
})
