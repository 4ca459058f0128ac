import type { ReplayMemory, RevocationView } from '@countersign/guard'
import { defaultFetchLimits, fetchDocument, isAllowedAddress } from '@countersign/guard/outbound'
import { readChain, type LiveIndex } from '@countersign/guard/revocations'
import { signJwt } from '@countersign/jwt'
import type { AuditCollector } from '../audit/collector.ts'
import { createAssertionCheck } from '../clients/assertion.ts'
import { createClientAuthenticator } from '../clients/authenticate.ts'
import type { ChosenSecrets } from '../clients/chosen-secret.ts'
import type { ClientDirectory } from '../clients/directory.ts'
import { createGuesses } from '../clients/guesses.ts'
import { createLimiter } from '../clients/limiter.ts'
import { createRecentSecrets } from '../clients/recent-secrets.ts'
import { defaults } from '../config/defaults.ts'
import {
  createClientAuthentication,
  noteRefusals,
  type AuthenticateClient,
  type TurnAway,
} from '../endpoints/client-authentication.ts'
import { decryptionKeysEndpoint } from '../endpoints/decryption-keys.ts'
import { feedAdmission } from '../endpoints/feed-admission.ts'
import type { GuardedHere } from '../endpoints/guarded.ts'
import { healthEndpoints } from '../endpoints/health.ts'
import { jwksEndpoint } from '../endpoints/jwks.ts'
import { loginEndpoint } from '../endpoints/login.ts'
import { metadataEndpoints } from '../endpoints/metadata.ts'
import { metricsEndpoint } from '../endpoints/metrics.ts'
import { createOauth, type OauthSettings } from '../endpoints/oauth.ts'
import { protectedEndpoint } from '../endpoints/protected.ts'
import { feedKeysEndpoint, revocationsEndpoints, streamLimits } from '../endpoints/revocations.ts'
import { rootEndpoint } from '../endpoints/root.ts'
import { statusListsEndpoint } from '../endpoints/status-lists.ts'
import { tokenPath } from '../endpoints/token.ts'
import { whileCurrent } from '../endpoints/while-current.ts'
import type { EventCounts } from '../audit/fold.ts'
import { withCors, type CorsPolicy } from '../http/cors.ts'
import type { Endpoint } from '../http/exchange.ts'
import type { Traffic } from '../http/traffic.ts'
import { faultFacts, type Log } from '../http/log.ts'
import { asymmetricAlgs, proofAlgs, signingAlgs } from '../keys/material.ts'
import type { KeyRing } from '../keys/ring.ts'
import type { ResourceDirectory } from '../resources/directory.ts'
import { createResourceEncryption } from '../resources/encryption.ts'
import type { Feed } from '../revocation/feed.ts'
import { createStatusLists, type StatusLists } from '../revocation/status-lists.ts'
import type { Store } from '../store/port/store.ts'
import { createMint, type EncryptTo, type Mint } from '../tokens/mint.ts'
import { createOwnReader, type OwnReader } from '../tokens/own-reader.ts'
import type { AddClaims } from '../tokens/plan.ts'
import type { FeedReaders } from './feed-readers.ts'
import { warnOfSlowClock } from './slow-clock.ts'
import type { Surroundings } from './surroundings.ts'

/** Everything that the endpoints are made of. */
export interface RoomsDeps {
  readonly issuer: string
  /** The audience of the protected route of the original contract. */
  readonly protectedAudience: string
  readonly store: Store
  readonly ring: KeyRing
  readonly clients: ClientDirectory
  readonly resources: ResourceDirectory
  readonly chosen: ChosenSecrets
  readonly collector: AuditCollector
  readonly index: LiveIndex
  readonly feed: Feed
  readonly oauth: OauthSettings
  /** Origins whose pages may call the token and revocation endpoints. */
  readonly corsOrigins?: readonly string[] | undefined
  /** Who may follow the revocations; absent where everybody may. */
  readonly feedReaders?: FeedReaders | undefined
  readonly addClaims?: AddClaims | undefined
  readonly traffic: Traffic
  readonly events: EventCounts
  readonly stopping: () => boolean
  /** Whether the revocation log in memory is too old to answer from. */
  readonly logIsTooOld: () => boolean
  readonly surroundings: Surroundings
  readonly log: Log
}

