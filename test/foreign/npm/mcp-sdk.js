import { auth } from '@modelcontextprotocol/sdk/client/auth.js'
import {
  ClientCredentialsProvider,
  PrivateKeyJwtProvider,
} from '@modelcontextprotocol/sdk/client/auth-extensions.js'
import { createServer } from 'node:http'
import { demand, demandToken, row, serving, setup } from './report.js'

// An MCP server that names this service as its authorization server, and its tokens as those of one resource.
const metadata = (resource) => ({ resource, authorization_servers: [setup.issuer] })
const resource = setup.tokens.ES256.audience
const server = createServer((request, response) => {
  const isMetadata = request.url.startsWith('/.well-known/oauth-protected-resource')
  response.writeHead(isMetadata ? 200 : 404, { 'content-type': 'application/json' })
  response.end(isMetadata ? JSON.stringify(metadata(`http://${request.headers.host}/mcp`)) : '{}')
})

async function login(provider) {
  provider.validateResourceURL = async () => new URL(resource)
  await serving(server, async (origin) => {
    const outcome = await auth(provider, { serverUrl: `${origin}/mcp` })
    demand(outcome === 'AUTHORIZED', outcome)
  })
  demandToken(provider.tokens().access_token)
}

const { id, ec } = setup.keys
const { id: clientId, secret: clientSecret } = setup.client
const expectedIssuer = setup.issuer

await row('ClientCredentialsProvider', () =>
  login(new ClientCredentialsProvider({ clientId, clientSecret, expectedIssuer })),
)
await row('PrivateKeyJwtProvider', () =>
  login(
    new PrivateKeyJwtProvider({
      clientId: id,
      privateKey: ec,
      algorithm: 'ES256',
      expectedIssuer,
    }),
  ),
)
