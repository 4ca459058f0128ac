import { createGuard } from '@countersign/guard'
import { createServer } from 'node:http'
import * as oidc from 'oidc-provider'
import { admit, grantAt, row, serving } from './guard.js'

const audience = 'https://api.example'
const client = { id: 'machine', secret: 'a-secret-of-this-test-only' }

/** The issuer under test, with JWT or opaque access tokens for one resource. */
async function withIssuer(accessTokenFormat, use) {
  const server = createServer()
  await serving(server, async (origin) => {
    const getResourceServerInfo = () => ({ scope: 'read', audience, accessTokenFormat })
    const provider = new oidc.Provider(origin, {
      clients: [
        {
          client_id: client.id,
          client_secret: client.secret,
          grant_types: ['client_credentials'],
          redirect_uris: [],
          response_types: [],
        },
      ],
      features: {
        clientCredentials: { enabled: true },
        introspection: { enabled: true },
        devInteractions: { enabled: false },
        resourceIndicators: { enabled: true, getResourceServerInfo },
      },
    })
    server.on('request', provider.callback())
    const token = await grantAt(`${origin}/token`, client, { resource: audience, scope: 'read' })
    await use(origin, token)
  })
}

await row('JWT', () =>
  withIssuer('jwt', (issuer, token) => admit(createGuard({ issuer, audience }), token)),
)
await row('opaque', () =>
  withIssuer('opaque', (issuer, token) => {
    const endpoint = `${issuer}/token/introspection`
    const introspection = { endpoint, clientId: client.id, clientSecret: client.secret }
    return admit(createGuard({ issuer, audience, introspection }), token)
  }),
)
