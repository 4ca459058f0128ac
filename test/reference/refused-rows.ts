import { encryptJwe, generateKey, publicKeyOf } from '@countersign/jwt'
import {
  bearer,
  bound,
  encrypted,
  fresh,
  get,
  grant,
  login,
  managed,
  narrow,
  post,
  proof,
  raw,
  repeated,
  send,
  shop,
  small,
  token,
  wrong,
  type Fields,
  type Row,
} from './calls.ts'

const formEndpoints = [
  '/oauth2/token',
  '/oauth2/revoke',
  '/oauth2/introspect',
  '/oauth2/decryption-keys',
]
const fieldsOf: Readonly<Record<string, Fields>> = {
  '/oauth2/token': grant,
  '/oauth2/revoke': { token: 'x' },
  '/oauth2/introspect': { token: 'x' },
  '/oauth2/decryption-keys': { resource: managed },
}

/** The refusals that each endpoint for clients has. */
const ofClients = formEndpoints.flatMap((path): readonly Row[] => {
  const at = `POST ${path}`
  const fields = fieldsOf[path] ?? {}
  const id = `locked${path.replaceAll('/', '-')}`
  const json = () => ({ ...shop, 'content-type': 'application/json' })
  return [
    { at, status: 400, error: 'invalid_request', call: post(path, {}) },
    { at, status: 401, error: 'invalid_client', call: post(path, fields, wrong('nobody')) },
    { at, status: 415, error: 'invalid_request', call: post(path, fields, json) },
    {
      at,
      status: 429,
      error: 'too_many_requests',
      call: repeated(post(path, fields, wrong(id))),
    },
  ]
})

/** The refusals of the feed, which is closed in this test. */
const ofFeed = ['/revocations', '/revocations/stream'].flatMap((path): readonly Row[] => {
  const at = `GET ${path}`
  const both = () => ({ authorization: `Bearer ${token}, Bearer ${token}` })
  const unproven = () => ({ authorization: `DPoP ${bound}` })
  return [
    {
      at,
      status: 400,
      error: 'invalid_request',
      call: get(
        `${path}?after=x`,
        bearer(() => token),
      ),
    },
    { at, status: 401, error: 'unauthorized', call: get(path) },
    {
      at,
      status: 401,
      error: 'invalid_token',
      call: get(
        path,
        bearer(() => 'x'),
      ),
    },
    { at, status: 400, error: 'invalid_request', call: get(path, both) },
    { at, status: 401, error: 'invalid_dpop_proof', call: get(path, unproven) },
    {
      at,
      status: 403,
      error: 'insufficient_scope',
      call: get(
        path,
        bearer(() => narrow),
      ),
    },
  ]
})

const ofToken: readonly Row[] = [
  {
    status: 400,
    error: 'unsupported_grant_type',
    call: post('/oauth2/token', { grant_type: 'password' }),
  },
  {
    status: 400,
    error: 'unauthorized_client',
    call: async () =>
      post('/oauth2/token', { ...grant, ...(await fresh('t1', { grantTypes: [] })) }, () => ({}))(),
  },
  {
    status: 400,
    error: 'invalid_target',
    call: post('/oauth2/token', { ...grant, resource: 'https://nothing.test' }),
  },
  {
    status: 400,
    error: 'invalid_scope',
    call: post('/oauth2/token', { ...grant, scope: 'admin' }),
  },
  {
    status: 400,
    error: 'invalid_grant',
    call: post('/oauth2/token', { grant_type: 'refresh_token', refresh_token: 'rt_x' }),
  },
  {
    status: 400,
    error: 'invalid_request',
    call: post('/oauth2/token', { ...grant, resource: small }),
  },
  {
    status: 400,
    error: 'use_dpop_nonce',
    call: post('/oauth2/token', grant, () => ({ ...shop, dpop: proof() })),
  },
  {
    status: 400,
    error: 'invalid_dpop_proof',
    call: post('/oauth2/token', grant, () => ({ ...shop, dpop: 'x' })),
  },
  {
    status: 503,
    error: 'temporarily_unavailable',
    call: post('/oauth2/token', { ...grant, resource: encrypted }),
  },
].map((row) => ({ at: 'POST /oauth2/token', ...row }))

