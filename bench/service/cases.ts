import { createPrivateKey, createPublicKey } from 'node:crypto'
import { head, postRequest } from '../method/load.ts'
import type { ServerContender } from '../method/server-rounds.ts'
import { basic, makeAssertions, makeProofs, makeSigningKey } from './clients.ts'
import type { SigningKey } from './clients.ts'
import type { Seed } from './seed.ts'

type Target = ServerContender['target']

/** One kind of request to the service, its limits and its peers. */
export interface ServiceCase {
  readonly name: string
  readonly connections: number
  /** The share of a round's usual requests, lower where each waits for the disk. */
  readonly share?: number
  /** Shown on Postgres as well. */
  readonly postgres?: boolean
  /** The first is the limit of the ratios. */
  readonly limits: readonly { readonly name: string; readonly work: string }[]
  /** The requests to the limits, made from a token that the bare server can prove. */
  readonly bareRequest: (token: string) => string
  readonly ours: (seed: Seed, port: number, requests: number) => Target | Promise<Target>
  readonly peers: readonly ServicePeer[]
}

/** A peer that answers the same. */
export interface ServicePeer {
  readonly name: string
  /** Its file in the folder of the peers. */
  readonly file: 'oidc-provider.ts' | 'better-auth.ts'
  /** Its environment in addition to its port. */
  readonly env: Readonly<Record<string, string>>
  /** The share of the requests that it gets, so that a slow one does not take most of the time. */
  readonly share: number
  readonly target: (port: number, requests: number) => Target | Promise<Target>
}

const connections = 16
const families = 64
const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
const peerClient = basic('bench', 'a-secret-of-a-machine-that-is-long-enough')

function oidcProvider(
  alg: 'ES256' | 'RS256',
  target: ServicePeer['target'],
  name = `oidc-provider, ${alg}, in memory`,
  format: 'jwt' | 'opaque' = 'jwt',
): ServicePeer {
  return { name, file: 'oidc-provider.ts', env: { ALG: alg, FORMAT: format }, share: 1, target }
}

function betterAuth(target: ServicePeer['target']): ServicePeer {
  const name = 'better-auth, ES256, SQLite in memory'
  return { name, file: 'better-auth.ts', env: {}, share: 0.1, target }
}

function hostOf(port: number): { readonly Host: string } {
  return { Host: `localhost:${port}` }
}

function repeated(requests: readonly string[], count = connections): Target {
  return { connections: count, status: 200, requests }
}

function tokenRequest(
  port: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): string {
  return postRequest('/oauth2/token', { ...hostOf(port), ...form, ...headers }, body)
}

const grantMachine = 'grant_type=client_credentials'
/** It makes JWTs for a named resource only. */
const grantOfBetterAuth = `${grantMachine}&resource=${encodeURIComponent('https://api.example')}`

const clientCredentials: ServiceCase = {
  name: 'client_credentials, ES256',
  connections,
  postgres: true,
  limits: [{ name: 'bare server that only signs ES256', work: 'sign' }],
  bareRequest: () => postRequest('/', { Host: 'localhost', ...form }, grantMachine),
  ours: ({ machine }, port) => {
    const Authorization = basic(machine.id, machine.secret)
    return repeated([tokenRequest(port, { Authorization }, grantMachine)])
  },
  peers: [
    oidcProvider('ES256', (port) => repeated([peerTokenRequest(port, '/token', grantMachine)])),
    oidcProvider('RS256', (port) => repeated([peerTokenRequest(port, '/token', grantMachine)])),
    betterAuth((port) => repeated([peerTokenRequest(port, '/oauth2/token', grantOfBetterAuth)])),
  ],
}

function peerTokenRequest(port: number, path: string, body: string): string {
  return postRequest(path, { ...hostOf(port), ...form, Authorization: peerClient }, body)
}

function rotation(
  path: string,
  port: number,
  authorization: string,
  first: readonly string[],
): Target {
  return {
    connections: families,
    status: 200,
    chain: {
      head: head('POST', path, { ...hostOf(port), ...form, Authorization: authorization }),
      bodyBefore: 'grant_type=refresh_token&refresh_token=',
      member: 'refresh_token',
      first,
    },
  }
}

const refreshing: ServiceCase = {
  name: 'refresh with rotation, 64 families at once',
  connections: families,
  share: 0.25,
  postgres: true,
  limits: [{ name: 'bare server: signature and commit each', work: 'commit' }],
  bareRequest: () => postRequest('/', { Host: 'localhost', ...form }, 'grant_type=refresh_token'),
  ours: async ({ machine }, port) => {
    const login = { client_id: machine.id, client_secret: machine.secret, scope: 'offline_access' }
    const first = await Promise.all(
      Array.from({ length: families }, () => fetchRefreshToken(port, login)),
    )
    return rotation('/oauth2/token', port, basic(machine.id, machine.secret), first)
  },
  peers: [
    oidcProvider('ES256', async (port) =>
      rotation('/token', port, peerClient, await fetchSeed(port)),
    ),
    betterAuth(async (port) => rotation('/oauth2/token', port, peerClient, await fetchSeed(port))),
  ],
}

/** A refresh token of the peer's for each connection. */
async function fetchSeed(port: number): Promise<readonly string[]> {
  const response = await fetch(`http://localhost:${port}/seed?count=${families}`)
  const tokens: readonly string[] = JSON.parse(await response.text())
  return tokens
}

