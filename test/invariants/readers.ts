import { createGuard, type Guard } from '@countersign/guard'
import {
  decodeUnverified,
  encryptJwt,
  exportJwk,
  generateKey,
  importKey,
  publicKeyOf,
  unwrap,
  type Jwk,
  type Key,
  decryptJwt,
} from '@countersign/jwt'
import { feedReaders } from '../../packages/server/src/main/feed-readers.ts'
import type { ResourceRecord } from '../../packages/server/src/store/port/records.ts'
import { readStatus, type StatusList } from '../../packages/server/src/revocation/status-list.ts'
import type { StatusClaim } from '../../packages/server/src/tokens/plan.ts'
import { context } from '../store/records.ts'
import { api, basic, startService, type Service } from '../oauth/service.ts'

const alg = 'ECDH-ES+A256KW'
const enc = 'A256GCM'

/** A service whose feed is closed, and every reader of tokens for the feed's audience. */
export interface World {
  readonly service: Service
  readonly audience: string
  /** Gets a token of the client `shop` for the audience. */
  readonly issue: () => Promise<string>
  /** Signs claims as the service would, with some of them changed. */
  readonly sign: (over?: object, typ?: string) => Promise<string>
  /** Encrypts a signed token as the service would, where its tokens are encrypted. */
  readonly seal: (signed: string) => Promise<string>
  /** Decrypts a token as the API would. */
  readonly unseal: (token: string) => Promise<string>
  readonly revokeAsOwner: (token: string) => Promise<void>
  /** Revokes all that the client `shop` has. */
  readonly revokeOwner: () => Promise<void>
  /** From now on the tokens of the audience are encrypted to a key that only the API has. */
  readonly startEncrypting: () => Promise<void>
  /** The verdict of each reader: `live`, or the reason of its refusal. */
  readonly ask: (token: string) => Promise<Readonly<Record<Reader, string>>>
  /** The same verdict from every reader. */
  readonly all: (verdict: string) => Readonly<Record<Reader, string>>
  /** The status of a signed token in its status list: 0 while it is valid. */
  readonly status: (token: string) => Promise<number>
  readonly close: () => Promise<void>
}

const readers = [
  'guard',
  'own page',
  'closed feed',
  'introspection',
  'exchange',
  'revocation',
] as const
type Reader = (typeof readers)[number]

