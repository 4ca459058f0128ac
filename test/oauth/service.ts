import { randomBytes } from 'node:crypto'
import { createLiveIndex } from '@countersign/guard/revocations'
import { signJwt, type EpochSeconds } from '@countersign/jwt'
import type { AuditEvent } from '../../packages/server/src/audit/events.ts'
import { createEventCounts } from '../../packages/server/src/audit/fold.ts'
import { createAuditCollector } from '../../packages/server/src/audit/collector.ts'
import { createChosenSecrets } from '../../packages/server/src/clients/chosen-secret.ts'
import { createClientDirectory } from '../../packages/server/src/clients/directory.ts'
import {
  generateClientSecret,
  hashGenerated,
} from '../../packages/server/src/clients/generated-secret.ts'
import type { TrustedIssuerRow } from '../../packages/server/src/grants/trusted-issuers.ts'
import type { FeedReaders } from '../../packages/server/src/main/feed-readers.ts'
import { createEdge } from '../../packages/server/src/http/edge.ts'
import { listen } from '../../packages/server/src/http/listen.ts'
import type { Log } from '../../packages/server/src/http/log.ts'
import { createTraffic } from '../../packages/server/src/http/traffic.ts'
import { createKeyRing } from '../../packages/server/src/keys/ring.ts'
import { createSeals } from '../../packages/server/src/keys/seal.ts'
import { createRefreshTokens } from '../../packages/server/src/grants/refresh-token.ts'
import { createEndpoints } from '../../packages/server/src/main/create-endpoints.ts'
import { createMailSeals } from '../../packages/server/src/mail/seal-mail.ts'
import { createServices } from '../../packages/server/src/main/services.ts'
import { processSystem } from '../../packages/server/src/main/system.ts'
import { endpointTable } from '../../packages/server/src/main/table.ts'
import { createResourceDirectory } from '../../packages/server/src/resources/directory.ts'
import { createFeed } from '../../packages/server/src/revocation/feed.ts'
import type { ClientRecord, ResourceRecord } from '../../packages/server/src/store/port/records.ts'
import type { Store } from '../../packages/server/src/store/port/store.ts'
import { freePort } from '../free-port.ts'
import { enrol, type Enrolled } from '../sessions/enrol.ts'
import type { UserId } from '../../packages/server/src/store/port/user-records.ts'
import { databases, randomId, type DatabaseKind, type TestDatabase } from '../store/databases.ts'
import { aClient, aResource, context } from '../store/records.ts'
import { savePoint } from '../store/roll-back.ts'
import { createHashQueue } from '../../packages/server/src/hashing/hash-queue.ts'
import {
  createPasswordHasher,
  type LearningHasher,
  type Pepper,
} from '../../packages/server/src/hashing/password-hasher.ts'
import { peppersOf } from '../../packages/server/src/hashing/ring-peppers.ts'

/** The OAuth endpoints over HTTP on a real database, with keys of its own, in this process. */
export interface Service {
  readonly issuer: string
  readonly store: Store
  readonly passwords: LearningHasher
  /** The present key of password hashes. */
  readonly pepper: () => Pepper
  /** Fills the queue of hashes until the function that it gives is called. */
  readonly fillHashQueue: () => () => void
  /** Runs SQL text on the database. */
  readonly sql: TestDatabase['sql']
  /** Adds a client; a generated secret is given back for one that has secrets. */
  readonly addClient: (over?: Partial<ClientRecord>) => Promise<string>
  readonly addResource: (over?: Partial<ResourceRecord>) => Promise<void>
  /** Opens a refresh family for a client, as a login would, and gives the refresh token. */
  readonly login: (clientId: string, jkt?: string) => Promise<string>
  readonly post: (path: string, fields: Fields, headers?: Record<string, string>) => Promise<Answer>
  /** Signs claims with the key of access tokens, under another type. */
  readonly signJwt: (claims: object, typ: string) => Promise<string>
  /** Burns a key, and lets this node know it. */
  readonly burn: (kid: string) => Promise<void>
  /** Remembers the database as it is now. The function that it gives brings it back there. */
  readonly savePoint: () => Promise<() => Promise<void>>
  /** The audit log, with all waiting events written. */
  readonly audited: () => Promise<readonly AuditEvent[]>
  /** Moves the clock of service and database. Units: seconds. */
  readonly pass: (seconds: number) => Promise<void>
  readonly now: () => EpochSeconds
  /** Gives a user a code app and recovery codes, through a client at version 1. */
  readonly enrol: (userId: UserId, clientId: string) => Promise<Enrolled>
  readonly close: () => Promise<void>
}

