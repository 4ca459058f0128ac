import { Hono } from 'hono'
import { jwk } from 'hono/jwk'
import { demand, row, setup, verifyAll } from './report.js'

async function ask(token, alg, verification) {
  const app = new Hono()
  app.use(jwk({ jwks_uri: setup.metadata.jwks_uri, alg: [alg], verification }))
  app.get('/', (context) => context.json(context.get('jwtPayload')))
  const reply = await app.request('/', { headers: { authorization: `Bearer ${token}` } })
  const text = await reply.text()
  demand(reply.ok, `${reply.status} ${reply.headers.get('www-authenticate')} ${text}`)
  return JSON.parse(text)
}

await row('without typ', () => {
  const { audience, valid } = setup.tokens.ES256
  return ask(valid, 'ES256', { iss: setup.issuer, aud: audience })
})
await verifyAll((token, aud, algorithm) =>
  ask(token, algorithm, { iss: setup.issuer, aud, typ: 'at+jwt' }),
)
