import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { storeFault } from '../store/port/fault.ts'
import { createEdge } from './edge.ts'
import type { Endpoint } from './exchange.ts'
import { listen, type Listening } from './listen.ts'
import { replyText } from './reply.ts'

const noted: unknown[] = []
const note = (facts: unknown) => void noted.push(facts)

const fail = () => {
  throw new Error('a fault of the page')
}
const failLater: Endpoint['handle'] = () => Promise.reject(new Error('a later fault'))
const failAway = () => {
  throw storeFault('unavailable', 'The database is away.')
}
const greet = () => replyText(200, 'hello')

const endpoints: readonly Endpoint[] = [
  { method: 'GET', path: '/page', isPage: true, handle: greet },
  { method: 'POST', path: '/page', isPage: true, handle: greet },
  { method: 'GET', path: '/page/fails', isPage: true, handle: fail },
  { method: 'GET', path: '/page/fails-later', isPage: true, handle: failLater },
  { method: 'GET', path: '/page/database-away', isPage: true, handle: failAway },
  { method: 'GET', path: '/protocol', handle: greet },
  { method: 'GET', path: '/protocol/fails', handle: fail },
]

let server: Listening
beforeAll(async () => {
  const edge = createEdge({
    endpoints,
    limits: { bodyBytesMax: 100 },
    log: { debug: note, info: note, warn: note, error: note },
    errorPage: ({ headers, query, requestId }, { status }) => {
      if (headers.accept !== 'text/html') return undefined
      if (query === 'broken') return Promise.reject(new Error('the page itself fails'))
      return Promise.resolve(replyText(status, `page ${status} ${requestId}`))
    },
    clockMs: () => performance.now(),
    idPrefix: 't',
  })
  server = await listen(edge, { hosts: ['127.0.0.1'], port: 0 })
})
afterAll(() => server.stop())

const ask = (path: string, accept: string, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${server.port}${path}`, { ...init, headers: { accept } })

describe('a browser gets a page with the request id', () => {
  test.each([
    { name: 'of a path without a row', path: '/nothing', status: 404 },
    { name: 'of a fault', path: '/page/fails', status: 500 },
    { name: 'of a later fault', path: '/page/fails-later', status: 500 },
    { name: 'of a database that is away', path: '/page/database-away', status: 503 },
    { name: 'of another method', path: '/page', method: 'DELETE', status: 405 },
    { name: 'of a long form', path: '/page', method: 'POST', body: 'x'.repeat(101), status: 413 },
  ])('$name', async ({ path, status, ...init }) => {
    const reply = await ask(path, 'text/html', init)
    expect(reply.status).toBe(status)
    expect(await reply.text()).toBe(`page ${status} ${reply.headers.get('x-request-id')}`)
  })
})

describe('all others get JSON', () => {
  test.each([
    { name: 'a program at a page', path: '/page/fails', accept: '*/*', status: 500 },
    { name: 'a program at no row', path: '/nothing', accept: '*/*', status: 404 },
    {
      name: 'a browser at the protocol',
      path: '/protocol/fails',
      accept: 'text/html',
      status: 500,
    },
    {
      name: 'a fault of the error page',
      path: '/page/fails?broken',
      accept: 'text/html',
      status: 500,
    },
  ])('$name', async ({ path, accept, status }) => {
    const reply = await ask(path, accept)
    expect(reply.status).toBe(status)
    expect(await reply.json()).toHaveProperty('error')
  })

  test('another method of the protocol, with the methods that it has', async () => {
    const reply = await ask('/protocol', 'text/html', { method: 'DELETE' })
    expect(reply.status).toBe(405)
    expect(reply.headers.get('allow')).toBe('GET, HEAD')
    expect(await reply.json()).toEqual({ error: 'method_not_allowed' })
  })
})

test('each fault is in the log once', async () => {
  noted.length = 0
  await ask('/page/fails', 'text/html')
  await ask('/page/fails?broken', 'text/html')
  expect(noted.map((facts) => (facts as { readonly path: string }).path)).toEqual([
    '/page/fails',
    '/page/fails',
    '/page/fails',
  ])
})