type Fields = Readonly<Record<string, string>> | readonly (readonly [string, string])[]

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
  readonly text: string
}

/** The header of a client that authenticates by its secret. */
export function basic(id: string, secret: string): Record<string, string> {
  const pair = [id, secret].map((half) => encodeURIComponent(half)).join(':')
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

export const api = aResource.audience

interface ServiceOptions {
  /** The database. Default: the first of all. */
  readonly kind?: DatabaseKind
  readonly trustedIssuers?: readonly TrustedIssuerRow[]
  /** Whose forwarding header is believed, for tests that come from many addresses. */
  readonly proxies?: readonly string[]
  /** Origins whose pages may call the token endpoint. */
  readonly corsOrigins?: readonly string[]
  /** The audience of `/protected`, and of the feed, which is closed then. Default: the API's, and an open feed. */
  readonly closedFeed?: (issuer: string) => FeedReaders
  /** The client that users sign in to. Default: no user can. */
  readonly loginClientId?: string
  /** The resource of browser sessions. Default: no browser can sign in. */
  readonly sessionAudience?: string
  /** Receives what the service logs for debugging. */
  readonly onDebug?: Log['debug']
}

/** Hashes of chosen secrets that run, and that wait, in such a service. */
export const hashingLimits = { runningMax: 2, waitingMax: 8 } as const

export async function startService(options: ServiceOptions = {}): Promise<Service> {
  const kind = options.kind ?? databases[0]
  if (kind === undefined) throw new Error('there is no database to start on')
  const database = await kind.start()
  const { store } = database
  let offset = 0
  const now = () => (Date.now() / 1000 + offset) as EpochSeconds
  await database.setNow(now())
  const quiet = () => undefined
  const clock = setInterval(() => void database.setNow(now()), 500).unref()

  const ring = createKeyRing({
    store: store.keys,
    seals: createSeals(randomBytes(32), randomBytes),
    times: { periodSeconds: 86_400, announceSeconds: 300, leewaySeconds: 60 },
    now,
    randomId,
    randomBytes,
  })
  await ring.start()
  const resources = createResourceDirectory(store.resources)
  const directory = createClientDirectory(store.clients)
  const collector = createAuditCollector({
    now,
    monotonicMs: () => performance.now(),
    append: (events) => store.audit.append(events),
    onFault: quiet,
  })
  const index = createLiveIndex()
  const hashKey = ring.secret('client-secret-hash')

  // The issuer's name holds the port, so the port is chosen before the endpoints exist.
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}`

  const feed = createFeed({
    store,
    issuer,
    sign: (claims, typ) => signJwt(claims, ring.feedKey(), { typ }),
    keysFingerprint: ring.fingerprint,
    now,
    randomId,
    index,
    onFault: quiet,
    heartbeatSeconds: 5,
  })
  await feed.start()
  const stop = store.changes.onCommit((what) => {
    if (what === 'revocations') {
      feed.pump().catch(quiet)
      return
    }
    void resources.start()
    directory.forget(known)
  })
  const known = new Set<string>()
  const sign = async (claims: object, typ: string) =>
    signJwt(claims, await ring.signingKey({ audience: api, tokenAlg: 'ES256' }, now()), { typ })
  const closedFeed = options.closedFeed?.(issuer)
  const log = { debug: options.onDebug ?? quiet, info: quiet, warn: quiet, error: console.error }
  const enter = createHashQueue(hashingLimits)
  const passwords = createPasswordHasher({
    peppers: peppersOf(ring),
    enter,
    randomBytes,
    monotonicMs: () => performance.now(),
  })
  const services = createServices({
    issuer,
    protectedAudience: closedFeed?.audience ?? api,
    feedReaders: closedFeed,
    store,
    ring,
    clients: directory,
    publicOrigins: { has: () => false, forget: () => undefined },
    resources,
    chosen: createChosenSecrets({ randomBytes, enter }),
    passwords,
    mail: {
      seals: createMailSeals({ secret: ring.secret('mail'), randomBytes }),
      state: undefined,
      inbox: undefined,
    },
    passwordRules: { lengthMin: 15, listed: new Set() },
    loginClientId: options.loginClientId,
    sessionAudience: options.sessionAudience,
    collector,
    index,
    feed,
    oauth: {
      refresh: { idleTtlSeconds: 3_000, absoluteTtlSeconds: 90_000, repeatWindowSeconds: 30 },
      auditEach: false,
      trustedIssuers: options.trustedIssuers ?? [],
    },
    traffic: createTraffic(),
    events: createEventCounts(),
    stopping: () => false,
    logIsTooOld: () => false,
    system: { ...processSystem(), now },
    log,
    outage: { onRequestFault: console.error },
    onFault: console.error,
  })
  const edge = createEdge({
    endpoints: createEndpoints(endpointTable, services, options.corsOrigins),
    log,
    clockMs: () => performance.now(),
    idPrefix: 't-',
    ...(options.proxies === undefined ? undefined : { proxies: options.proxies }),
  })
  const listening = await listen(edge, { hosts: ['127.0.0.1'], port })

  const addResource = async (over: Partial<ResourceRecord> = {}) => {
    await store.resources.add({ ...aResource, ...over }, context)
    await resources.start()
    await ring.provide(resources.list())
  }
  await addResource()

  return {
    issuer,
    store,
    passwords,
    pepper: peppersOf(ring).current,
    fillHashQueue() {
      let end = () => {}
      const ended = new Promise<void>((resolve) => (end = resolve))
      const { runningMax, waitingMax } = hashingLimits
      for (let at = 0; at < runningMax + waitingMax; at += 1) void enter(() => ended)
      return end
    },
    sql: (text) => database.sql(text),
    now,
    enrol: (userId, clientId) => enrol(userId, { store, ring, clientId, now }),
    signJwt: sign,
    addResource,
    savePoint: () => savePoint(database),
    async addClient(over = {}) {
      const secret = generateClientSecret(randomBytes)
      const hash = hashGenerated(secret, hashKey)
      const secrets = [{ id: randomId(), form: 'generated', hash, createdAt: now() }] as const
      const client = { ...aClient, internalId: randomId(), secrets, ...over }
      const hasSecret = client.authentication === 'client_secret'
      await store.clients.add({ ...client, secrets: hasSecret ? client.secrets : [] }, context)
      known.add(client.id)
      return secret
    },
    async login(clientId, jkt) {
      const client = await store.clients.find(clientId)
      if (client === undefined) throw new Error('nobody to log in')
      const sid = randomId()
      const tokens = createRefreshTokens({ secret: ring.secret('refresh-tag'), randomBytes })
      const first = tokens.mint(sid, 1)
      const family = {
        sid,
        clientId,
        clientVersion: client.version,
        subject: clientId,
        username: clientId,
        access: client.access.slice(0, 1),
        jkt: jkt ?? null,
        currentHash: first.hash,
        idleTtlSeconds: 3_000,
        absoluteTtlSeconds: 90_000,
      }
      await store.refreshTokens.open(family, {}, context)
      return first.text
    },
    async post(path, fields, headers = {}) {
      const pairs = Array.isArray(fields) ? fields.map((pair) => [...pair]) : Object.entries(fields)
      const reply = await fetch(issuer + path, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams(pairs).toString(),
      })
      const text = await reply.text()
      const isJson = reply.headers.get('content-type') === 'application/json'
      return {
        status: reply.status,
        headers: reply.headers,
        text,
        body: isJson ? JSON.parse(text) : {},
      }
    },
    async burn(kid) {
      await store.keys.burn(kid, context)
      await ring.refresh()
      await ring.provide(resources.list())
      await feed.pump()
    },
    async audited() {
      await collector.flush(true)
      const rows = await store.audit.list(0, 10_000)
      return rows.map(({ event }) => event)
    },
    async pass(seconds) {
      offset += seconds
      await database.setNow(now())
    },
    async close() {
      clearInterval(clock)
      stop()
      feed.close()
      await listening.stop()
      await collector.close()
      await database.close()
    },
  }
}
