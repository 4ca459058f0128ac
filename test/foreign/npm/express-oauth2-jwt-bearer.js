import { auth } from 'express-oauth2-jwt-bearer'
import { throughExpress } from './express-app.js'
import { setup, verifyAll } from './report.js'

await verifyAll((token, audience, tokenSigningAlg) => {
  const middleware = auth({
    issuerBaseURL: setup.issuer,
    audience,
    tokenSigningAlg,
    strict: true,
  })
  return throughExpress(middleware, token, (request) => request.auth.payload)
})
