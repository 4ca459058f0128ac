import { defaultFetchLimits, fetchDocument } from '@countersign/guard/outbound'
import type { LiveIndex } from '@countersign/guard/revocations'
import { signJwt } from '@countersign/jwt'
import type { AuditCollector } from '../audit/collector.ts'
import type { EventCounts } from '../audit/fold.ts'
import { createAssertionCheck } from '../clients/assertion.ts'
import { createClientAuthenticator } from '../clients/authenticate.ts'
import type { ChosenSecrets } from '../clients/chosen-secret.ts'
import type { ClientDirectory } from '../clients/directory.ts'
import { createGuesses } from '../clients/guesses.ts'
import { createLimiter } from '../clients/limiter.ts'
import type { PublicOrigins } from '../clients/public-origins.ts'
import { createRecentSecrets } from '../clients/recent-secrets.ts'
import { defaults } from '../config/defaults.ts'
import { createClientAuthentication, noteRefusals } from '../endpoints/client-authentication.ts'
import { feedAdmission } from '../endpoints/feed-admission.ts'
import { streamLimits } from '../endpoints/revocations.ts'
import type { Services } from '../endpoints/services.ts'
import type { UserLogin } from '../endpoints/user-login-service.ts'
import { tokenEndpoint } from '../endpoints/token.ts'
import { createDpopNonces } from '../grants/dpop-nonce.ts'
import type { GrantDeps, RefreshLifetimes } from '../grants/grant.ts'
import { createProver } from '../grants/proof.ts'
import { createRefreshTokens } from '../grants/refresh-token.ts'
import { createTrustedIssuers, type TrustedIssuerRow } from '../grants/trusted-issuers.ts'
import type { Log } from '../http/log.ts'
import type { Traffic } from '../http/traffic.ts'
import type { PasswordHasher } from '../hashing/password-hasher.ts'
import type { SignUpRule } from '../config/sign-up-rule.ts'
import type { KeyRing } from '../keys/ring.ts'
import { createFactorCounters } from '../limits/factor-limits.ts'
import { createSignInCounters } from '../limits/sign-in-limits.ts'
import type { ResourceDirectory } from '../resources/directory.ts'
import type { Feed } from '../revocation/feed.ts'
import { createStatusLists } from '../revocation/status-lists.ts'
import type { Store } from '../store/port/store.ts'
import { addressUnder } from '../tokens/address-under.ts'
import type { PasswordRules } from '../users/password-rules.ts'
import { createSecondFactors, type SecondFactors } from '../users/factors/second-factors.ts'
import { createSignIn, type SignIn } from '../users/sign-in.ts'
import type { AddClaims } from '../tokens/plan.ts'
import { browserServicesOf } from './browser-services.ts'
import type { FeedReaders } from './feed-readers.ts'
import { mailServiceOf } from './mail-service.ts'
import { createServiceMint } from './mint.ts'
import { demoFactsOf } from './demo-facts.ts'
import { createSignInLockOutLines, writeLockOut } from './lock-out-line.ts'
import type { OpenedMail } from './opened-mail.ts'
import type { OutageLog } from './outage.ts'
import { openidOf, resourceLookup, type Openid } from './openid.ts'
import { guardsOf, readerOf } from './own-tokens.ts'
import { noteRefusedClients, type RequestLines } from './request-lines.ts'
import type { PageSettings } from './page-settings.ts'
import type { DemoSettings } from './demo-settings.ts'
import type { System } from './system.ts'

