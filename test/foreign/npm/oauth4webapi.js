import * as oauth from 'oauth4webapi'
import { demandToken, row, setup, verifyAll } from './report.js'

const insecure = { [oauth.allowInsecureRequests]: true }
const issuer = new URL(setup.issuer)
const server = await oauth
  .discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
  .then((reply) => oauth.processDiscoveryResponse(issuer, reply))

await verifyAll((token, audience) => {
  const request = new Request('https://api.example', {
    headers: { authorization: `Bearer ${token}` },
  })
  return oauth.validateJwtAccessToken(server, request, audience, insecure)
})

const parameters = { resource: setup.tokens.ES256.audience }

async function grant(clientId, authentication) {
  const client = { client_id: clientId }
  const reply = await oauth.clientCredentialsGrantRequest(
    server,
    client,
    authentication,
    parameters,
    insecure,
  )
  const { access_token: token } = await oauth.processClientCredentialsResponse(
    server,
    client,
    reply,
  )
  demandToken(token)
}

await row('client secret', () =>
  grant(setup.client.id, oauth.ClientSecretBasic(setup.client.secret)),
)
await row('private_key_jwt ES256', async () => {
  const { kid, ...jwk } = setup.keys.ec
  const use = { name: 'ECDSA', namedCurve: 'P-256' }
  const key = await crypto.subtle.importKey('jwk', { ...jwk, alg: undefined }, use, false, ['sign'])
  await grant(setup.keys.id, oauth.PrivateKeyJwt({ key, kid }))
})
