import {
  createServer,
  IncomingMessage,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { once } from 'node:events'
import { connect as connectSocket, Socket, type AddressInfo } from 'node:net'
import { generateKey, publicKeyOf, signJwt } from '@countersign/jwt'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GuardRefused } from '../refusal.ts'
import { createGuard, sendAnswer } from './node.ts'

const key = generateKey('ES256')
const issuer = 'https://issuer.example'
const guard = createGuard({ issuer, audience: 'api', keys: publicKeyOf(key) })
const now = Math.floor(Date.now() / 1000)
const claims = {
  iss: issuer,
  aud: 'api',
  sub: 'alice',
  client_id: 'web',
  jti: 'one',
  iat: now,
  exp: now + 60,
  scope: 'read',
}
const token = signJwt(claims, key, { typ: 'at+jwt' })

const listener = guard.protect({ scope: 'read' }, (_request, response, caller) => {
  response.end(`hello ${caller.subject}`)
})
let server: Server
let address: string

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url !== '/extracted') return void listener(request, response)
    guard.require(request).then(
      (caller) => response.end(`extracted ${caller.subject}`),
      (refused: unknown) => {
        if (refused instanceof GuardRefused) sendAnswer(response, refused)
        else response.destroy()
      },
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

/** The promise class of another realm. */
const ForeignPromise: PromiseConstructor = runInNewContext('Promise')

describe('a handler that fails behind the node adapter', () => {
  type Handler = Parameters<typeof guard.protect>[1]
  const bug = new Error('bug')
  const rows: readonly (readonly [string, Handler, answer: unknown, faults: readonly unknown[]])[] =
    [
      [
        'at once',
        () => {
          throw bug
        },
        [500, ''],
        [bug],
      ],
      [
        'later',
        async () => {
          throw bug
        },
        [500, ''],
        [bug],
      ],
      ['with a promise of another realm', () => ForeignPromise.reject(bug), [500, ''], [bug]],
      [
        'after it set headers',
        async (_request, response) => {
          response.setHeader('x-own', '1')
          throw bug
        },
        [500, ''],
        [bug],
      ],
      [
        'after it began to answer',
        async (_request, response) => {
          response.write('half')
          throw bug
        },
        'closed',
        [bug],
      ],
      [
        'by a refusal',
        async (request) => {
          await guard.require(request, { scope: 'admin' })
        },
        [403, expect.stringContaining('insufficient_scope')],
        [],
      ],
      [
        'never',
        async (_request, response) => {
          response.end('fine')
        },
        [200, 'fine'],
        [],
      ],
    ]
  it.each(rows)('%s', async (_name, handler, expected, faults) => {
    const seen: unknown[] = []
    const failing = guard.protect({ scope: 'read' }, handler, (fault) => {
      seen.push(fault)
      throw new Error('a log that fails')
    })
    const own = createServer((request, response) => void failing(request, response))
    own.listen(0, '127.0.0.1')
    await once(own, 'listening')
    const { port } = own.address() as AddressInfo
    const headers = { authorization: `Bearer ${token}` }
    const answer = await fetch(`http://127.0.0.1:${port}`, { headers })
      .then(async (reply) => [reply.status, await reply.text()])
      .catch(() => 'closed')
    own.closeAllConnections()
    own.close()
    expect(answer).toEqual(expected)
    expect(seen).toEqual(faults)
  })
})

describe('the node adapter', () => {
  it('passes the caller to a listener', async () => {
    const answer = await fetch(address, { headers: { authorization: `Bearer ${token}` } })
    expect([answer.status, await answer.text()]).toEqual([200, 'hello alice'])
  })

  it('returns the caller from require()', async () => {
    const headers = { authorization: `Bearer ${token}` }
    const answer = await fetch(`${address}/extracted`, { headers })
    expect([answer.status, await answer.text()]).toEqual([200, 'extracted alice'])
  })

  it.each(['/', '/extracted'])('answers a refusal itself on %s', async (path) => {
    const answer = await fetch(address + path)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  })
})

describe('a request that a host made from an event, as cloud functions do', () => {
  const byBoth = createGuard({
    issuer,
    audience: 'api',
    keys: publicKeyOf(key),
    credentials: ['header', { cookie: '__Host-session' }],
  })
  /** A host assigns the members of `http.IncomingMessage`, so the raw list of headers stays empty. */
  async function ask(headers: IncomingHttpHeaders, method = 'GET'): Promise<string> {
    const request = Object.assign(new IncomingMessage(new Socket()), { method, url: '/', headers })
    expect(request.rawHeaders).toEqual([])
    const outcome = await byBoth.check(request)
    return outcome.ok ? outcome.value.subject : outcome.refusal.reason
  }

  it('is read by its other headers', async () => {
    expect(await ask({ authorization: `Bearer ${token}` })).toBe('alice')
    expect(await ask({ cookie: `a=1; __Host-session=${token}` })).toBe('alice')
    expect(await ask({})).toBe('credential_missing')
  })

  it('is read as strictly as any other', async () => {
    const cookie = `__Host-session=${token}`
    const host = 'api.example'
    expect(await ask({ authorization: `Bearer ${token}, Bearer x` })).toBe('credentials_ambiguous')
    expect(await ask({ cookie, host }, 'POST')).toBe('cross_site')
    expect(await ask({ cookie, host, origin: 'https://other.example' }, 'POST')).toBe('cross_site')
    expect(await ask({ cookie, host, origin: 'https://api.example' }, 'POST')).toBe('alice')
    expect(await ask({ 'x-list': ['a'], authorization: ['Bearer a', 'Bearer b'] as never })).toBe(
      'credentials_ambiguous',
    )
  })
})

it('reads over HTTP/2 a cookie in a field of its own and the host from :authority', async () => {
  const byCookie = createGuard({
    issuer,
    audience: 'api',
    keys: publicKeyOf(key),
    credentials: { cookie: '__Host-session' },
  })
  const checked = byCookie.protect({}, (_request, response, caller) => {
    response.end(`hello ${caller.subject}`)
  })
  // Frameworks pass the compatible request and response of HTTP/2 to the guard.
  const http2 = createHttp2Server((request, response) => {
    void checked(request as unknown as IncomingMessage, response as unknown as ServerResponse)
  }).listen(0, '127.0.0.1')
  await once(http2, 'listening')
  const { port } = http2.address() as AddressInfo
  const client = connectHttp2(`http://localhost:${port}`, {
    createConnection: () => connectSocket(port, '127.0.0.1'),
  })
  const ask = async (origin: string): Promise<string> => {
    const cookie = ['a=1', `__Host-session=${token}`]
    const stream = client.request({ ':method': 'POST', ':path': '/', cookie, origin })
    let body = ''
    for await (const part of stream.end().setEncoding('utf8')) body += String(part)
    return body
  }
  try {
    expect(await ask(`http://localhost:${port}`)).toBe('hello alice')
    expect(await ask('http://localhost:1')).toContain('cross_site')
  } finally {
    client.close()
    http2.close()
  }
})
