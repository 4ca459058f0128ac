import { createPrivateKey, createPublicKey } from 'node:crypto'
import { head, postRequest } from '../method/load.ts'
import type { ServerContender } from '../method/server-rounds.ts'
import { basic, makeAssertions, makeProofs, makeSigningKey } from './clients.ts'
import type { SigningKey } from './clients.ts'
import type { Seed } from './seed.ts'

type Target = ServerContender['target']

/** One thing that is asked of the service, of its limits and of its peers. */
export interface ServiceCase {
  readonly name: string
  readonly connections: number
  /** The share of a round's usual requests: less where each waits for the disk. */
  readonly share?: number
  /** Shown on Postgres as well. */
  readonly postgres?: boolean
  /** The first is the limit that ratios are told by. */
  readonly limits: readonly { readonly name: string; readonly work: string }[]
  /** What the limits are sent; given a token that the bare server can prove. */
  readonly bareRequest: (token: string) => string
  readonly ours: (seed: Seed, port: number, requests: number) => Target | Promise<Target>
  readonly peers: readonly {
    readonly name: string
    readonly alg: 'ES256' | 'RS256'
    readonly format: 'jwt' | 'opaque'
    readonly target: (port: number) => Target | Promise<Target>
  }[]
}

const connections = 16
const families = 64
const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
const peerClient = basic('bench', 'a-secret-of-a-machine-that-is-long-enough')
const peerNames = {
  ES256: 'oidc-provider, ES256, in memory',
  RS256: 'oidc-provider, RS256, in memory',
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
  peers: (['ES256', 'RS256'] as const).map((alg) => ({
    name: peerNames[alg],
    alg,
    format: 'jwt',
    target: (port) =>
      repeated([
        postRequest(
          '/token',
          { ...hostOf(port), ...form, Authorization: peerClient },
          grantMachine,
        ),
      ]),
  })),
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
    {
      name: peerNames.ES256,
      alg: 'ES256',
      format: 'jwt',
      target: async (port) => {
        const response = await fetch(`http://localhost:${port}/seed?count=${families}`)
        const first: readonly string[] = JSON.parse(await response.text())
        return rotation('/token', port, peerClient, first)
      },
    },
  ],
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

/** Tokens of the machine client, fetched over HTTP. */
async function fetchTokens(
  { machine }: Seed,
  port: number,
  count: number,
): Promise<readonly string[]> {
  const authorization = basic(machine.id, machine.secret)
  const tokens: string[] = []
  while (tokens.length < count) {
    const batch = Array.from({ length: Math.min(32, count - tokens.length) }, () =>
      fetchToken(`http://localhost:${port}/oauth2/token`, authorization),
    )
    tokens.push(...(await Promise.all(batch)))
  }
  return tokens
}

async function fetchToken(url: string, authorization: string): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...form, authorization },
    body: grantMachine,
  })
  return memberOf(await response.text(), 'access_token')
}

async function introspection(seed: Seed, port: number, count: number): Promise<Target> {
  const Authorization = basic(seed.api.id, seed.api.secret)
  const tokens = await fetchTokens(seed, port, count)
  return repeated(
    tokens.map((token) =>
      postRequest(
        '/oauth2/introspect',
        { ...hostOf(port), ...form, Authorization },
        `token=${token}`,
      ),
    ),
  )
}

const bareIntrospection = (token: string): string =>
  postRequest('/', { Host: 'localhost', ...form }, `token=${token}`)

const introspectAgain: ServiceCase = {
  name: 'introspection, a token seen before',
  connections,
  limits: [{ name: 'bare server that reads a form', work: 'post' }],
  bareRequest: bareIntrospection,
  ours: (seed, port) => introspection(seed, port, 1),
  peers: [
    {
      name: 'oidc-provider, opaque token, in memory',
      alg: 'ES256',
      format: 'opaque',
      target: async (port) => {
        const token = await fetchToken(`http://localhost:${port}/token`, peerClient)
        const headers = { ...hostOf(port), ...form, Authorization: peerClient }
        return repeated([postRequest('/token/introspection', headers, `token=${token}`)])
      },
    },
  ],
}

const introspectNew: ServiceCase = {
  name: 'introspection, tokens each seen once',
  connections,
  limits: [{ name: 'bare server that verifies ES256', work: 'verify' }],
  bareRequest: bareIntrospection,
  ours: introspection,
  peers: [],
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

/** All that is asked of the service, in the order of the page. */
export const cases: readonly ServiceCase[] = [
  clientCredentials,
  login,
  refreshing,
  introspectAgain,
  introspectNew,
  privateKeyJwt,
  dpop,
]