const ofLogin: readonly Row[] = [
  { status: 400, error: 'Missing credentials', call: login({ client_id: '' }) },
  { status: 401, error: 'Wrong credentials', call: login({ client_secret: 'wrong' }) },
  {
    status: 403,
    error: 'unauthorized_client',
    call: async () => login(await fresh('l1', { grantTypes: [] }))(),
  },
  { status: 403, error: 'invalid_target', call: login({ resource: 'https://nothing.test' }) },
  { status: 403, error: 'invalid_scope', call: login({ scope: 'admin' }) },
  { status: 403, error: 'invalid_request', call: login({ resource: small }) },
  {
    status: 403,
    error: 'invalid_dpop_proof',
    call: async () => login(await fresh('l2', { dpopRequired: true }))(),
  },
  {
    status: 403,
    error: 'cross_site',
    call: () => {
      const headers = { 'content-type': 'application/json', origin: 'https://evil.test' }
      const body = JSON.stringify({ username: 'ann', password: 'four ordinary words' })
      return send('/login', { method: 'POST', headers, body })
    },
  },
  { status: 415, error: 'unsupported_media_type', call: login({}, 'text/plain') },
  {
    status: 429,
    error: 'Too many attempts',
    call: repeated(login({ client_id: 'locked-login', client_secret: 'cs_wrong' })),
  },
  { status: 503, error: 'temporarily_unavailable', call: login({ resource: encrypted }) },
].map((row) => ({ at: 'POST /login', ...row }))

const ofEdge: readonly Row[] = [
  {
    status: 400,
    error: 'bad_request',
    call: raw(['GET / HTTP/1.1', 'Host: {host}', 'Host: {host}']),
  },
  { status: 404, error: 'not_found', call: get('/nothing') },
  {
    status: 405,
    error: 'method_not_allowed',
    call: () => send('/login'),
  },
  {
    status: 413,
    error: 'content_too_large',
    call: post('/oauth2/token', { a: 'x'.repeat(70_000) }),
  },
  { status: 414, error: 'uri_too_long', call: get(`/?${'x'.repeat(5_000)}`) },
  {
    status: 415,
    error: 'unsupported_media_type',
    call: post('/oauth2/token', grant, () => ({ 'content-encoding': 'gzip' })),
  },
  {
    status: 431,
    error: 'request_header_fields_too_large',
    call: raw([
      'GET / HTTP/1.1',
      'Host: {host}',
      ...Array.from({ length: 120 }, (_, at) => `X-${at}: a`),
    ]),
  },
].map((row) => ({ at: 'any', ...row }))

/** A row for each refusal that can be caused from outside. */
export const refused: readonly Row[] = [
  ...ofLogin,
  { at: 'GET /session/check', status: 401, error: 'signed_out', call: get('/session/check') },
  {
    at: 'POST /session/renew',
    status: 401,
    error: 'signed_out',
    call: () =>
      send('/session/renew', { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } }),
  },
  {
    at: 'GET /.well-known/passkey-endpoints',
    status: 404,
    error: 'no_passkeys',
    call: get('/.well-known/passkey-endpoints'),
  },
  {
    at: 'POST /sign-in/second-factor/passkey/options',
    status: 403,
    error: 'cross_site',
    call: post('/sign-in/second-factor/passkey/options', {}),
  },
  {
    at: 'POST /sign-in/second-factor/passkey/options',
    status: 400,
    error: 'form_too_old',
    call: post('/sign-in/second-factor/passkey/options', {}, () => ({
      'sec-fetch-site': 'same-origin',
    })),
  },
  {
    at: 'POST /confirm/passkey/options',
    status: 403,
    error: 'cross_site',
    call: post('/confirm/passkey/options', {}),
  },
  {
    at: 'POST /sign-in/passkey/options',
    status: 404,
    error: 'no_passkeys',
    call: post('/sign-in/passkey/options', {}),
  },
  {
    at: 'POST /session/renew',
    status: 403,
    error: 'cross_site',
    call: () => send('/session/renew', { method: 'POST' }),
  },
  {
    at: 'GET /protected',
    status: 400,
    error: 'Invalid token',
    call: get(
      '/protected',
      bearer(() => 'x'),
    ),
  },
  ...(['GET', 'POST'] as const).map((method) => ({
    at: `${method} /oauth2/userinfo`,
    status: 401,
    error: 'invalid_token',
    call: () => send('/oauth2/userinfo', { method, headers: { authorization: 'Bearer x' } }),
  })),
  ...ofToken,
  ...ofClients,
  {
    at: 'POST /oauth2/revoke',
    status: 400,
    error: 'unsupported_token_type',
    call: post('/oauth2/revoke', () => ({ token: foreignEnvelope() })),
  },
  {
    at: 'POST /oauth2/decryption-keys',
    status: 400,
    error: 'invalid_target',
    call: post('/oauth2/decryption-keys', { resource: small }),
  },
  ...ofFeed,
  {
    at: 'GET /status-lists/*',
    status: 404,
    error: 'not_found',
    call: get('/status-lists/nothing'),
  },
  ...ofEdge,
]

