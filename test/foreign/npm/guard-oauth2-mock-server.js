import { createGuard } from '@countersign/guard'
import { OAuth2Server } from 'oauth2-mock-server'
import { admit, row } from './guard.js'

const audience = 'https://api.example'
const server = new OAuth2Server()
await server.issuer.keys.generate('RS256')
await server.start(0, 'localhost')
const issuer = server.issuer.url
const token = await server.issuer.buildToken({
  scopesOrTransform: (_header, payload) => Object.assign(payload, { aud: audience, scope: 'read' }),
})

await row('as it is', () => admit(createGuard({ issuer, audience }), token))
await row('with a profile', () =>
  admit(createGuard({ issuer, audience, profile: { typ: ['JWT'] } }), token),
)
await server.stop()
