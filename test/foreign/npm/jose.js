import { createRemoteJWKSet, jwtVerify } from 'jose'
import { setup, verifyAll } from './report.js'

const keys = createRemoteJWKSet(new URL(setup.metadata.jwks_uri))

await verifyAll(async (token, audience) => {
  const options = { issuer: setup.issuer, audience, typ: 'at+jwt' }
  return (await jwtVerify(token, keys, options)).payload
})
