// One protected route on Hono, with one of several guards before it.
import { createPublicKey } from 'node:crypto'
import { serve } from '@hono/node-server'
import { createGuard } from '@countersign/guard/hono'
import { Hono } from 'hono'
import type { MiddlewareHandler } from 'hono'
import { jwt } from 'hono/jwt'
import { createBareCheck } from '../../guard/bare-check.ts'
import { readSetting } from '../../guard/setting.ts'
import { audience, issuer } from '../../jwt/material.ts'

const setting = readSetting()
const app = new Hono()

const guards: Readonly<Record<string, () => MiddlewareHandler | Promise<MiddlewareHandler>>> = {
  none: () => (_, next) => next(),
  header: () => async (c, next) => {
    if (c.req.header('authorization') === undefined) return c.text('no', 401)
    return next()
  },
  bare: () => {
    const check = createBareCheck(setting)
    return async (c, next) => {
      if (!check(c.req.header('authorization'))) return c.text('no', 401)
      return next()
    }
  },
  ours: () => createGuard({ issuer, audience, keys: { keys: [setting.jwk] } }).protect(),
  'hono/jwt': withHonoJwt,
}

/** A CryptoKey spares hono/jwt the import of a key on each request. */
async function withHonoJwt(): Promise<MiddlewareHandler> {
  const secret = await crypto.subtle.importKey(
    'spki',
    createPublicKey(setting.publicPem).export({ type: 'spki', format: 'der' }),
    { name: 'ECDSA', namedCurve: 'P-256' },
    false,
    ['verify'],
  )
  const verification = { iss: issuer, aud: audience, typ: 'at+jwt' }
  return jwt({ secret, alg: 'ES256', verification })
}

const guard = guards[setting.guard]
if (guard === undefined) throw new RangeError(`there is no guard ${setting.guard}`)
app.get('/', (c) => c.text('ready'))
if (setting.guard === 'none') app.get('/protected', (c) => c.text('open'))
else app.get('/protected', await guard(), (c) => c.text('open'))
serve({ fetch: app.fetch, port: setting.port, hostname: '127.0.0.1' })
