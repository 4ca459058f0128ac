import type { Log } from '../../packages/server/src/http/log.ts'
import { createLog } from '../../packages/server/src/main/log.ts'
import { startService } from '../../packages/server/src/main/service.ts'
import { processSystem } from '../../packages/server/src/main/system.ts'
import { migrateStore } from '../../packages/server/src/store/open-store.ts'

/** The token service as a node of the tests, with the demo client, and the few requests that they make of it. */
export interface TestNode {
  readonly origin: string
  readonly login: () => Promise<Response>
  readonly refresh: (tokens: Tokens) => Promise<Response>
  readonly revoke: (token: string) => Promise<Response>
  /** The status of the guarded route. */
  readonly ask: (tokens: Pick<Tokens, 'access_token'>) => Promise<number>
  readonly stop: () => Promise<void>
}

export interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
}

const silent = createLog({ level: 'silent', pretty: false })
const credentials = { client_id: 'foo', client_secret: 'bar' }

export interface NodeOptions {
  /** With a port the issuer is the address that it listens on, so that a guard elsewhere can follow it. */
  readonly port?: number
  /** The name in its tokens, where that is the address of another node. */
  readonly issuer?: string
  /** The key-encryption key. */
  readonly sealingKey?: Uint8Array
  readonly log?: Log
  /** The client that users sign in to. Default: no user can. */
  readonly loginClientId?: string
}

/** Starts one of several nodes on a database; the address that it uses may lead through a proxy. */
export async function startNode(
  database: string,
  {
    port = 0,
    issuer,
    sealingKey = new Uint8Array(32).fill(5),
    log = silent,
    ...more
  }: NodeOptions = {},
): Promise<TestNode> {
  const system = processSystem()
  await migrateStore(database, system, { dryRun: false })
  const service = await startService(
    {
      issuer: issuer ?? (port === 0 ? 'http://tokens.test' : `http://127.0.0.1:${port}`),
      database,
      sealingKey,
      listen: { hosts: ['127.0.0.1'], optional: [], port },
      edge: {},
      ...more,
      oauth: {
        refresh: { idleTtlSeconds: 1000, absoluteTtlSeconds: 5000, repeatWindowSeconds: 30 },
        auditEach: false,
        trustedIssuers: [],
      },
      demo: { tokenAlg: 'ES256', dataFolder: '.', makesSessionResource: false },
    },
    system,
    log,
  )
  return { ...callersOf(`http://127.0.0.1:${service.port}`), stop: service.stop }
}

/** The requests of the tests to a node that listens there. */
export function callersOf(origin: string): Omit<TestNode, 'stop'> {
  const postForm = (path: string, fields: Readonly<Record<string, string>>) =>
    fetch(`${origin}${path}`, {
      method: 'POST',
      body: new URLSearchParams({ ...fields, ...credentials }),
    })
  return {
    origin,
    login: () =>
      fetch(`${origin}/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...credentials, scope: 'offline_access read' }),
      }),
    refresh: ({ refresh_token }) =>
      postForm('/oauth2/token', { grant_type: 'refresh_token', refresh_token }),
    revoke: (token) => postForm('/oauth2/revoke', { token }),
    async ask({ access_token }) {
      const headers = { authorization: `Bearer ${access_token}` }
      return (await fetch(`${origin}/protected`, { headers })).status
    },
  }
}

/** The tokens of an answer. Throws: when there are none. */
export async function tokensIn(response: Response): Promise<Tokens> {
  const text = await response.text()
  if (response.status !== 200) throw new Error(`answered ${response.status} ${text}`)
  const tokens: Tokens = JSON.parse(text)
  return tokens
}
