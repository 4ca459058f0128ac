import jwt from 'jsonwebtoken'
import { JwksClient } from 'jwks-rsa'
import { setup, verifyAll } from './report.js'

const keys = new JwksClient({ jwksUri: setup.metadata.jwks_uri })

await verifyAll(async (token, audience, algorithm) => {
  const { kid } = jwt.decode(token, { complete: true }).header
  const key = (await keys.getSigningKey(kid)).getPublicKey()
  return jwt.verify(token, key, { issuer: setup.issuer, audience, algorithms: [algorithm] })
})
