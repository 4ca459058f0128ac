import fastifyCors from '@fastify/cors'
import { serve as serveHono } from '@hono/node-server'
import koaCors from '@koa/cors'
import { createNonces, type GuardOptions } from '@countersign/guard'
import { createGuard as expressGuard } from '@countersign/guard/express'
import { createGuard as fastifyGuard } from '@countersign/guard/fastify'
import { createGuard as fetchGuard } from '@countersign/guard/fetch'
import { createGuard as honoGuard } from '@countersign/guard/hono'
import { createGuard as koaGuard } from '@countersign/guard/koa'
import { createGuard as nestGuard } from '@countersign/guard/nest'
import { createGuard as nodeGuard } from '@countersign/guard/node'
import { testIssuer } from '@countersign/guard/testing'
import { Controller, Get, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import cors from 'cors'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { cors as honoCors } from 'hono/cors'
import Koa from 'koa'
import type { Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { secretOf, type App, type StartApp } from './app.ts'
import { listening } from './listening.ts'
import { serve } from './apps/node.ts'

const page = 'https://app.example'
const exposed = ['WWW-Authenticate', 'DPoP-Nonce', 'Retry-After']
const headers = ['Authorization', 'DPoP', 'Content-Type']

/** The headers that an application without a library sets; undefined for other origins. */
function corsHeaders(origin: string | null | undefined): Record<string, string> | undefined {
  if (origin !== page) return undefined
  return {
    'access-control-allow-origin': page,
    'access-control-allow-headers': headers.join(', '),
    'access-control-allow-methods': 'GET, POST',
    'access-control-expose-headers': exposed.join(', '),
    vary: 'Origin',
  }
}

/** Each app lets CORS answer first and the guard second, as docs/guard.md says. */
const apps: Readonly<Record<string, StartApp>> = {
  express: async (policy) => {
    const guard = expressGuard(policy)
    const app = express().use(cors({ origin: page, exposedHeaders: exposed }))
    app.use(guard.protect())
    app.get('/orders', (request, response) => {
      response.send(secretOf(guard.caller(request).subject))
    })
    return serve(app)
  },
  fastify: async (policy) => {
    const guard = fastifyGuard(policy)
    const app = fastify()
    await app.register(fastifyCors, { origin: page, exposedHeaders: exposed })
    app.addHook('onRequest', guard.protect())
    app.get('/orders', async (request) => secretOf(guard.caller(request).subject))
    return { origin: await app.listen({ host: '127.0.0.1', port: 0 }), close: () => app.close() }
  },
  hono: async (policy) => {
    const guard = honoGuard(policy)
    const app = new Hono()
      .use(honoCors({ origin: page, exposeHeaders: exposed, allowHeaders: headers }))
      .use(guard.protect())
      .get('/orders', (c) => c.text(secretOf(c.var.caller.subject)))
    return listening(serveHono({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }) as Server)
  },
  koa: async (policy) => {
    const guard = koaGuard(policy)
    const app = new Koa()
      .use(koaCors({ origin: page, exposeHeaders: exposed }))
      .use(guard.protect())
      .use((context) => {
        context.body = secretOf(guard.caller(context).subject)
      })
    const listener = app.callback()
    return serve((request, response) => void listener(request, response))
  },
  nest: async (policy) => {
    @Controller('orders')
    class OrdersController {
      @Get()
      orders(): string {
        return secretOf('dora')
      }
    }
    @Module({ controllers: [OrdersController] })
    class AppModule {}
    const app = await NestFactory.create(AppModule, { logger: false })
    app.enableCors({ origin: page, exposedHeaders: exposed })
    app.useGlobalGuards(nestGuard(policy))
    await app.listen(0, '127.0.0.1')
    return { origin: (await app.getUrl()).replace('[::1]', '127.0.0.1'), close: () => app.close() }
  },
  node: async (policy) => {
    const guard = nodeGuard(policy)
    const orders = guard.protect({}, (_request, response, caller) => {
      response.end(secretOf(caller.subject))
    })
    return serve((request, response) => {
      const own = corsHeaders(request.headers.origin)
      for (const [name, value] of Object.entries(own ?? {})) response.setHeader(name, value)
      if (request.method === 'OPTIONS') return void response.writeHead(204).end()
      void orders(request, response)
    })
  },
  fetch: async (policy) => {
    const guard = fetchGuard(policy)
    const orders = guard.protect({}, (_request, caller) => new Response(secretOf(caller.subject)))
    const withCors = async (request: Request): Promise<Response> => {
      const own = corsHeaders(request.headers.get('origin'))
      const preflight = request.method === 'OPTIONS'
      const response = preflight ? new Response(null, { status: 204 }) : await orders(request)
      for (const [name, value] of Object.entries(own ?? {})) response.headers.set(name, value)
      return response
    }
    return listening(serveHono({ fetch: withCors, hostname: '127.0.0.1', port: 0 }) as Server)
  },
}

const t = testIssuer()
const publicOrigin = 'https://api.example'
const policy: GuardOptions = { ...t.options, dpop: { publicOrigin, nonces: createNonces() } }

describe.each(Object.entries(apps))('%s with CORS before the guard', (_name, start) => {
  let app: App
  beforeAll(async () => {
    app = await start(policy)
  })
  afterAll(() => app.close())

  const ask = (method: string, more: Readonly<Record<string, string>> = {}, origin = page) =>
    fetch(`${app.origin}/orders`, { method, headers: { origin, ...more } })
  const preflight = {
    'access-control-request-method': 'GET',
    'access-control-request-headers': 'authorization,dpop',
  }
  const exposes = (answer: Response): readonly string[] =>
    (answer.headers.get('access-control-expose-headers') ?? '')
      .split(',')
      .map((name) => name.trim())

  it('answers a preflight, which carries no token', async () => {
    const answer = await ask('OPTIONS', preflight)
    expect(answer.ok).toBe(true)
    expect(answer.headers.get('access-control-allow-origin')).toBe(page)
    const allowed = (answer.headers.get('access-control-allow-headers') ?? '').toLowerCase()
    expect(['authorization', 'dpop'].filter((name) => !allowed.includes(name))).toEqual([])
  })

  it('lets the page read a refusal and its challenge', async () => {
    const answer = await ask('GET')
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([401, page])
    expect(answer.headers.get('www-authenticate')).toContain('DPoP')
    expect(exposes(answer)).toEqual(expect.arrayContaining(exposed))
  })

  it('lets the page learn a nonce, and answers with it', async () => {
    const sender = t.sender()
    const token = t.token({ sub: 'dora', cnf: { jkt: sender.jkt } })
    const send = (nonce?: string | null) => {
      const claims = nonce === undefined ? {} : { nonce }
      const dpop = sender.proof({ token, url: `${publicOrigin}/orders` }, claims)
      return ask('GET', { authorization: `DPoP ${token}`, dpop })
    }
    const first = await send()
    expect([first.status, first.headers.get('access-control-allow-origin')]).toEqual([401, page])
    const second = await send(first.headers.get('dpop-nonce'))
    expect([second.status, await second.text()]).toEqual([200, secretOf('dora')])
    expect(second.headers.get('access-control-allow-origin')).toBe(page)
  })

  it('gives the page of another origin no header', async () => {
    const answer = await ask('GET', {}, 'https://evil.example')
    expect(answer.status).toBe(401)
    expect(answer.headers.get('access-control-allow-origin')).not.toBe('https://evil.example')
    expect(answer.headers.get('access-control-allow-origin')).not.toBe('*')
  })
})

it('a guard before CORS refuses the preflight, so the page cannot call at all', async () => {
  const guard = expressGuard(policy)
  const app = await serve(
    express()
      .use(guard.protect())
      .use(cors({ origin: page })),
  )
  const answer = await fetch(`${app.origin}/orders`, {
    method: 'OPTIONS',
    headers: { origin: page },
  })
  expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([401, null])
  await app.close()
})
