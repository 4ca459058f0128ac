import type { TestIssuer } from '@countersign/guard/testing'

/** One row: a request, and the answer that every framework must give. */
export interface Scenario {
  readonly name: string
  readonly method?: string
  readonly path?: string
  /** Lines as they go over the socket. */
  readonly headers: (t: TestIssuer) => readonly string[]
  readonly status: number
  /** Part of `WWW-Authenticate`. */
  readonly challenge?: string
  /** The caller whose secret is read. In all other rows no secret is read. */
  readonly reads?: string
}

const bearer = (token: string): string => `Authorization: Bearer ${token}`
const good = (t: TestIssuer): string => t.token({ sub: 'alice', scope: 'read' })
const session = (t: TestIssuer): string => `Cookie: __Host-session=${good(t)}`
const invalid = 'error="invalid_token"'

export const scenarios: readonly Scenario[] = [
  { name: 'nothing', headers: () => [], status: 401, challenge: 'Bearer' },
  { name: 'a good token', headers: (t) => [bearer(good(t))], status: 200, reads: 'alice' },
  {
    name: 'a good token in an extractor',
    path: '/api/extracted',
    headers: (t) => [bearer(good(t))],
    status: 200,
    reads: 'alice',
  },
  {
    name: 'nothing in an extractor',
    path: '/api/extracted',
    headers: () => [],
    status: 401,
    challenge: 'Bearer',
  },
  {
    name: 'a forged token in an extractor',
    path: '/api/extracted',
    headers: (t) => [bearer(t.wrongKey())],
    status: 401,
    challenge: invalid,
  },
  {
    name: 'scheme in small letters',
    headers: (t) => [`authorization: bearer ${good(t)}`],
    status: 200,
    reads: 'alice',
  },
  { name: 'malformed', headers: () => [bearer('no.token')], status: 401, challenge: invalid },
  {
    name: 'the scheme alone',
    headers: () => ['Authorization: Bearer'],
    status: 401,
    challenge: invalid,
  },
  {
    name: 'another scheme',
    headers: () => ['Authorization: Basic Zm9vOmJhcg=='],
    status: 401,
    challenge: invalid,
  },
  { name: 'forged', headers: (t) => [bearer(t.wrongKey())], status: 401, challenge: invalid },
  {
    name: 'expired',
    headers: (t) => [bearer(t.expired())],
    status: 401,
    challenge: 'error_description="expired"',
  },
  {
    name: 'wrong audience',
    headers: (t) => [bearer(t.wrongAudience())],
    status: 401,
    challenge: 'audience_mismatch',
  },
  { name: 'revoked', headers: (t) => [bearer(t.revoked())], status: 401, challenge: 'revoked' },
  {
    name: 'claims stale',
    headers: (t) => [bearer(t.claimsStale())],
    status: 401,
    challenge: 'claims_stale',
  },
  {
    name: 'missing scope',
    path: '/api/admin',
    headers: (t) => [bearer(good(t))],
    status: 403,
    challenge: 'scope="admin"',
  },
  {
    name: 'two headers',
    headers: (t) => [bearer(good(t)), bearer(good(t))],
    status: 400,
    challenge: 'invalid_request',
  },
  {
    name: 'two in one header',
    headers: (t) => [`${bearer(good(t))}, Bearer ${good(t)}`],
    status: 400,
    challenge: 'invalid_request',
  },
  {
    name: 'a token in the query is not read',
    path: '/api/orders?access_token=x',
    headers: () => [],
    status: 401,
  },
  { name: 'cookie', headers: (t) => [session(t)], status: 200, reads: 'alice' },
  {
    name: 'cookie twice',
    headers: (t) => [`${session(t)}; __Host-session=x`],
    status: 400,
    challenge: 'invalid_request',
  },
  {
    name: 'cookie across sites',
    method: 'POST',
    headers: (t) => [session(t), 'Sec-Fetch-Site: cross-site'],
    status: 403,
  },
  { name: 'cookie from nowhere', method: 'POST', headers: (t) => [session(t)], status: 403 },
  {
    name: 'cookie on the same site',
    method: 'POST',
    headers: (t) => [session(t), 'Sec-Fetch-Site: same-origin'],
    status: 200,
    reads: 'alice',
  },
  {
    name: 'method override does not make it safe',
    method: 'POST',
    headers: (t) => [session(t), 'X-HTTP-Method-Override: GET'],
    status: 403,
  },
  {
    name: 'a bad header never falls back to the cookie',
    headers: (t) => [session(t), bearer('no.token')],
    status: 401,
    challenge: invalid,
  },
  {
    name: 'a header of 15 KB',
    headers: () => [bearer('a'.repeat(15_000))],
    status: 401,
    challenge: invalid,
  },
  {
    name: 'HEAD with nothing',
    method: 'HEAD',
    headers: () => [],
    status: 401,
    challenge: 'Bearer',
  },
  {
    name: 'HEAD with a good token',
    method: 'HEAD',
    headers: (t) => [bearer(good(t))],
    status: 200,
  },
]

/** Other spellings of the protected path. No router may let a request without a token read a secret. */
export const pathTricks: readonly string[] = [
  '//api/orders',
  '/api//orders',
  '/API/orders',
  '/api/ORDERS',
  '/api%2forders',
  '/%61pi/orders',
  '/api/orders/',
  '/api/./orders',
  '/public/../api/orders',
  '/api/orders;x=1',
  '/api/orders%00',
  '/api/orders?',
  '/api\\orders',
  '/api/orders#x',
]