/** The opened parts of the service, from which `createServices` builds the services of endpoints. */
export interface Parts {
  readonly issuer: string
  /** The audience of the protected route of the original contract. */
  readonly protectedAudience: string
  readonly store: Store
  readonly ring: KeyRing
  readonly clients: ClientDirectory
  readonly publicOrigins: PublicOrigins
  readonly resources: ResourceDirectory
  readonly chosen: ChosenSecrets
  readonly passwords: PasswordHasher
  readonly passwordRules: PasswordRules
  /** The client that users sign in to; absent where none can. */
  readonly loginClientId?: string | undefined
  /** The resource of browser sessions; absent where no browser can sign in. */
  readonly sessionAudience?: string | undefined
  readonly pages?: PageSettings | undefined
  /** The people who may make an account on the pages. Default: nobody. */
  readonly signUp?: SignUpRule | undefined
  readonly mail: OpenedMail
  /** Set in `dev` only. */
  readonly demo?: DemoSettings | undefined
  readonly collector: AuditCollector
  readonly index: LiveIndex
  readonly feed: Feed
  readonly oauth: OauthSettings
  /** The clients that may follow the revocations; absent where everybody may. */
  readonly feedReaders?: FeedReaders | undefined
  readonly addClaims?: AddClaims | undefined
  readonly traffic: Traffic
  readonly events: EventCounts
  readonly stopping: () => boolean
  /** Whether the revocation log in memory is too old to answer from. */
  readonly logIsTooOld: () => boolean
  readonly system: System
  readonly log: Log
  readonly outage: Pick<OutageLog, 'onRequestFault'>
  /** Whether the log says why a guard here refused a request. Default: false. */
  readonly warnsOfRefusals?: boolean
  /** Present where debug lines are written. */
  readonly requestLines?: RequestLines | undefined
  /** Takes faults of work that no request waits for. */
  readonly onFault: (fault: unknown) => void
}

/** The settings of the token endpoint. */
export interface OauthSettings {
  readonly refresh: RefreshLifetimes
  readonly auditEach: boolean
  readonly trustedIssuers: readonly TrustedIssuerRow[]
}

/** Builds the services that endpoints use. */
export function createServices(parts: Parts): Services {
  const { issuer, store, ring, resources, collector, index, feed, log, feedReaders } = parts
  const { now, randomId, randomBelow, monotonicMs } = parts.system
  const noteRequest = parts.requestLines?.note
  const sign = (claims: object, typ: string) => signJwt(claims, ring.issuerKey(), { typ })
  const statusLists = createStatusLists({
    store,
    index,
    issuer,
    now,
    randomId,
    randomBelow,
    sign,
  })
  feed.onEpoch(async () => statusLists.forgetAll())
  const reader = readerOf(parts)
  const guardOf = guardsOf(parts)
  const nonces = createDpopNonces({ secret: ring.secret('dpop-nonce'), now })
  const openid = openidOf(parts)
  const grants = grantsOf(parts, reader, statusLists, openid)
  const signIn = signInOf(parts)
  const secondFactors = secondFactorsOf(parts)
  return {
    issuer,
    protectedAudience: parts.protectedAudience,
    store,
    ring,
    resource: resources.find,
    scopes: () => [...new Set(resources.list().flatMap(({ scopes }) => scopes))],
    ...clientServices(parts),
    userLogin: userLoginOf(parts, signIn, secondFactors),
    mail: mailServiceOf(parts),
    demo: parts.demo && demoFactsOf(parts.demo, store.users),
    browserServices: browserServicesOf({ ...parts, signIn, secondFactors }, grants, reader),
    openid: openid?.services,
    grants,
    refreshTokens: grants.refreshTokens,
    prove: createProver({ url: addressUnder(issuer, tokenEndpoint.path), nonces, now }),
    nonce: nonces.current,
    countKeyFetch: createLimiter(defaults.decryptionKeyFetchesPerMinute),
    reader,
    onUnreadToken: (endpoint, reason) => log.debug({ endpoint, reason }, 'a token was refused'),
    sign,
    guardOf,
    logIsTooOld: parts.logIsTooOld,
    feed,
    // The revocation is committed. If the log cannot be read now, the next heartbeat reads it.
    catchUp: () => feed.pump().catch(parts.onFault),
    admitToFeed:
      feedReaders === undefined
        ? undefined
        : feedAdmission(guardOf(feedReaders.audience), feedReaders.scope, noteRequest),
    streamLimits,
    statusLists,
    collector,
    traffic: parts.traffic,
    events: parts.events,
    countRevocations: feedReaders === undefined ? index.size : undefined,
    health: async () => {
      const health = await store.health()
      return health.ok && parts.logIsTooOld() ? { ok: false, detail: 'log_too_old' } : health
    },
    stopping: parts.stopping,
    log,
    noteRequest,
    now,
    monotonicMs,
  }
}

