import { testIssuer } from '@countersign/guard/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App, StartApp } from './app.ts'
import { start as express } from './apps/express.ts'
import { start as fastify } from './apps/fastify.ts'
import { start as fetch } from './apps/fetch.ts'
import { start as hono } from './apps/hono.ts'
import { start as koa } from './apps/koa.ts'
import { start as nest } from './apps/nest.ts'
import { start as node } from './apps/node.ts'
import { rawRequest } from './raw-request.ts'
import { pathTricks, scenarios } from './scenarios.ts'

const apps: Readonly<Record<string, StartApp>> = { node, hono, express, fastify, koa, fetch, nest }
const t = testIssuer()

describe.each(Object.entries(apps))('%s', (_name, start) => {
  let app: App
  beforeAll(async () => {
    app = await start({ ...t.options, credentials: ['header', { cookie: '__Host-session' }] })
  })
  afterAll(() => app.close())

  it.each(scenarios)('$name', async (scenario) => {
    const { method = 'GET', path = '/api/orders', headers, status, challenge, reads } = scenario
    const answer = await rawRequest(app.origin, method, path, headers(t))
    const line = answer.head.split('\r\n').find((header) => /^www-authenticate:/iu.test(header))
    const secret = /the secret of (?<who>\w+)/u.exec(answer.body)?.groups?.['who']
    expect([answer.status, secret]).toEqual([status, reads])
    expect(line ?? '').toContain(challenge ?? '')
  })

  it.each(pathTricks)('reads nothing at %s without a token', async (path) => {
    for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS']) {
      const answer = await rawRequest(app.origin, method, path, [])
      expect(answer.body).not.toContain('the secret')
      expect(answer.status).not.toBe(500)
    }
  })

  it('refuses every forged token, before the proof with one answer', async () => {
    const tokens = t.attackTokens()
    expect(tokens.length).toBeGreaterThan(40)
    const unproven = new Set<string>()
    for (const { name: attack, token } of tokens) {
      const answer = await rawRequest(app.origin, 'GET', '/api/orders', [
        `Authorization: Bearer ${token}`,
      ])
      expect([attack, answer.status, answer.body.includes('the secret')]).toEqual([
        attack,
        401,
        false,
      ])
      if (answer.body.includes('is not valid')) unproven.add(withoutDate(answer.head) + answer.body)
    }
    expect(unproven.size).toBe(1)
  })
})

/** Starts some of the apps for a few questions and closes them again. */
async function withApp(name: string, ask: (get: Get) => Promise<void>): Promise<void> {
  const app = await apps[name]?.(t.options)
  if (app === undefined) throw new Error(`there is no app ${name}`)
  try {
    await ask((path, token) =>
      rawRequest(
        app.origin,
        'GET',
        path,
        token === undefined ? [] : [`Authorization: Bearer ${token}`],
      ),
    )
  } finally {
    await app.close()
  }
}

type Get = (path: string, token?: string) => ReturnType<typeof rawRequest>

it.each(Object.keys(apps))(
  'a token bound to its sender is accepted by %s with a proof for the address',
  async (name) => {
    const publicOrigin = 'https://shop.test'
    const app = await apps[name]?.({ ...t.options, dpop: { publicOrigin } })
    if (app === undefined) throw new Error(`there is no app ${name}`)
    const sender = t.sender()
    const token = t.token({ sub: 'dora', scope: 'read', cnf: { jkt: sender.jkt } })
    const ask = (url: string) =>
      rawRequest(app.origin, 'GET', '/api/orders?page=2', [
        `Authorization: DPoP ${token}`,
        `DPoP: ${sender.proof({ token, url })}`,
      ])
    try {
      expect((await ask(`${publicOrigin}/api/orders`)).body).toContain('the secret of dora')
      expect((await ask(`${publicOrigin}/orders`)).status).toBe(401)
      expect((await ask(`${app.origin}/api/orders`)).status).toBe(401)
    } finally {
      await app.close()
    }
  },
)

it.each(['hono', 'express', 'fastify', 'koa'])(
  'an optional route of %s accepts requests without a credential and good callers, and refuses bad ones',
  (name) =>
    withApp(name, async (get) => {
      expect((await get('/api/optional')).body).toContain('nobody')
      expect((await get('/api/optional', t.token({ sub: 'bob' }))).body).toContain('bob')
      expect((await get('/api/optional', t.wrongKey())).status).toBe(401)
    }),
)

it.each(['express', 'fastify', 'koa'])(
  'a handler of %s that reads a caller without an admission throws',
  (name) =>
    withApp(name, async (get) => {
      expect((await get('/api/forgotten', t.token())).status).toBe(500)
    }),
)

it('in Nest an unmarked route is refused and @Public() opens one', () =>
  withApp('nest', async (get) => {
    expect((await get('/api/unmarked')).status).toBe(401)
    expect((await get('/api/unmarked', t.token())).status).toBe(200)
    expect((await get('/api/open')).body).toContain('open')
  }))

function withoutDate(head: string): string {
  return head
    .split('\r\n')
    .filter((line) => !/^date:/iu.test(line))
    .join('\n')
}
