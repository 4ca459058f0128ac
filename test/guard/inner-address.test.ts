import { createGuard, type Guard, type GuardOptions } from '@countersign/guard'
import { exportJwk, generateKey, publicKeyOf, signJwt } from '@countersign/jwt'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'

const outer = 'https://id.example'
const key = generateKey('ES256')

function aToken(iss: string): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss, aud: 'api', sub: 'alice', client_id: 'web', jti: 'j', iat: now }
  return signJwt({ ...claims, exp: now + 600 }, key, { typ: 'at+jwt' })
}

/** A server on a socket of this machine that keeps its requests. */
async function startServer(listener: RequestListener) {
  const requests: Pick<IncomingMessage, 'url' | 'headers'>[] = []
  const server = createServer((request, response) => {
    requests.push({ url: request.url, headers: request.headers })
    listener(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, requests }
}

const asJson: (document: (url: string) => object | undefined) => RequestListener =
  (document) =>
  ({ url = '' }, response) => {
    const found = document(url.split('?')[0] ?? '')
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(found ?? {}))
  }

const jwks = { keys: [exportJwk(publicKeyOf(key))] }

/** An issuer whose metadata has only outer addresses. */
async function startInner(metadata: object = {}) {
  const feed = {
    revocations_endpoint: `${outer}/revocations`,
    revocations_jwks_uri: `${outer}/feed-keys`,
  }
  const document = { issuer: outer, jwks_uri: `${outer}/jwks?set=1`, ...feed, ...metadata }
  return startServer(
    asJson((path) => {
      if (path === '/.well-known/oauth-authorization-server') return document
      return path === '/jwks' || path === '/feed-keys' ? jwks : undefined
    }),
  )
}

function aGuard(port: number, more: Partial<GuardOptions> = {}, addresses = ['127.0.0.1']): Guard {
  const guard = createGuard({
    issuer: outer,
    issuerAddress: `http://countersign:${port}`,
    plainHttpIssuerUnsafe: 'countersign',
    audience: 'api',
    warnings: false,
    ...more,
    deps: { lookUp: async () => addresses, ...more.deps },
  })
  onTestFinished(() => guard.close())
  return guard
}

async function says(guard: Guard, token: string): Promise<string> {
  const outcome = await guard.check({ rawHeaders: ['Authorization', `Bearer ${token}`] })
  return outcome.ok ? 'ok' : outcome.refusal.reason
}

const failureOf = (guard: Guard) => guard.health().issuers[0]?.keys.failure

describe('an issuer at an inner address', () => {
  it('is fetched there, and its tokens name the outer address', async () => {
    const { port, requests } = await startInner()
    const guard = aGuard(port)
    expect(await says(guard, aToken(outer))).toBe('ok')
    expect(await says(guard, aToken(`http://countersign:${port}`))).toBe('issuer_mismatch')
    expect(requests.map(({ url }) => url).slice(0, 2)).toEqual([
      '/.well-known/oauth-authorization-server',
      '/jwks?set=1',
    ])
    expect(new Set(requests.map(({ headers }) => headers.host))).toEqual(
      new Set([`countersign:${port}`]),
    )
  })

  it('may have a path inside and outside', async () => {
    const issuer = `${outer}/tenant`
    const inner = await startServer(
      asJson((path) => {
        if (path === '/.well-known/oauth-authorization-server/realms/one')
          return { issuer, jwks_uri: `${issuer}/jwks` }
        return path === '/realms/one/jwks' ? jwks : undefined
      }),
    )
    const issuerAddress = `http://countersign:${inner.port}/realms/one`
    expect(await says(aGuard(inner.port, { issuer, issuerAddress }), aToken(issuer))).toBe('ok')
  })

  it('may name its inner address itself', async () => {
    const document: { jwks_uri?: string } = {}
    const { port } = await startInner(document)
    const guard = aGuard(port)
    document.jwks_uri = `http://countersign:${port}/jwks`
    expect(await says(guard, aToken(outer))).toBe('ok')
  })

  it('receives the credential of the feed, and no other server does', async () => {
    const { port, requests } = await startInner()
    const outside: string[] = []
    const fetch = async (url: string) => {
      outside.push(url)
      throw new Error('nothing is outside')
    }
    const guard = aGuard(port, {
      revocation: { follow: 'poll', authorization: () => 'Bearer reader' },
      deps: { fetch },
    })
    expect(await says(guard, aToken(outer))).toBe('ok')
    await vi.waitFor(() =>
      expect(requests.some(({ url }) => url?.startsWith('/revocations'))).toBe(true),
    )
    const sent = requests.filter(({ headers }) => headers.authorization !== undefined)
    expect(new Set(sent.map(({ url }) => url?.split('?')[0]))).toEqual(new Set(['/revocations']))
    expect(outside).toEqual([])
  })

  it('opens the stream of the feed there too', async () => {
    const { port, requests } = await startInner()
    const { openEventStream } = await import('../../packages/guard/src/revocations/event-stream.ts')
    const { createIssuerRoute } = await import('../../packages/guard/src/keys/issuer-route.ts')
    const route = createIssuerRoute(
      {
        issuer: outer,
        issuerAddress: `http://countersign:${port}`,
        plainHttpIssuerUnsafe: 'countersign',
      },
      { fetch: () => Promise.reject(new Error('not used')), lookUp: async () => ['127.0.0.1'] },
    )
    const located = route.locate(`${outer}/revocations/stream`)
    if (!located.ok) throw new Error(located.refusal)
    const monotonic = () => performance.now() / 1000
    const target = { url: new URL(located.value), pin: route.pin, connectSeconds: 5, monotonic }
    await new Promise<void>((closed) => {
      openEventStream(target, { message: () => undefined, closed })
    })
    expect(requests.map(({ url, headers }) => [url, headers.host])).toEqual([
      ['/revocations/stream', `countersign:${port}`],
    ])
  })

  it.each<[string, string]>([
    ['another server', 'https://elsewhere.example/jwks'],
    ['a name that only begins like the issuer', 'https://id.example.evil.test/jwks'],
    ['the issuer at another port', 'https://id.example:8443/jwks'],
    ['the issuer without TLS', 'http://id.example/jwks'],
    ['the issuer with credentials', 'https://user:secret@id.example/jwks'],
    ['no address', 'jwks'],
  ])('is not fetched from %s', async (_, address) => {
    const { port, requests } = await startInner({ jwks_uri: address })
    const guard = aGuard(port, { revocation: false })
    expect(await says(guard, aToken(outer))).toBe('keys_unavailable')
    expect(failureOf(guard)).toContain(
      `jwks_uri_refused "${address}" (outside of issuer and issuerAddress)`,
    )
    expect(requests.map(({ url }) => url)).not.toContain('/jwks')
  })

  it('a feed at another server is not followed, gets no credential, and has a line', async () => {
    const elsewhere = await startServer(asJson(() => jwks))
    const { port } = await startInner({
      revocations_endpoint: `http://127.0.0.1:${elsewhere.port}/revocations`,
    })
    const lines: string[] = []
    const guard = aGuard(port, {
      revocation: { authorization: () => 'Bearer reader' },
      warnings: (line) => void lines.push(line),
    })
    expect(await says(guard, aToken(outer))).toBe('ok')
    await expect(guard.ready()).resolves.toBeUndefined()
    expect(guard.health().issuers[0]?.revocation?.state).toBe('none')
    expect(elsewhere.requests).toEqual([])
    expect(lines).toEqual([expect.stringContaining('metadata: revocations_endpoint_refused')])
  })

  it('a redirect is not followed', async () => {
    const elsewhere = await startServer(
      asJson(() => ({ issuer: outer, jwks_uri: `${outer}/jwks` })),
    )
    const inner = await startServer((_, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${elsewhere.port}/` }).end()
    })
    const guard = aGuard(inner.port)
    expect(await says(guard, aToken(outer))).toBe('keys_unavailable')
    expect(failureOf(guard)).toBe('metadata: status_not_ok 302')
    expect(elsewhere.requests).toEqual([])
  })

  it('an answer of more than the limit is refused', async () => {
    const inner = await startServer((_, response) => void response.end('x'.repeat(200 * 1024)))
    const guard = aGuard(inner.port, { revocation: false })
    expect(await says(guard, aToken(outer))).toBe('keys_unavailable')
    expect(failureOf(guard)).toBe('metadata: too_large')
  })
})

describe('plain http to a host', () => {
  it.each<[string, readonly string[]]>([
    ['a public address', ['93.184.216.34']],
    ['a private and a public address', ['127.0.0.1', '93.184.216.34']],
    ['the address of a metadata service', ['169.254.169.254']],
    ['a public IPv6 address', ['2606:2800:220:1::1']],
    ['no address', []],
  ])('with %s is refused before anything is sent', async (_, addresses) => {
    const { port, requests } = await startInner()
    const guard = aGuard(port, { revocation: false }, [...addresses])
    expect(await says(guard, aToken(outer))).toBe('keys_unavailable')
    expect(failureOf(guard)).toBe('metadata: unreachable ADDRESS_NOT_PRIVATE')
    expect(requests).toEqual([])
  })

  it('a name that moves to a public address is refused from then on', async () => {
    const { port, requests } = await startInner()
    const addresses = ['127.0.0.1']
    const guard = aGuard(port, { revocation: false }, addresses)
    expect(await says(guard, aToken(outer))).toBe('ok')
    addresses.splice(0, 1, '93.184.216.34')
    const before = requests.length
    const unknown = signJwt({ iss: outer }, generateKey('ES256', { kid: 'new' }), { typ: 'at+jwt' })
    expect(await says(guard, unknown)).toBe('key_unknown')
    expect(failureOf(guard)).toBe('metadata: unreachable ADDRESS_NOT_PRIVATE')
    expect(requests).toHaveLength(before)
  })

  it('serves an issuer that is itself the inner address', async () => {
    const documents = new Map<string, object>([['/jwks', jwks]])
    const { port } = await startServer(asJson((path) => documents.get(path)))
    const issuer = `http://countersign:${port}`
    documents.set('/.well-known/oauth-authorization-server', { issuer, jwks_uri: `${issuer}/jwks` })
    const guard = createGuard({
      issuer,
      plainHttpIssuerUnsafe: 'countersign',
      audience: 'api',
      revocation: false,
      deps: { lookUp: async () => ['127.0.0.1'] },
    })
    onTestFinished(() => guard.close())
    expect(await says(guard, aToken(issuer))).toBe('ok')
  })

  it('an inner address on this machine needs no exception', async () => {
    const { port } = await startInner()
    const guard = createGuard({
      issuer: outer,
      issuerAddress: `http://127.0.0.1:${port}`,
      audience: 'api',
      revocation: false,
    })
    onTestFinished(() => guard.close())
    expect(await says(guard, aToken(outer))).toBe('ok')
  })
})

describe('a guard throws for', () => {
  const inner = 'http://countersign:8000'
  it.each<[string, object, string]>([
    ['plain http without the option', { issuer: inner }, "plainHttpIssuerUnsafe: 'countersign'"],
    [
      'an inner address over plain http',
      { issuerAddress: inner },
      'countersign is not this machine',
    ],
    ['the form of before', { issuer: inner, plainHttpIssuerUnsafe: true }, 'is a text'],
    ['another host', { issuer: inner, plainHttpIssuerUnsafe: 'other' }, 'the issuer is at'],
    ['a host that nothing uses', { plainHttpIssuerUnsafe: 'countersign' }, 'the issuer is at'],
    ['an address for a host', { issuer: inner, plainHttpIssuerUnsafe: inner }, 'is a host name'],
    [
      'a host with a port',
      { issuer: inner, plainHttpIssuerUnsafe: 'countersign:8000' },
      'is a host name',
    ],
    [
      'a public address as host',
      { issuer: 'http://93.184.216.34', plainHttpIssuerUnsafe: '93.184.216.34' },
      'no private address',
    ],
    ['an inner address that is none', { issuerAddress: 'countersign:8000' }, 'no https address'],
    ['an inner address with a query', { issuerAddress: 'https://in.example/?a' }, 'issuerAddress'],
    [
      'one inner address for several issuers',
      { issuer: [outer, 'https://b.example'], issuerAddress: 'https://in.example' },
      'single issuer',
    ],
  ])('%s', (_, options, text) => {
    expect(() => createGuard({ issuer: outer, audience: 'api', ...options })).toThrow(text)
  })
})
