import { OAuth2Client } from '@badgateway/oauth2-client'
import { demand, demandToken, row, setup } from './report.js'

const clientOf = ({ id, secret }) =>
  new OAuth2Client({ server: setup.issuer, clientId: id, clientSecret: secret })
let granted

await row('client secret', async () => {
  granted = await clientOf(setup.client).clientCredentials({
    resource: [setup.tokens.ES256.audience],
  })
  demandToken(granted.accessToken)
})
await row('introspection', async () => {
  demand((await clientOf(setup.api).introspect(granted)).active, 'not active')
})
await row('revocation', async () => {
  await clientOf(setup.client).revoke(granted)
  demand(!(await clientOf(setup.api).introspect(granted)).active, 'still active')
})
