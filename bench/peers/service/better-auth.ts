// better-auth with its OAuth 2.1 plugin over SQLite in memory: client_credentials, refresh with rotation, introspection.
import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import { oauthProvider } from '@better-auth/oauth-provider'
import { betterAuth, type BetterAuthPlugin } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import { jwt } from 'better-auth/plugins'

const { PORT = '0' } = process.env
const clientId = 'bench'
const resource = 'https://api.example'
const grantTypes = [
  'client_credentials' as const,
  'authorization_code' as const,
  'refresh_token' as const,
]
const scopes = ['openid', 'offline_access', 'orders:read']

// Its own types do not agree with each other where an optional member must not be undefined.
const oauth = oauthProvider({
  loginPage: '/sign-in',
  consentPage: '/consent',
  scopes,
  grantTypes,
  resources: [resource],
  enforcePerClientResources: false,
  cachedTrustedClients: new Set([clientId]),
  cachedResources: new Set([resource]),
  accessTokenExpiresIn: 600,
  m2mAccessTokenExpiresIn: 600,
  rateLimit: { token: false, introspect: false },
}) as object as BetterAuthPlugin

const options = {
  baseURL: `http://localhost:${PORT}`,
  basePath: '/',
  secret: 'a-secret-of-this-server-that-is-long-enough',
  database: new DatabaseSync(':memory:'),
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  plugins: [
    jwt({ jwks: { keyPairConfig: { alg: 'ES256' as const } }, disableSettingJwtHeader: true }),
    oauth,
  ],
}
const { runMigrations } = await getMigrations(options)
await runMigrations()
const auth = betterAuth(options)
const { adapter, internalAdapter } = await auth.$context
const now = new Date()
const later = new Date(now.getTime() + 86_400_000)

/** Its default way to store secrets and tokens. */
function hashed(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

await adapter.create({
  model: 'oauthClient',
  data: {
    clientId,
    clientSecret: hashed('a-secret-of-a-machine-that-is-long-enough'),
    redirectUris: ['https://client.example/back'],
    responseTypes: ['code'],
    grantTypes,
    tokenEndpointAuthMethod: 'client_secret_basic',
    scopes,
    clientCredentialsScopes: ['orders:read'],
    createdAt: now,
    updatedAt: now,
  },
})
const user = await internalAdapter.createUser(
  { email: 'user@client.example', name: 'user', emailVerified: true },
  { method: 'admin' },
)

async function seedRefreshToken(): Promise<string> {
  const token = randomBytes(24).toString('base64url')
  await adapter.create({
    model: 'oauthRefreshToken',
    data: {
      token: hashed(token),
      clientId,
      userId: user.id,
      scopes: ['offline_access', 'orders:read'],
      resources: [resource],
      createdAt: now,
      expiresAt: later,
    },
  })
  return token
}

const handle = toNodeHandler(auth)
createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  if (pathname === '/') response.end('ready')
  else if (pathname === '/seed') {
    const seeds = Array.from({ length: Number(searchParams.get('count')) }, seedRefreshToken)
    Promise.all(seeds).then(
      (tokens) => response.end(JSON.stringify(tokens)),
      (error: unknown) => response.destroy(error instanceof Error ? error : undefined),
    )
  } else void handle(request, response)
}).listen(Number(PORT), '127.0.0.1')
