import { createGuard } from '@countersign/guard'
import { execFileSync } from 'node:child_process'
import { sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { withFront } from '../front.js'
import { admit, demand, grantAt, row } from '../npm/guard.js'

const [built] = process.argv.slice(2)
const serviceUser = { id: 'sid1', secret: 'verysecret' }

/** A JWT access token by the JWT bearer grant, with the key that the example has for its user `service`. */
async function jwtAccessToken(issuer) {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: 'service', sub: 'service', aud: issuer, iat: now, exp: now + 60 }
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${part({ alg: 'RS256', kid: 'key1' })}.${part(claims)}`
  const assertion = `${text}.${sign('sha256', text, exampleKey()).toString('base64url')}`
  const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
  const body = new URLSearchParams({ grant_type, assertion, scope: 'openid' })
  const reply = await fetch(`${issuer}oauth/token`, { method: 'POST', body })
  const { access_token: token, ...rest } = await reply.json()
  demand(token !== undefined, `no token: ${JSON.stringify(rest)}`)
  return token
}

function exampleKey() {
  const words = ['list', '-m', '-f', '{{.Dir}}', 'github.com/zitadel/oidc/v3']
  const folder = execFileSync('go', words, { encoding: 'utf8' }).trim()
  return readFileSync(join(folder, 'example/server/service-key1.pem'))
}

const command = ({ port }) => ({
  words: [join(built, 'zitadel')],
  environment: { PORT: String(port) },
})
await withFront(command, async ({ origin }) => {
  const issuer = `${origin}/`
  const audience = issuer
  const profile = { typ: ['JWT'] }
  const token = await jwtAccessToken(issuer)
  const guarded = (options) => admit(createGuard({ issuer, audience, ...options }), token, {})
  await row('JWT as it is', () => guarded({}))
  await row('JWT with a profile', () => guarded({ profile }))
  await row('JWT with the issuer without its slash', () => guarded({ profile, issuer: origin }))
  await row('opaque', async () => {
    const opaque = await grantAt(`${issuer}oauth/token`, serviceUser, { scope: 'openid' })
    const introspection = {
      endpoint: `${issuer}oauth/introspect`,
      clientId: serviceUser.id,
      clientSecret: serviceUser.secret,
    }
    const options = { issuer, audience: serviceUser.id, introspection }
    await admit(createGuard(options), opaque, {})
  })
})