async function fetchRefreshToken(port: number, login: object): Promise<string> {
  const response = await fetch(`http://localhost:${port}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(login),
  })
  return memberOf(await response.text(), 'refresh_token')
}

function memberOf(body: string, member: string): string {
  const reply: Readonly<Record<string, unknown>> = JSON.parse(body)
  const value = reply[member]
  if (typeof value === 'string') return value
  throw new Error(`the answer has no ${member}: ${body}`)
}

const login: ServiceCase = {
  name: '/login, a secret made by us',
  connections,
  limits: [{ name: 'bare server that only signs ES256', work: 'sign' }],
  bareRequest: clientCredentials.bareRequest,
  ours: ({ machine }, port) => {
    const body = JSON.stringify({ client_id: machine.id, client_secret: machine.secret })
    const headers = { ...hostOf(port), 'Content-Type': 'application/json' }
    return repeated([postRequest('/login', headers, body)])
  },
  peers: [],
}

/** A number of tokens, fetched over HTTP. */
async function fetchTokens(
  url: string,
  authorization: string,
  count: number,
  body = grantMachine,
): Promise<readonly string[]> {
  const tokens: string[] = []
  while (tokens.length < count) {
    const batch = Array.from({ length: Math.min(32, count - tokens.length) }, () =>
      fetchToken(url, authorization, body),
    )
    tokens.push(...(await Promise.all(batch)))
  }
  return tokens
}

async function fetchToken(url: string, authorization: string, body: string): Promise<string> {
  const headers = { ...form, authorization }
  const response = await fetch(url, { method: 'POST', headers, body })
  return memberOf(await response.text(), 'access_token')
}

function introspection(
  port: number,
  path: string,
  authorization: string,
  tokens: readonly string[],
): Target {
  const headers = { ...hostOf(port), ...form, Authorization: authorization }
  return repeated(tokens.map((token) => postRequest(path, headers, `token=${token}`)))
}

async function introspectOurs(seed: Seed, port: number, count: number): Promise<Target> {
  const { machine, api } = seed
  const url = `http://localhost:${port}/oauth2/token`
  const tokens = await fetchTokens(url, basic(machine.id, machine.secret), count)
  return introspection(port, '/oauth2/introspect', basic(api.id, api.secret), tokens)
}

async function introspectBetterAuth(port: number, count: number): Promise<Target> {
  const url = `http://localhost:${port}/oauth2/token`
  const tokens = await fetchTokens(url, peerClient, count, grantOfBetterAuth)
  return introspection(port, '/oauth2/introspect', peerClient, tokens)
}

const bareIntrospection = (token: string): string =>
  postRequest('/', { Host: 'localhost', ...form }, `token=${token}`)

const introspectAgain: ServiceCase = {
  name: 'introspection, a token seen before',
  connections,
  limits: [{ name: 'bare server that reads a form', work: 'post' }],
  bareRequest: bareIntrospection,
  ours: (seed, port) => introspectOurs(seed, port, 1),
  peers: [
    oidcProvider(
      'ES256',
      async (port) => {
        const tokens = await fetchTokens(`http://localhost:${port}/token`, peerClient, 1)
        return introspection(port, '/token/introspection', peerClient, tokens)
      },
      'oidc-provider, opaque token, in memory',
      'opaque',
    ),
    betterAuth((port) => introspectBetterAuth(port, 1)),
  ],
}

const introspectNew: ServiceCase = {
  name: 'introspection, tokens each seen once',
  connections,
  limits: [{ name: 'bare server that verifies ES256', work: 'verify' }],
  bareRequest: bareIntrospection,
  ours: introspectOurs,
  peers: [betterAuth(introspectBetterAuth)],
}

function signerKey({ signer }: Seed): SigningKey {
  const privateKey = createPrivateKey(signer.privatePem)
  return { privateKey, jwk: { ...createPublicKey(privateKey).export({ format: 'jwk' }) } }
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

const privateKeyJwt: ServiceCase = {
  name: 'client_credentials with private_key_jwt',
  connections,
  share: 0.4,
  limits: [{ name: 'bare server that only signs ES256', work: 'sign' }],
  bareRequest: clientCredentials.bareRequest,
  ours: (seed, port, requests) => {
    const terms = { clientId: seed.signer.id, audience: seed.issuer, key: signerKey(seed) }
    return repeated(
      makeAssertions(requests, terms).map((assertion) =>
        tokenRequest(
          port,
          {},
          `${grantMachine}&client_assertion_type=${encodeURIComponent(assertionType)}&client_assertion=${assertion}`,
        ),
      ),
    )
  },
  peers: [],
}

const dpop: ServiceCase = {
  name: 'client_credentials with a DPoP proof',
  connections,
  share: 0.3,
  limits: [{ name: 'bare server that only signs ES256', work: 'sign' }],
  bareRequest: clientCredentials.bareRequest,
  ours: async ({ machine, issuer }, port, requests) => {
    const Authorization = basic(machine.id, machine.secret)
    const key = makeSigningKey()
    const htu = `${issuer}/oauth2/token`
    const nonce = await fetchNonce(
      port,
      Authorization,
      makeProofs(1, { htu, nonce: undefined, key }),
    )
    return repeated(
      makeProofs(requests, { htu, nonce, key }).map((DPoP) =>
        tokenRequest(port, { Authorization, DPoP }, grantMachine),
      ),
    )
  },
  peers: [],
}

async function fetchNonce(
  port: number,
  authorization: string,
  [dpop = '']: readonly string[],
): Promise<string | undefined> {
  const response = await fetch(`http://localhost:${port}/oauth2/token`, {
    method: 'POST',
    headers: { ...form, authorization, dpop },
    body: grantMachine,
  })
  await response.arrayBuffer()
  return response.headers.get('dpop-nonce') ?? undefined
}

/** All kinds of requests, in the order of the page. */
export const cases: readonly ServiceCase[] = [
  clientCredentials,
  login,
  refreshing,
  introspectAgain,
  introspectNew,
  privateKeyJwt,
  dpop,
]
