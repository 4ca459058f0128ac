import { ClientCredentials } from 'simple-oauth2'
import { demandToken, row, setup } from './report.js'

const { token_endpoint: tokenEndpoint, revocation_endpoint: revocation } = setup.metadata
const grant = new ClientCredentials({
  client: setup.client,
  auth: {
    tokenHost: setup.issuer,
    tokenPath: new URL(tokenEndpoint).pathname,
    revokePath: new URL(revocation).pathname,
  },
})
let granted

await row('client secret', async () => {
  granted = await grant.getToken({ resource: setup.tokens.ES256.audience })
  demandToken(granted.token.access_token)
})
await row('revocation', () => granted.revoke('access_token'))
