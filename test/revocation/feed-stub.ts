import type { WireEntry } from '@countersign/guard/revocations'
import type { FetchPort } from '../../packages/guard/src/outbound/fetch-document.ts'
import { exportJwk, generateKey, publicKeyOf, signJws, signJwt } from '@countersign/jwt'

/** An answer of one path: a status, a text with status 200, or none at all. */
export type StubAnswer = { readonly hangs: true } | number | string

/**
 * An issuer with a revocation feed that answers through a fetch port, without a socket and without a stream.
 * Units: seconds; its clock is the guard's.
 */
export function feedStub(issuer: string, now: () => number) {
  const feedKey = generateKey('ES256')
  const tokenKey = generateKey('ES256')
  const log = { epoch: 'one', epochStart: 0, entries: [] as WireEntry[], head: 0 }
  const asked: string[] = []
  const headers: Readonly<Record<string, string>>[] = []
  const answers = new Map<string, StubAnswer>()
  let ids = 0

  const documents: Readonly<Record<string, () => string>> = {
    '/.well-known/oauth-authorization-server': () =>
      JSON.stringify({
        issuer,
        jwks_uri: `${issuer}/jwks`,
        revocations_endpoint: `${issuer}/revocations`,
        revocations_jwks_uri: `${issuer}/feed-jwks`,
      }),
    '/jwks': () => JSON.stringify({ keys: [exportJwk(publicKeyOf(tokenKey))] }),
    '/feed-jwks': () => JSON.stringify({ keys: [exportJwk(publicKeyOf(feedKey))] }),
    '/revocations': () => page(),
  }

  function page(claims: object = {}): string {
    const { epoch, epochStart, entries, head } = log
    const iat = Math.floor(now())
    const body = { iss: issuer, iat, epoch, after: 0, to: head, head, keys: 'k', entries }
    return signJws(JSON.stringify({ ...body, epochStart, ...claims }), feedKey, {
      typ: 'revocation-page+jwt',
    })
  }

  const fetch: FetchPort = async (url, init) => {
    const { pathname } = new URL(url)
    asked.push(pathname)
    if (pathname === '/revocations') headers.push({ ...init?.headers })
    const given = answers.get(pathname) ?? documents[pathname]?.() ?? 404
    if (typeof given === 'object') {
      return new Promise((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new Error('aborted')))
      })
    }
    const [status, text] = typeof given === 'number' ? [given, ''] : [200, given]
    const body = (async function* bytes() {
      yield new TextEncoder().encode(text)
    })()
    return { status, headers: { get: () => null }, body }
  }

  return {
    issuer,
    fetch,
    log,
    asked,
    /** The headers of each request for a page. */
    headers,
    /** Answers of single paths in place of the stub's own. */
    answers,
    page,
    jwks: { keys: [exportJwk(publicKeyOf(tokenKey))] },
    token: (claims: object = {}): { readonly token: string; readonly jti: string } => {
      const iat = Math.floor(now())
      const jti = `${issuer}#${++ids}`
      const common = { iss: issuer, aud: 'api', sub: 's', client_id: 'c', iat, exp: iat + 3600 }
      return { token: signJwt({ ...common, jti, ...claims }, tokenKey, { typ: 'at+jwt' }), jti }
    },
    revoke: (jti: string): void => {
      log.head += 1
      log.entries.push([log.head, 'token', jti, Math.floor(now()) + 7200])
    },
  }
}

export type FeedStub = ReturnType<typeof feedStub>

/** One port for several stubs, by their host names. */
export function fetchOf(...stubs: readonly FeedStub[]): FetchPort {
  return async (url, init) => {
    const stub = stubs.find(({ issuer }) => url.startsWith(`${issuer}/`))
    if (stub === undefined) throw new Error('nobody there')
    return stub.fetch(url, init)
  }
}
