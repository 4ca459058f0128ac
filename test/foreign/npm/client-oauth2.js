import ClientOAuth2 from 'client-oauth2'
import { demandToken, row, setup } from './report.js'

await row('client secret', async () => {
  const client = new ClientOAuth2({
    clientId: setup.client.id,
    clientSecret: setup.client.secret,
    accessTokenUri: setup.metadata.token_endpoint,
  })
  const body = { resource: setup.tokens.ES256.audience }
  demandToken((await client.credentials.getToken({ body })).accessToken)
})
