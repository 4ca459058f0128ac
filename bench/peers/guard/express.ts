// One protected route on Express, with one of several guards before it.
import { createPublicKey } from 'node:crypto'
import { createGuard } from '@countersign/guard/express'
import express from 'express'
import type { RequestHandler } from 'express'
import { expressjwt } from 'express-jwt'
import { auth } from 'express-oauth2-jwt-bearer'
import { createBareCheck } from '../../guard/bare-check.ts'
import { readSetting } from '../../guard/setting.ts'
import { audience, issuer } from '../../jwt/material.ts'

const setting = readSetting()
const app = express()
app.disable('x-powered-by')
app.disable('etag')

const guards: Readonly<Record<string, () => RequestHandler>> = {
  none: () => (_request, _response, next) => next(),
  header: () => (request, response, next) => {
    if (request.headers.authorization === undefined) response.status(401).send('no')
    else next()
  },
  bare: () => {
    const check = createBareCheck(setting)
    return (request, response, next) => {
      if (check(request.headers.authorization)) next()
      else response.status(401).send('no')
    }
  },
  ours: () => createGuard({ issuer, audience, keys: { keys: [setting.jwk] } }).protect(),
  'express-jwt': () =>
    expressjwt({
      secret: createPublicKey(setting.publicPem),
      algorithms: ['ES256'],
      issuer,
      audience,
    }),
  'express-oauth2-jwt-bearer': () =>
    auth({
      issuer,
      audience,
      jwksUri: `http://127.0.0.1:${setting.port}/jwks.json`,
      tokenSigningAlg: 'ES256',
    }),
}

const guard = guards[setting.guard]
if (guard === undefined) throw new RangeError(`there is no guard ${setting.guard}`)
app.get('/', (_, response) => {
  response.type('text/plain').send('ready')
})
app.get('/jwks.json', (_, response) => {
  response.json({ keys: [setting.jwk] })
})
const respond: RequestHandler = (_, response) => {
  response.type('text/plain').send('open')
}
if (setting.guard === 'none') app.get('/protected', respond)
else app.get('/protected', guard(), respond)
app.listen(setting.port, '127.0.0.1')
