import * as client from 'openid-client'
import { claimsOf, demand, demandToken, row, setup } from './report.js'

const parameters = { resource: setup.tokens.ES256.audience }
const plainHttp = { execute: [client.allowInsecureRequests] }

function discover(id, authentication, options = { algorithm: 'oauth2' }) {
  return client.discovery(new URL(setup.issuer), id, undefined, authentication, {
    ...plainHttp,
    ...options,
  })
}

const secret = client.ClientSecretBasic(setup.client.secret)
const found = await discover(setup.client.id, secret)

await row('discovery as it is', () => discover(setup.client.id, secret, {}))
await row('client secret', async () => {
  demandToken((await client.clientCredentialsGrant(found, parameters)).access_token)
})
for (const [name, use] of [
  ['ec', { name: 'ECDSA', namedCurve: 'P-256' }],
  ['rsa', { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }],
])
  await row(`private_key_jwt ${setup.keys[name].alg}`, async () => {
    const { kid, ...jwk } = setup.keys[name]
    const key = await crypto.subtle.importKey('jwk', { ...jwk, alg: undefined }, use, false, [
      'sign',
    ])
    const keyed = await discover(setup.keys.id, client.PrivateKeyJwt({ key, kid }))
    demandToken((await client.clientCredentialsGrant(keyed, parameters)).access_token)
  })
for (const algorithm of ['ES256', 'PS256', 'Ed25519'])
  await row(`DPoP ${algorithm}`, async () => {
    const DPoP = client.getDPoPHandle(found, await client.randomDPoPKeyPair(algorithm))
    const { access_token: token } = await client.clientCredentialsGrant(found, parameters, { DPoP })
    demand(claimsOf(token).cnf?.jkt !== undefined, 'the token is not bound')
  })
await row('introspection', async () => {
  const api = await discover(setup.api.id, client.ClientSecretBasic(setup.api.secret))
  const { active } = await client.tokenIntrospection(api, setup.tokens.ES256.valid)
  demand(active, 'not active')
})
await row('revocation', async () => {
  const { access_token: token } = await client.clientCredentialsGrant(found, parameters)
  await client.tokenRevocation(found, token)
  const api = await discover(setup.api.id, client.ClientSecretBasic(setup.api.secret))
  demand(!(await client.tokenIntrospection(api, token)).active, 'still active')
})
