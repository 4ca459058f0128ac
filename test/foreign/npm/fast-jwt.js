import { createVerifier } from 'fast-jwt'
import buildGetJwks from 'get-jwks'
import { row, setup, verifyAll } from './report.js'

const found = { issuersWhitelist: [setup.issuer] }
const keys = buildGetJwks({ ...found, jwksPath: '/.well-known/jwks.json' })

function verifyWith(source, token, audience) {
  const key = ({ header, payload }) =>
    source.getPublicKey({ kid: header.kid, alg: header.alg, domain: payload.iss })
  return createVerifier({ key, allowedIss: setup.issuer, allowedAud: audience })(token)
}

await verifyAll((token, audience) => verifyWith(keys, token, audience))
await row('providerDiscovery', () => {
  const { audience, valid } = setup.tokens.ES256
  return verifyWith(buildGetJwks({ ...found, providerDiscovery: true }), valid, audience)
})
