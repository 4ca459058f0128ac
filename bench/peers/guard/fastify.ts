// One protected route on Fastify, with one of several guards before it.
import fastifyJwt from '@fastify/jwt'
import { createGuard } from '@countersign/guard/fastify'
import Fastify from 'fastify'
import type { onRequestHookHandler } from 'fastify'
import { createBareCheck } from '../../guard/bare-check.ts'
import { readSetting } from '../../guard/setting.ts'
import { audience, issuer } from '../../jwt/material.ts'

const setting = readSetting()
const app = Fastify({ logger: false })

const guards: Readonly<Record<string, () => Promise<onRequestHookHandler | undefined>>> = {
  none: async () => undefined,
  header: async () => (request, reply, done) => {
    if (request.headers.authorization === undefined) reply.code(401).send('no')
    else done()
  },
  bare: async () => {
    const check = createBareCheck(setting)
    return (request, reply, done) => {
      if (check(request.headers.authorization)) done()
      else reply.code(401).send('no')
    }
  },
  ours: async () => createGuard({ issuer, audience, keys: { keys: [setting.jwk] } }).protect(),
  '@fastify/jwt': () => withFastifyJwt(false),
  '@fastify/jwt, its cache on': () => withFastifyJwt(true),
}

async function withFastifyJwt(cache: boolean): Promise<onRequestHookHandler> {
  await app.register(fastifyJwt, {
    secret: { public: setting.publicPem },
    verify: { algorithms: ['ES256'], allowedIss: issuer, allowedAud: audience, cache },
  })
  return async (request) => {
    await request.jwtVerify()
  }
}

const make = guards[setting.guard]
if (make === undefined) throw new RangeError(`there is no guard ${setting.guard}`)
const guard = await make()
app.get('/', () => 'ready')
app.get('/protected', { ...(guard === undefined ? {} : { onRequest: guard }) }, () => 'open')
await app.listen({ port: setting.port, host: '127.0.0.1' })
