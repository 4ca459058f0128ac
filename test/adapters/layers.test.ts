import { serve as serveHono } from '@hono/node-server'
import { createGuard as expressGuard } from '@countersign/guard/express'
import { createGuard as fastifyGuard } from '@countersign/guard/fastify'
import { createGuard as fetchGuard } from '@countersign/guard/fetch'
import { createGuard as honoGuard } from '@countersign/guard/hono'
import { createGuard as koaGuard } from '@countersign/guard/koa'
import type { GuardOptions } from '@countersign/guard'
import { testIssuer } from '@countersign/guard/testing'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import mount from 'koa-mount'
import type { Server } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { StartApp } from './app.ts'
import { serve } from './apps/node.ts'
import { listening } from './listening.ts'
import { rawRequest } from './raw-request.ts'

/** Each app judges a request three times: over all routes, over one route and in its handler; `/admin` is mounted. */
const layered: Readonly<Record<string, StartApp>> = {
  express: async (policy) => {
    const guard = expressGuard(policy)
    const inner = express.Router().use(guard.protect())
    inner.get('/users', guard.protect({ scope: 'read' }), async (request, response) => {
      response.send((await guard.require(request, { scope: 'read' })).subject)
    })
    return serve(express().use(guard.protect()).use('/admin', inner))
  },
  koa: async (policy) => {
    const guard = koaGuard(policy)
    const inner = new Koa().use(guard.protect({ scope: 'read' })).use(async (context) => {
      context.body = (await guard.require(context, { scope: 'read' })).subject
    })
    const app = new Koa().use(guard.protect()).use(mount('/admin', inner))
    const listener = app.callback()
    return serve((request, response) => void listener(request, response))
  },
  hono: async (policy) => {
    const guard = honoGuard(policy)
    const inner = new Hono().get('/users', guard.protect({ scope: 'read' }), async (c) =>
      c.text((await guard.require(c, { scope: 'read' })).subject),
    )
    const app = new Hono().use(guard.protect()).mount('/admin', inner.fetch)
    return listening(serveHono({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }) as Server)
  },
  'hono with a route of another app': async (policy) => {
    const guard = honoGuard(policy)
    const inner = new Hono().get('/users', guard.protect({ scope: 'read' }), (c) =>
      c.text(c.var.caller.subject),
    )
    const app = new Hono().use(guard.protect()).route('/admin', inner)
    return listening(serveHono({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }) as Server)
  },
  fastify: async (policy) => {
    const guard = fastifyGuard(policy)
    const app = fastify()
    app.addHook('onRequest', guard.protect())
    await app.register(
      async (inner) => {
        inner.get('/users', { preHandler: guard.protect({ scope: 'read' }) }, async (request) => {
          return (await guard.require(request, { scope: 'read' })).subject
        })
      },
      { prefix: '/admin' },
    )
    const origin = await app.listen({ host: '127.0.0.1', port: 0 })
    return { origin, close: () => app.close() }
  },
  fetch: async (policy) => {
    const guard = fetchGuard(policy)
    const inner = guard.protect(
      { scope: 'read' },
      (_request, caller) => new Response(caller.subject),
    )
    const outer = guard.protect({}, (request) => inner(request))
    return listening(serveHono({ fetch: outer, hostname: '127.0.0.1', port: 0 }) as Server)
  },
}

const t = testIssuer()
const publicOrigin = 'https://api.example'
const policy: GuardOptions = { ...t.options, dpop: { publicOrigin } }

describe.each(Object.entries(layered))('guards in layers of %s', (_name, start) => {
  const sender = t.sender()
  const token = t.token({ sub: 'dora', scope: 'read', cnf: { jkt: sender.jkt } })

  async function ask(
    ...proofs: readonly string[]
  ): Promise<readonly (readonly [number, string])[]> {
    const app = await start(policy)
    const answers: (readonly [number, string])[] = []
    for (const proof of proofs) {
      const answer = await rawRequest(app.origin, 'GET', '/admin/users', [
        `Authorization: DPoP ${token}`,
        `DPoP: ${proof}`,
      ])
      answers.push([answer.status, answer.body.includes('dora') ? 'dora' : ''])
    }
    await app.close()
    return answers
  }

  it('accept one proof for the address, and accept it once', async () => {
    const proof = sender.proof({ token, url: `${publicOrigin}/admin/users` })
    expect(await ask(proof, proof)).toEqual([
      [200, 'dora'],
      [401, ''],
    ])
  })

  it('never accept a proof for the path behind the mount', async () => {
    const proof = sender.proof({ token, url: `${publicOrigin}/users` })
    expect(await ask(proof)).toEqual([[401, '']])
  })
})

describe('an application that is mounted without a guard in front', () => {
  const bare: Readonly<Record<string, StartApp>> = {
    koa: async (options) => {
      const guard = koaGuard(options)
      const inner = new Koa().use(guard.protect()).use((context) => {
        context.body = guard.caller(context).subject
      })
      const listener = new Koa().use(mount('/admin', inner)).callback()
      return serve((request, response) => void listener(request, response))
    },
    hono: async (options) => {
      const guard = honoGuard(options)
      const inner = new Hono().get('/users', guard.protect(), (c) => c.text(c.var.caller.subject))
      const app = new Hono().mount('/admin', inner.fetch)
      return listening(serveHono({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }) as Server)
    },
    fetch: async (options) => {
      const users = fetchGuard(options).protect(
        {},
        (_request, caller) => new Response(caller.subject),
      )
      const app = new Hono().mount('/admin', users)
      return listening(serveHono({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }) as Server)
    },
  }
  const sender = t.sender()
  const token = t.token({ sub: 'dora', cnf: { jkt: sender.jkt } })
  const rows = [
    ['koa', '/admin/users', 200],
    ['koa', '/users', 401],
    ['hono', '/admin/users', 200],
    ['hono', '/users', 401],
    ['fetch', '/admin/users', 200],
    ['fetch', '/users', 401],
  ] as const

  it.each(rows)('in %s answers a proof for %s by %d', async (name, path, status) => {
    const app = await bare[name]?.(policy)
    if (app === undefined) throw new Error(`there is no app ${name}`)
    const proof = sender.proof({ token, url: `${publicOrigin}${path}` })
    const headers = [`Authorization: DPoP ${token}`, `DPoP: ${proof}`]
    expect((await rawRequest(app.origin, 'GET', '/admin/users', headers)).status).toBe(status)
    await app.close()
  })
})
