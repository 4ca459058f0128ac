import { expressjwt } from 'express-jwt'
import jwksRsa from 'jwks-rsa'
import { throughExpress } from './express-app.js'
import { setup, verifyAll } from './report.js'

const secret = jwksRsa.expressJwtSecret({ jwksUri: setup.metadata.jwks_uri })

await verifyAll((token, audience, algorithm) => {
  const middleware = expressjwt({
    secret,
    issuer: setup.issuer,
    audience,
    algorithms: [algorithm],
  })
  return throughExpress(middleware, token, (request) => request.auth)
})