/** Makes the table of endpoints out of the rooms below. */
export function createEndpoints(deps: RoomsDeps): readonly Endpoint[] {
  const { issuer, store, ring, clients, collector, log, feed } = deps
  const { now, randomBytes, randomId } = deps.surroundings
  const guesses = createGuesses()
  const authenticator = createClientAuthenticator({
    directory: clients,
    chosen: deps.chosen,
    recent: createRecentSecrets(randomBytes(32)),
    guesses,
    hashKey: ring.secret('client-secret-hash'),
    checkAssertion: createAssertionCheck({ issuer, now }),
  })
  const statusLists = statusListsOf(deps)
  const forgetClient = (clientId: string) => clients.forget([clientId])
  const noteRefusal = noteRefusals(collector)
  const { authenticate, turnAway } = createClientAuthentication(authenticator, noteRefusal)
  const oauth = createOauth({
    issuer,
    store,
    resources: deps.resources,
    authenticate,
    turnAway,
    failedProofs: guesses,
    forgetClient,
    mint: warnOfSlowClock(mintOf(deps, statusLists), log, deps.surroundings.monotonicMs),
    reader: ownReaderOf(deps),
    onUnreadToken: (endpoint, reason) => log.debug({ endpoint, reason }, 'a token was refused'),
    sign: (claims, typ) => signJwt(claims, ring.issuerKey(), { typ }),
    // It is committed; a log that cannot be read at this moment is read at the next.
    catchUp: () =>
      feed.pump().catch((fault: unknown) => {
        log.error(faultFacts(fault), 'the revocation log could not be read')
      }),
    collector,
    secrets: {
      refreshTokens: ring.secret('refresh-tag'),
      dpopNonces: ring.secret('dpop-nonce'),
    },
    settings: deps.oauth,
    now,
    fetchDocument: fetchOne,
    monotonic: () => deps.surroundings.monotonicMs() / 1000,
    randomBytes,
    randomId,
  })
  const { grants } = oauth
  const believing = [
    loginEndpoint({ authenticator, grants, noteRefusal, forgetClient, collector, log, now }),
    protectedEndpoint(guardedBy(deps, deps.protectedAudience)),
    ...oauth.endpoints,
    ...keysOfResources(deps, authenticate, turnAway),
    ...revocationsEndpoints({ feed, admit: readersOnly(deps), limits: streamLimits }),
    statusListsEndpoint(statusLists),
  ]
  const all = [
    rootEndpoint,
    jwksEndpoint(ring.jwks, defaults.jwksMaxAgeSeconds),
    feedKeysEndpoint(ring.feedJwks),
    ...metadataEndpoints(issuer, {
      scopes: () => scopesOf(deps.resources),
      assertionAlgorithms: asymmetricAlgs,
      proofAlgorithms: proofAlgs,
      introspectionAlgorithms: ['ES256'],
      handsKeys: isAllowedAddress(issuer),
    }),
    metricsOf(deps),
    ...healthEndpoints({ health: () => healthOf(deps), stopping: deps.stopping }),
    ...believing.map((endpoint) => whileCurrent(deps.logIsTooOld, endpoint)),
  ]
  return withCors(all, corsPolicy(deps.corsOrigins ?? []))
}

/** Documents that everybody may read are open to pages of any origin. */
function corsPolicy(origins: readonly string[]): CorsPolicy {
  const isOpen = (path: string) =>
    path.startsWith('/.well-known/') || path.startsWith('/status-lists/')
  return {
    isOpen: (path) => isOpen(path) || path === '/revocations' || path === '/revocations/jwks.json',
    isListed: (path) => origins.length > 0 && [tokenPath, '/oauth2/revoke'].includes(path),
    allows: (origin) => origins.includes(origin),
  }
}

/** Whether the database takes writes and the revocation log was read in time. */
async function healthOf({ store, logIsTooOld }: RoomsDeps): ReturnType<Store['health']> {
  const health = await store.health()
  return health.ok && logIsTooOld() ? { ok: false, detail: 'log_too_old' } : health
}

function metricsOf({
  traffic,
  events,
  ring,
  index,
  surroundings,
  feedReaders,
}: RoomsDeps): Endpoint {
  const { monotonicMs } = surroundings
  const { records: keys } = ring
  const revocations = feedReaders === undefined ? index.size : undefined
  return metricsEndpoint({ traffic, events, keys, revocations, monotonicMs })
}

