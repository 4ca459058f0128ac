import { JwtVerifier } from 'aws-jwt-verify'
import { setup, verifyAll } from './report.js'

const jwksUri = `${setup.tls}${new URL(setup.metadata.jwks_uri).pathname}`

if (setup.tls === undefined) console.log('unable\topenssl is needed to serve the keys over https')
else
  await verifyAll((token, audience) =>
    JwtVerifier.create({ issuer: setup.issuer, audience, jwksUri }).verify(token),
  )