/** The services that know clients. */
function clientServices({
  issuer,
  ring,
  clients,
  chosen,
  collector,
  system,
  log,
  requestLines,
}: Parts) {
  const guesses = createGuesses(undefined, (lockOut) => writeLockOut(log, lockOut))
  const authenticator = createClientAuthenticator({
    directory: clients,
    chosen,
    recent: createRecentSecrets(system.randomBytes(32)),
    guesses,
    hashKey: ring.secret('client-secret-hash'),
    checkAssertion: createAssertionCheck({ issuer, now: system.now }),
  })
  const audit = noteRefusals(collector)
  const noteRefusal = requestLines === undefined ? audit : noteRefusedClients(audit, requestLines)
  return {
    ...createClientAuthentication(authenticator, noteRefusal, requestLines?.note),
    withSecret: authenticator.withSecret,
    noteRefusal,
    forgetClient: (clientId: string) => clients.forget([clientId]),
    failedProofs: guesses,
  } satisfies Partial<Services>
}

/** The check of names and passwords, for all routes at which users sign in. */
function signInOf({ store, passwords, passwordRules, log, system }: Parts): SignIn {
  return createSignIn({
    users: store.users,
    passwords,
    counters: createSignInCounters(store.counters),
    passwordLengthMin: passwordRules.lengthMin,
    onLockOut: createSignInLockOutLines(log, system.monotonicMs),
  })
}

/** The check of codes, for all routes at which users sign in. */
function secondFactorsOf({ store, ring, system }: Parts): SecondFactors {
  return createSecondFactors({
    store: store.factors,
    counters: createFactorCounters(store.counters),
    activeSecret: () => ring.activeSecret('second-factor'),
    secretById: ring.secretById,
    randomBytes: system.randomBytes,
    now: system.now,
  })
}

/** The sign-in of users at the login route; absent where it is off. */
function userLoginOf(
  { loginClientId, clients, issuer, store, system }: Parts,
  signIn: SignIn,
  secondFactors: SecondFactors,
): UserLogin | undefined {
  if (loginClientId === undefined) return undefined
  return {
    origin: new URL(issuer).origin,
    signIn,
    secondFactors,
    store,
    randomBytes: system.randomBytes,
    client: () => clients.remembered(loginClientId) ?? clients.read(loginClientId),
  }
}

function grantsOf(
  parts: Parts,
  { readToken }: Services['reader'],
  statusLists: Services['statusLists'],
  openid: Openid | undefined,
): GrantDeps {
  const { issuer, store, ring, collector, oauth, system } = parts
  const { randomBytes, randomId, monotonicMs } = system
  return {
    store,
    resource: resourceLookup(parts),
    mint: createServiceMint(parts, statusLists),
    refreshTokens: createRefreshTokens({ secret: ring.secret('refresh-tag'), randomBytes }),
    refresh: oauth.refresh,
    randomId,
    collector,
    readToken,
    trustedIssuer: createTrustedIssuers(oauth.trustedIssuers, {
      issuer,
      tokenEndpoint: addressUnder(issuer, tokenEndpoint.path),
      fetch: (url) => fetchDocument(url, fetch, defaultFetchLimits),
      monotonic: () => monotonicMs() / 1000,
    }),
    auditEach: oauth.auditEach,
    openid: openid?.parts,
  }
}