/** Private keys leave under https only, or on this machine. */
function keysOfResources(
  { issuer, store, ring, resources, collector }: RoomsDeps,
  authenticate: AuthenticateClient,
  turnAway: TurnAway,
): readonly Endpoint[] {
  if (!isAllowedAddress(issuer)) return []
  const countFetch = createLimiter(defaults.decryptionKeyFetchesPerMinute)
  const { find: resource } = resources
  const keys = ring.decryptionKeys
  const how = { authenticate, turnAway, store, resource, keys, collector, countFetch }
  return [decryptionKeysEndpoint(how)]
}

/** The reader that introspection, revocation and exchange share. */
function ownReaderOf({ issuer, ring, index, resources }: RoomsDeps): OwnReader {
  const { verifiers, decryptionKey } = ring
  const revocation = viewOf(index)
  const resource = resources.find
  return createOwnReader({
    issuer,
    algorithms: signingAlgs,
    verifiers,
    decryptionKey,
    resource,
    revocation,
  })
}

/** What a guard of one of our own audiences is made of. */
function guardedBy(deps: RoomsDeps, audience: string) {
  const { issuer, store, ring, index, resources, surroundings, log } = deps
  return {
    issuer,
    audience,
    algorithms: signingAlgs,
    keySet: () => ring.verifiers(audience),
    revocation: viewOf(index),
    decryptionKeySet: () => ring.decryptionKeySet(audience),
    isEncrypted: () => (resources.find(audience)?.encryption ?? null) !== null,
    // A proof names our address, which nobody can rely on over plain http from elsewhere.
    replays: isAllowedAddress(issuer) ? replaysIn(store.spent) : undefined,
    now: surroundings.now,
    onRefusal: ({ reason }, fault) => {
      if (fault !== undefined) log.error({ reason, ...faultFacts(fault) }, 'the guard met a fault')
      else log.debug({ reason }, 'the guard refused')
    },
  } satisfies GuardedHere
}

/** Proofs shown to our own guards, remembered across nodes and restarts. */
function replaysIn(spent: Store['spent']): ReplayMemory {
  return {
    async remember(id, until) {
      const outcome = await spent.spend([{ space: 'dpop', owner: 'guarded here', id, until }])
      return outcome === 'spent' ? 'seen' : 'fresh'
    },
  }
}

function readersOnly(deps: RoomsDeps) {
  const { feedReaders } = deps
  if (feedReaders === undefined) return undefined
  return feedAdmission(guardedBy(deps, feedReaders.audience), feedReaders.scope)
}

const fetchOne = (url: string) => fetchDocument(url, fetch, defaultFetchLimits)

/** Fetches the keys of resources by the rules of a guard. */
function encryptionOf({ ring, surroundings: { monotonicMs } }: RoomsDeps): EncryptTo {
  return createResourceEncryption({
    fetch: fetchOne,
    managedKey: ring.encryptionKey,
    monotonic: () => monotonicMs() / 1000,
  })
}

function mintOf(deps: RoomsDeps, lists: StatusLists): Mint {
  const { issuer, ring, index, addClaims, surroundings } = deps
  return createMint({
    issuer,
    randomId: surroundings.randomId,
    addClaims,
    signingKey: ring.signingKey,
    encrypt: encryptionOf(deps),
    deadUpTo: index.issuedUpTo,
    after: surroundings.after,
    refer: ({ client, parent, resource: { audience }, subject, sid = null }, until) => {
      const { cid = client.internalId, cv = client.version, uv } = parent ?? {}
      const { actors } = readChain({ act: parent?.act })
      return lists.refer({ audience, sid, cid, cv, uv, actors, subject }, until)
    },
  })
}

function statusListsOf({ issuer, store, ring, index, surroundings }: RoomsDeps): StatusLists {
  const { now, randomId, randomBelow } = surroundings
  const sign = (claims: object, typ: string) => signJwt(claims, ring.issuerKey(), { typ })
  return createStatusLists({ store, index, issuer, now, randomId, randomBelow, sign })
}

function scopesOf(resources: ResourceDirectory): readonly string[] {
  return [...new Set(resources.list().flatMap(({ scopes }) => scopes))]
}

/** The log in memory. Not checked: its age, which `whileCurrent` checks for each endpoint that asks it. */
function viewOf(index: LiveIndex): RevocationView {
  return {
    check: index.check,
    generation: index.generation,
    isTooStale: () => false,
    health: () => ({ state: 'fresh', ageSeconds: 0 }),
  }
}
