import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authorize, openWorld, redirectUri, type App, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.place.addUser(['ann', 'ann@example.org'], { profile: { name: 'Ann Wren' } })
})
afterAll(() => world.close())

/** The secret of an app, as its library wants it. */
function secretOf({ id, authorization }: App): string {
  const pair = Buffer.from(authorization.slice('Basic '.length), 'base64').toString()
  return pair.slice(id.length + 1)
}

/** Opens an address of a library in a browser, signs in and agrees, and gives the address of the answer. */
async function visit(address: URL): Promise<URL> {
  const fields = Object.fromEntries(address.searchParams)
  const answer = await authorize(world.fresh(), {
    code_challenge: '',
    code_challenge_method: '',
    state: '',
    ...fields,
  })
  return new URL(`${redirectUri}?${answer.toString()}`)
}

describe('libraries of others', () => {
  it('openid-client signs in, reads userinfo and refreshes', async () => {
    const app = await world.addApp({ id: 'with-openid-client' })
    const config = await client.discovery(
      new URL(world.node.issuer),
      app.id,
      { id_token_signed_response_alg: 'RS256' },
      client.ClientSecretBasic(secretOf(app)),
      { execute: [client.allowInsecureRequests] },
    )
    const verifier = client.randomPKCECodeVerifier()
    const [state, nonce] = [client.randomState(), client.randomNonce()]
    const address = client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid profile email offline_access',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
      max_age: '900',
    })
    const tokens = await client.authorizationCodeGrant(config, await visit(address), {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      maxAge: 900,
    })
    const subject = tokens.claims()?.sub ?? ''
    const told = await client.fetchUserInfo(config, tokens.access_token, subject)
    expect(told).toMatchObject({ sub: subject, name: 'Ann Wren' })
    // Nobody has verified that address.
    expect(told).not.toHaveProperty('email')
    const next = await client.refreshTokenGrant(config, tokens.refresh_token ?? '')
    expect(next.claims()?.sub).toBe(subject)
    expect(next.refresh_token).not.toBe(tokens.refresh_token)
  })

  it('oauth4webapi signs in at a public client, and refuses an answer of another issuer', async () => {
    const app = await world.addApp({
      id: 'public-app',
      record: { authentication: 'none', secrets: [] },
    })
    const issuer = new URL(world.node.issuer)
    const insecure = { [oauth.allowInsecureRequests]: true }
    const server = await oauth
      .discoveryRequest(issuer, { algorithm: 'oidc', ...insecure })
      .then((reply) => oauth.processDiscoveryResponse(issuer, reply))
    const me = { client_id: app.id }
    const verifier = oauth.generateRandomCodeVerifier()
    const address = new URL(server.authorization_endpoint ?? '')
    address.search = new URLSearchParams({
      client_id: app.id,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }).toString()
    const answer = await visit(address)
    const parameters = oauth.validateAuthResponse(server, me, answer, oauth.expectNoState)
    const reply = await oauth.authorizationCodeGrantRequest(
      server,
      me,
      oauth.None(),
      parameters,
      redirectUri,
      verifier,
      insecure,
    )
    const tokens = await oauth.processAuthorizationCodeResponse(server, me, reply, {
      expectedNonce: oauth.expectNoNonce,
      requireIdToken: true,
    })
    expect(oauth.getValidatedIdTokenClaims(tokens)).toMatchObject({ aud: app.id, acr: '1' })
    answer.searchParams.set('iss', 'https://other.example')
    expect(() => oauth.validateAuthResponse(server, me, answer, oauth.expectNoState)).toThrow('iss')
  })
})