function foreignEnvelope(): string {
  const bytes = Buffer.from('a.b.c')
  return encryptJwe(bytes, publicKeyOf(generateKey('ECDH-ES+A256KW')), { cty: 'JWT' })
}

/** The refusals that this test does not cause, and the reason. */
export const notCalled: Readonly<Record<string, string>> = {
  'GET /session/check 503 no_token': 'the keys of the resource must be away',
  'POST /session/renew 503 no_token': 'the keys of the resource must be away',
  'POST /sign-in/passkey/options 400 form_too_old': 'the issuer must have a domain',
  'POST /sign-in/passkey/options 403 cross_site': 'the issuer must have a domain',
  'POST /sign-in/passkey/options 429 too_many_requests': 'the issuer must have a domain',
  'POST /account/passkey-offer/options 404 no_passkey': 'the browser must have a session',
  'POST /account/passkey-offer/options 429 too_many_requests': 'the issuer must have a domain',
  'POST /account/passkey-offer/options/unasked 404 no_passkey': 'the browser must have a session',
  'POST /account/passkey-offer/options/unasked 429 too_many_requests':
    'the issuer must have a domain',
  'POST /account/security/passkeys/options 404 no_passkey': 'the browser must have a session',
  'POST /account/security/passkeys/options 429 too_many_requests': 'the issuer must have a domain',
  'POST /sign-in/second-factor/passkey/options 404 no_passkey': 'the password must be proven first',
  'POST /sign-in/second-factor/passkey/options 429 too_many_requests':
    'the issuer must have a domain',
  'POST /confirm/passkey/options 400 form_too_old': 'the browser must have a session',
  'POST /confirm/passkey/options 404 no_passkey': 'the browser must have a session',
  'POST /confirm/passkey/options 429 too_many_requests': 'the issuer must have a domain',
  'GET /oauth2/userinfo 403 insufficient_scope': 'each token for it has the scope',
  'POST /oauth2/userinfo 403 insufficient_scope': 'each token for it has the scope',
  'POST /login 401 code_used': 'the user must have a second factor',
  'POST /login 401 mfa_required': 'the user must have a second factor',
  'POST /login 401 ticket_expired': 'the user must have a second factor',
  'POST /login 401 wrong_code': 'the user must have a second factor',
  'POST /login 403 invalid_grant': 'the client must change between two reads',
  'POST /login 403 password_change_required': 'the password must be one that must change',
  'POST /login 500 Token creation error': 'the signer must fail',
  'POST /login 503 Busy': 'the queue of hashes must be full',
  'GET /protected 503 temporarily_unavailable': 'the memory of used proofs must be full',
  'POST /oauth2/revoke 503 temporarily_unavailable': 'the queue of hashes must be full',
  'POST /oauth2/introspect 503 temporarily_unavailable': 'the queue of hashes must be full',
  'POST /oauth2/decryption-keys 503 temporarily_unavailable': 'the keys must not be made yet',
  'GET /revocations 503 temporarily_unavailable': 'the makers of pages must be busy',
  'GET /revocations/stream 503 too_many_streams': '200 streams must be open',
  'any 408 request_timeout': 'the body must take ten seconds',
  'any 421 misdirected_request': 'this service answers for every host',
  'any 500 server_error': 'an endpoint must fail',
  'any 503 temporarily_unavailable': 'the database must be away',
}