/** Starts the service and its readers; tokens of the audience are encrypted or not. */
export async function startWorld(encrypted: boolean): Promise<World> {
  const debug: Record<string, unknown>[] = []
  const service = await startService({
    closedFeed: feedReaders,
    onDebug: (facts) => void debug.push({ ...facts }),
  })
  const { audience, scope } = feedReaders(service.issuer)
  const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange'
  const grantTypes = ['client_credentials', exchangeGrant]
  const access = [{ audience, scopes: [scope] }]
  const apiSecret = await service.addClient({
    id: 'api',
    grantTypes,
    access: [...access, { audience: api, scopes: ['read'] }],
  })
  const asApi = basic('api', apiSecret)
  const resource: Partial<ResourceRecord> = {
    audience,
    scopes: [scope, 'read'],
    clientId: 'api',
    statusList: true,
    encryption: encrypted ? { source: 'managed', alg, enc } : null,
  }
  await service.addResource(resource)
  const shop = basic('shop', await service.addClient({ grantTypes, access }))

  const tokenOf = async (headers: Record<string, string>): Promise<string> => {
    const fields = { grant_type: 'client_credentials', resource: audience, scope }
    const { body, text } = await service.post('/oauth2/token', fields, headers)
    if (typeof body['access_token'] !== 'string') throw new Error(`no token: ${text}`)
    return body['access_token']
  }
  const keys = async (): Promise<readonly Key[]> => {
    const { body } = await service.post('/oauth2/decryption-keys', { resource: audience }, asApi)
    return (body['keys'] as readonly Jwk[]).map((jwk) => unwrap(importKey(jwk, { alg })))
  }
  let followToken = await tokenOf(asApi)
  const guard = createGuard({
    issuer: service.issuer,
    audience,
    ...(encrypted ? { decryptionKeys: { clientId: 'api', clientSecret: apiSecret } } : {}),
    revocation: {
      follow: 'poll',
      pollSeconds: 0.1,
      authorization: () => `Bearer ${followToken}`,
      onFreshness: () => undefined,
    },
    deps: { now: service.now },
  })
  await guard.ready()

  /** Runs a request and gives the reason that this node logged for it, or `live`. */
  async function logged(request: () => Promise<unknown>): Promise<string> {
    debug.length = 0
    await request()
    const reasons = debug.flatMap(({ reason }) => (typeof reason === 'string' ? [reason] : []))
    return reasons.length === 0 ? 'live' : [...new Set(reasons)].join(' ')
  }
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
  const get = (path: string, token: string) =>
    fetch(`${service.issuer}${path}`, bearer(token)).then((reply) => reply.arrayBuffer())

  const read: Readonly<Record<Reader, (token: string) => Promise<string>>> = {
    guard: (token) => askGuard(guard, token),
    'own page': (token) => logged(() => get('/protected', token)),
    'closed feed': (token) => logged(() => get('/revocations?after=0', token)),
    introspection: async (token) => {
      let active: unknown
      const reason = await logged(async () => {
        active = (await service.post('/oauth2/introspect', { token }, asApi)).body['active']
      })
      return active === (reason === 'live') ? reason : `${reason}, but active is ${String(active)}`
    },
    exchange: (token) => askExchange(service, token, asApi, exchangeGrant),
    // Another client than the owner asks, so that a live token stays live.
    revocation: (token) => logged(() => service.post('/oauth2/revoke', { token }, asApi)),
  }

  return {
    service,
    audience,
    issue: () => tokenOf(shop),
    async sign(over = {}, typ = 'at+jwt') {
      const client = await service.store.clients.find('shop')
      const now = Math.floor(service.now())
      const claims = {
        iss: service.issuer,
        aud: audience,
        sub: 'shop',
        client_id: 'shop',
        username: 'shop',
        scope,
        iat: now,
        exp: now + 300,
        jti: crypto.randomUUID(),
        cid: client?.internalId,
        cv: client?.version,
      }
      return service.signJwt({ ...claims, ...over }, typ)
    },
    async seal(signed) {
      if (!encrypted) return signed
      const [key] = await keys()
      if (key === undefined) throw new Error('the resource has no key')
      return encryptJwt(signed, publicKeyOf(key), { enc })
    },
    async unseal(token) {
      if (!encrypted) return token
      const policy = { keys: await keys(), algorithms: [alg], encryptions: [enc] } as const
      return unwrap(decryptJwt(token, policy))
    },
    async revokeAsOwner(token) {
      await service.post('/oauth2/revoke', { token }, shop)
    },
    async startEncrypting() {
      const record = await service.store.resources.find(audience)
      if (record === undefined) throw new Error('the resource is gone')
      const jwk = JSON.stringify(exportJwk(publicKeyOf(generateKey(alg))))
      const encryption = { source: 'jwk', jwk, alg, enc } as const
      await service.store.resources.change({ ...record, encryption }, { ...context })
    },
    async ask(token) {
      // The guard follows the feed with a token of its own, which a burnt key kills too.
      followToken = await tokenOf(asApi)
      const verdicts: Record<string, string> = {}
      for (const reader of readers) verdicts[reader] = await read[reader](token)
      return verdicts as Record<Reader, string>
    },
    all: (verdict) => Object.fromEntries(readers.map((reader) => [reader, verdict])) as never,
    async status(token) {
      const { claims } = unwrap(decodeUnverified(token))
      const { idx, uri } = (claims['status'] as unknown as StatusClaim).status_list
      const list = unwrap(decodeUnverified(await (await fetch(uri)).text()))
      return unwrap(readStatus(list.claims['status_list'] as unknown as StatusList, idx))
    },
    async revokeOwner() {
      await service.store.clients.revokeTokens('shop', { ...context })
    },
    async close() {
      guard.close()
      await service.close()
    },
  }
}

async function askGuard(guard: Guard, token: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` }
  const outcome = await guard.check(new Request('https://api.test/', { headers }))
  return outcome.ok ? 'live' : outcome.refusal.reason
}

/** The audit log names the reason of a token that is not exchanged. */
async function askExchange(
  service: Service,
  token: string,
  headers: Record<string, string>,
  grantType: string,
): Promise<string> {
  const before = await refusedExchanges(service)
  const { status } = await service.post(
    '/oauth2/token',
    {
      grant_type: grantType,
      subject_token: token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      resource: api,
      scope: '',
    },
    headers,
  )
  if (status === 200) return 'live'
  const after = await refusedExchanges(service)
  const reason = [...after].find(([name, count]) => count > (before.get(name) ?? 0))?.[0]
  return reason === 'subject_token_revoked'
    ? 'revoked'
    : withoutFacts(String(reason).replace('subject_token_invalid: ', ''))
}

/** The audit log adds the claim and both values to a reason. */
function withoutFacts(reason: string): string {
  return reason.split(' ', 1)[0] ?? reason
}

async function refusedExchanges(service: Service): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  for (const event of await service.audited()) {
    if (event.event !== 'token_refused') continue
    counts.set(event.reason, (counts.get(event.reason) ?? 0) + event.count)
  }
  return counts
}
