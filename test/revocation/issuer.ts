import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLiveIndex } from '@countersign/guard/revocations'
import {
  exportJwk,
  generateKey,
  publicKeyOf,
  signJws,
  signJwt,
  type EpochSeconds,
} from '@countersign/jwt'
import {
  feedKeysEndpoint,
  feedPagesEndpoint,
  feedStreamEndpoint,
  streamLimits,
} from '../../packages/server/src/endpoints/revocations.ts'
import { createEdge } from '../../packages/server/src/http/edge.ts'
import type { Endpoint, HttpRequest } from '../../packages/server/src/http/exchange.ts'
import { listen } from '../../packages/server/src/http/listen.ts'
import { replyJson } from '../../packages/server/src/http/reply.ts'
import { createFeed } from '../../packages/server/src/revocation/feed.ts'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import type { RevocationTarget } from '../../packages/server/src/store/port/revocation-target.ts'
import { randomId } from '../store/ids.ts'

/**
 * An issuer with a real store and a real feed, and nothing else of the service; on a database of its own, or as one
 * more node on a Postgres that others use too.
 */
export async function startIssuer(postgres?: string) {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-issuer-'))
  const now = () => (Date.now() / 1000) as EpochSeconds
  const store = await openStore(postgres ?? join(folder, 'db'), { now, randomId, migrate: true })
  const feedKey = generateKey('ES256')
  let tokenKey = generateKey('ES256')
  let issuer = ''
  let server = { port: 0, stop: async () => {} }
  const silent = () => {}
  const index = createLiveIndex()
  const counts = { jwks: 0, pages: 0, streams: 0 }

  const feed = createFeed({
    store,
    get issuer() {
      return issuer
    },
    sign: (claims, typ) => signJws(JSON.stringify(claims), feedKey, { typ }),
    keysFingerprint: () => tokenKey.kid ?? '',
    now: () => Math.floor(now()) as EpochSeconds,
    randomId,
    index,
    onFault: silent,
    heartbeatSeconds: 1,
  })
  await feed.start()
  store.changes.onCommit((what) => {
    if (what === 'revocations') feed.pump().catch(silent)
  })

  const document = (path: string, body: () => object): Endpoint => ({
    method: 'GET',
    path,
    handle: () => {
      if (path === '/jwks.json') counts.jwks += 1
      return replyJson(200, body())
    },
  })

  const services = {
    feed,
    admitToFeed: ({ path }: HttpRequest) => {
      if (path === '/revocations') counts.pages += 1
      else counts.streams += 1
      return { until: Infinity as EpochSeconds }
    },
    streamLimits,
  }
  const feedJwks = () => ({ keys: [exportJwk(publicKeyOf(feedKey))] })

  const endpoints = [
    document('/.well-known/oauth-authorization-server', () => ({
      issuer,
      jwks_uri: `${issuer}/jwks.json`,
      revocations_endpoint: `${issuer}/revocations`,
      revocations_stream_endpoint: `${issuer}/revocations/stream`,
      revocations_jwks_uri: `${issuer}/revocations/jwks.json`,
    })),
    document('/jwks.json', () => ({ keys: [exportJwk(publicKeyOf(tokenKey))] })),
    { ...feedPagesEndpoint, handle: feedPagesEndpoint.make(services) },
    { ...feedStreamEndpoint, handle: feedStreamEndpoint.make(services) },
    { ...feedKeysEndpoint, handle: feedKeysEndpoint.make({ ring: { feedJwks } }) },
  ]

  async function start(): Promise<void> {
    const edge = createEdge({
      endpoints,
      log: { debug: silent, info: silent, warn: silent, error: silent },
      clockMs: () => performance.now(),
      idPrefix: 't',
    })
    server = await listen(edge, { hosts: ['127.0.0.1'], port: server.port })
    issuer = `http://127.0.0.1:${server.port}`
  }
  await start()

  const context = { requestId: 'r', address: null, actor: 'operator' }
  return {
    issuer,
    counts,
    store,
    context,
    feed,
    revoke: (target: RevocationTarget) => store.revocations.add(target, undefined, context),
    token: (claims: object = {}) => {
      const iat = Math.floor(now())
      const jti = randomId()
      const common = {
        iss: issuer,
        aud: 'api',
        sub: 'billing',
        client_id: 'billing',
        cid: 'c',
        cv: 1,
      }
      const all = { ...common, iat, exp: iat + 600, jti, ...claims }
      return { token: signJwt(all, tokenKey, { typ: 'at+jwt' }), jti }
    },
    rotateKeys: () => {
      tokenKey = generateKey('ES256')
      feed.announceKeys()
    },
    kid: () => tokenKey.kid ?? '',
    jwks: () => ({ keys: [exportJwk(publicKeyOf(tokenKey))] }),
    stop: () => server.stop(),
    restart: start,
    close: async () => {
      feed.close()
      await server.stop()
      await store.close()
      await rm(folder, { recursive: true })
    },
  }
}

export type TestIssuer = Awaited<ReturnType<typeof startIssuer>>
