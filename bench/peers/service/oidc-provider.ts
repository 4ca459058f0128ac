// oidc-provider with its in-memory store: client_credentials, refresh with rotation, introspection.
import { generateKeyPairSync } from 'node:crypto'
import Provider from 'oidc-provider'
import type { Configuration } from 'oidc-provider'

const { PORT = '0', ALG = 'ES256' } = process.env
const resource = 'https://api.example'
const accountId = 'user'
const scope = 'orders:read'

function privateJwk() {
  const { privateKey } =
    ALG === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { ...privateKey.export({ format: 'jwk' }), alg: ALG, use: 'sig', kid: 'bench' }
}

const configuration: Configuration = {
  clients: [
    {
      client_id: 'bench',
      client_secret: 'a-secret-of-a-machine-that-is-long-enough',
      grant_types: ['client_credentials', 'authorization_code', 'refresh_token'],
      redirect_uris: ['https://client.example/back'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: ALG === 'ES256' ? 'ES256' : 'RS256',
    },
  ],
  jwks: { keys: [privateJwk()] },
  enabledJWA: { idTokenSigningAlgValues: ['ES256', 'RS256'] },
  rotateRefreshToken: true,
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  scopes: ['openid', 'offline_access', scope],
  ttl: { AccessToken: 600, ClientCredentials: 600, RefreshToken: 86_400, Grant: 86_400 },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope,
        audience: resource,
        accessTokenTTL: 600,
        accessTokenFormat: process.env.FORMAT === 'opaque' ? 'opaque' : 'jwt',
        jwt: { sign: { alg: ALG === 'ES256' ? 'ES256' : 'RS256' } },
      }),
    },
  },
}
const provider = new Provider(`http://localhost:${PORT}`, configuration)

async function seedRefreshToken(): Promise<string> {
  const client = await provider.Client.find('bench')
  if (client === undefined) throw new Error('the client is missing')
  const grant = new provider.Grant({ accountId, clientId: 'bench' })
  grant.addOIDCScope('openid offline_access')
  grant.addResourceScope(resource, scope)
  const grantId = await grant.save()
  const token = new provider.RefreshToken({
    accountId,
    client,
    grantId,
    gty: 'authorization_code',
    scope: `offline_access ${scope}`,
    resource,
    rotations: 0,
    iiat: Math.floor(Date.now() / 1000),
    expiresWithSession: false,
    claims: {},
    acr: undefined,
    amr: undefined,
    authTime: Math.floor(Date.now() / 1000),
    nonce: undefined,
    sessionUid: undefined,
    sid: undefined,
  } as unknown as ConstructorParameters<typeof provider.RefreshToken>[0])
  return token.save()
}

provider.use(async (context, next) => {
  if (context.path === '/') {
    context.body = 'ready'
    return
  }
  if (context.path === '/seed') {
    context.body = await Promise.all(
      Array.from({ length: Number(context.query.count) }, seedRefreshToken),
    )
    return
  }
  await next()
})
provider.listen(Number(PORT), '127.0.0.1')
