import { oauthProvider } from '@better-auth/oauth-provider'
import { createGuard } from '@countersign/guard'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import { jwt } from 'better-auth/plugins'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import { admit, grantAt, row, serving } from './guard.js'

const audience = 'https://api.example'
const pages = { loginPage: '/login', consentPage: '/consent' }
const server = createServer()

await serving(server, async (origin) => {
  const provider = oauthProvider({
    ...pages,
    scopes: ['read'],
    resources: [audience],
    enforcePerClientResources: false,
    clientPrivileges: () => true,
  })
  const auth = betterAuth({
    baseURL: origin,
    secret: randomBytes(32).toString('hex'),
    database: new DatabaseSync(':memory:'),
    emailAndPassword: { enabled: true },
    disabledPaths: ['/token'],
    plugins: [jwt(), provider],
  })
  await (await getMigrations(auth.options)).runMigrations()
  const answer = toNodeHandler(auth)
  server.on('request', (request, response) => {
    void answer(request, response)
  })
  const client = await registerClient(auth)
  const issuer = `${origin}/api/auth`
  const form = { resource: audience, scope: 'read' }
  const token = await grantAt(`${issuer}/oauth2/token`, client, form)
  await row('client_credentials', () => admit(createGuard({ issuer, audience }), token))
})

/** Signs up a person, who registers a client. */
async function registerClient(auth) {
  const password = randomBytes(16).toString('hex')
  const signedUp = await auth.api.signUpEmail({
    body: { name: 'Alice', email: 'alice@example.com', password },
    asResponse: true,
  })
  const cookies = signedUp.headers.getSetCookie().map((cookie) => cookie.split(';')[0])
  const { client_id: id, client_secret: secret } = await auth.api.adminCreateOAuthClient({
    headers: new Headers({ cookie: cookies.join('; ') }),
    body: {
      grant_types: ['client_credentials'],
      redirect_uris: ['https://app.example/back'],
      scope: 'read',
      client_credentials_scopes: ['read'],
    },
  })
  return { id, secret }
}
