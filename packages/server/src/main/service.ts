import { createLiveIndex, type LiveIndex } from '@countersign/guard/revocations'
import { signJwt } from '@countersign/jwt'
import { createEventCounts } from '../audit/fold.ts'
import { statementType } from '../audit/statement.ts'
import { createAuditCollector } from '../audit/collector.ts'
import { createChosenSecrets } from '../clients/chosen-secret.ts'
import { createClientDirectory, type ClientDirectory } from '../clients/directory.ts'
import { defaults, keyTimes } from '../config/defaults.ts'
import { protectedEndpoint } from '../endpoints/protected.ts'
import { createEdge, type EdgeOptions } from '../http/edge.ts'
import { createTraffic } from '../http/traffic.ts'
import { listen } from '../http/listen.ts'
import type { Log } from '../http/log.ts'
import { createKeyRing, type KeyRing } from '../keys/ring.ts'
import { createSeals } from '../keys/seal.ts'
import { createResourceDirectory, type ResourceDirectory } from '../resources/directory.ts'
import { createFeed, type Feed } from '../revocation/feed.ts'
import { createLogAge, type LogAge } from '../revocation/log-age.ts'
import { startHousekeeping } from '../store/housekeeping/start-housekeeping.ts'
import { openStore } from '../store/open-store.ts'
import type { ChangeRecord } from '../store/port/records.ts'
import type { StoreDeps } from '../store/port/deps.ts'
import type { Store } from '../store/port/store.ts'
import { addressUnder } from '../tokens/address-under.ts'
import type { AddClaims } from '../tokens/plan.ts'
import { createBackgroundFaults } from './background-faults.ts'
import { prepareDemo, refuseDemo, signDemoWith, withRouteFirst } from './demo.ts'
import { feedReaders, prepareFeedReaders } from './feed-readers.ts'
import { follow } from './follow.ts'
import { setHeapFlags } from './heap-flags.ts'
import { createEndpoints } from './create-endpoints.ts'
import { createServices, type OauthSettings } from './services.ts'
import type { System } from './system.ts'
import { endpointTable } from './table.ts'

/** The settings of the service. */
export interface ServiceSettings {
  /** The issuer in its tokens, a URL. */
  readonly issuer: string
  /** A path of a SQLite file, or the `postgres://…` address of a Postgres database. */
  readonly database: string
  readonly storeOptions?: Pick<StoreDeps, 'migrate' | 'listenUrl' | 'poolMax'>
  /** The key-encryption key. */
  readonly sealingKey: Uint8Array
  readonly listen: Parameters<typeof listen>[1]
  readonly edge: Pick<EdgeOptions, 'hosts' | 'proxies' | 'limits' | 'finish'>
  readonly oauth: OauthSettings
  /** Origins whose pages may call the token and revocation endpoints. */
  readonly corsOrigins?: readonly string[]
  /** `closed`: only clients with a scope may follow the revocations. Default: `open`. */
  readonly feed?: 'open' | 'closed'
  /** Set in `countersign dev` only: the demo client, and the algorithm of its tokens. */
  readonly demo?: { readonly tokenAlg: string }
  readonly addClaims?: AddClaims
}

/** A running service. */
export interface Service {
  readonly port: number
  /** Finishes running requests and closes the database. Throws: the first fault, after everything is closed. */
  readonly stop: () => Promise<void>
}

/** The functions that close the parts opened so far; they run in reverse order. */
type Closers = (() => Promise<void> | void)[]

/**
 * Starts the service: opens the database, reads keys and resources, listens.
 * Throws: a start or store fault with one sentence for the operator, or the socket's error; nothing is left open then.
 */
export async function startService(
  settings: ServiceSettings,
  system: System,
  log: Log,
): Promise<Service> {
  const closers: Closers = []
  const stop = async () => {
    const faults: unknown[] = []
    for (const close of closers.toReversed()) {
      try {
        await close()
      } catch (fault) {
        faults.push(fault)
      }
    }
    if (faults.length > 0) throw faults[0]
  }
  try {
    const port = await openAll(settings, system, log, closers)
    setHeapFlags()
    return { port, stop }
  } catch (fault) {
    await stop().catch(() => undefined)
    throw fault
  }
}

async function openAll(
  settings: ServiceSettings,
  system: System,
  log: Log,
  closers: Closers,
): Promise<number> {
  const { issuer } = settings
  const { now, randomId, monotonicMs } = system
  const onFault = createBackgroundFaults(log, monotonicMs)
  const base = await openBase(settings, system, closers)
  const { store, ring, resources, changesSeen } = base
  const collector = createAuditCollector({
    monotonicMs,
    append: (events) => store.audit.append(events),
    onFault,
  })
  closers.push(() => collector.close())
  const index = createLiveIndex()
  const logAge = createLogAge({ now, monotonicMs, secondsMax: defaults.logAgeSecondsMax })
  const feed = await startFeed({ issuer, store, ring, index, now, randomId, onFault, logAge })
  closers.push(() => feed.close())
  const clients = createClientDirectory(
    settings.demo === undefined
      ? store.clients
      : withRouteFirst(store.clients, base.protectedAudience),
  )
  await startBackground({
    issuer,
    store,
    ring,
    clients,
    resources,
    feed,
    logAge,
    system,
    onFault,
    closers,
    changesSeen,
  })
  const traffic = createTraffic()
  let stopping = false
  const services = createServices({
    ...base,
    issuer,
    clients,
    collector,
    index,
    feed,
    oauth: settings.oauth,
    feedReaders: settings.feed === 'closed' ? feedReaders(issuer) : undefined,
    addClaims: settings.addClaims,
    traffic,
    stopping: () => stopping,
    logIsTooOld: logAge.isTooOld,
    system,
    log,
  })
  const edge = createEdge({
    endpoints: createEndpoints(endpointTable, services, settings.corsOrigins),
    ...settings.edge,
    observe: traffic.observe,
    log,
    clockMs: monotonicMs,
    idPrefix: `${randomId().slice(0, 8)}-`,
  })
  const listening = await listen(edge, settings.listen)
  closers.push(() => {
    stopping = true
    return listening.stop()
  })
  if (settings.demo !== undefined) await signDemoWith(settings.demo.tokenAlg, base)
  return listening.port
}

/** Opens the parts that all others need: the database, the keys, the resources, and the demo of `dev`. */
async function openBase(
  settings: ServiceSettings,
  { now, randomId, randomBytes }: System,
  closers: Closers,
) {
  const seals = createSeals(settings.sealingKey, randomBytes)
  const events = createEventCounts()
  const store = await openStore(settings.database, {
    now,
    randomId,
    onAudit: events.add,
    ...settings.storeOptions,
  })
  closers.push(() => store.close())
  // Read first, so that changes of others during the start are read again.
  const changesSeen = await store.changes.head()
  const times = keyTimes
  const ring = createKeyRing({ store: store.keys, seals, times, now, randomId, randomBytes })
  await ring.start()
  const chosen = createChosenSecrets({
    randomBytes,
    runningMax: defaults.hashesRunningMax,
    waitingMax: defaults.hashesWaitingMax,
  })
  const protectedAudience = addressUnder(settings.issuer, protectedEndpoint.path)
  if (settings.demo === undefined) await refuseDemo(store, chosen)
  else {
    const { tokenAlg } = settings.demo
    await prepareDemo(store, { audience: protectedAudience, tokenAlg, chosen, now, randomId })
  }
  if (settings.feed === 'closed')
    await prepareFeedReaders(store, feedReaders(settings.issuer), now())
  const resources = createResourceDirectory(store.resources)
  await resources.start()
  await ring.provide(resources.list())
  return { store, ring, chosen, resources, protectedAudience, events, changesSeen }
}

async function startFeed(deps: {
  readonly issuer: string
  readonly store: Store
  readonly ring: KeyRing
  readonly index: LiveIndex
  readonly now: System['now']
  readonly randomId: System['randomId']
  readonly onFault: (fault: unknown) => void
  readonly logAge: LogAge
}): Promise<Feed> {
  const { ring, logAge } = deps
  const feed = createFeed({
    store: deps.store,
    issuer: deps.issuer,
    sign: (claims, typ) => signJwt(claims, ring.feedKey(), { typ }),
    keysFingerprint: ring.fingerprint,
    now: deps.now,
    randomId: deps.randomId,
    index: deps.index,
    onFault: deps.onFault,
    heartbeatSeconds: defaults.feedHeartbeatSeconds,
  })
  await logAge.during(feed.start)
  ring.onChange(() => {
    // A guard reads the keys again with the next heartbeat that may be signed.
    if (!logAge.isTooOld()) feed.announceKeys()
  })
  return feed
}

interface Background {
  readonly issuer: string
  readonly changesSeen: number
  readonly store: Store
  readonly ring: KeyRing
  readonly clients: ClientDirectory
  readonly resources: ResourceDirectory
  readonly feed: Feed
  readonly logAge: LogAge
  readonly system: System
  readonly onFault: (fault: unknown) => void
  readonly closers: Closers
}

/** Starts the background work: follows commits of others, rotates keys by the clock, seals and prunes. */
async function startBackground(deps: Background): Promise<void> {
  const { store, ring, clients, resources, system, onFault, closers } = deps
  const reportKeys = () => {
    const complaint = ring.complaint()
    if (complaint !== undefined) onFault(complaint)
  }
  const onChanges = async (changes: readonly ChangeRecord[]) => {
    const changed = (table: ChangeRecord['table']) =>
      changes.filter((change) => change.table === table).map(({ id }) => id)
    clients.forget(changed('clients'))
    if (changed('keys').length > 0) await ring.refresh().then(reportKeys)
    const audiences = changed('resources')
    if (audiences.length === 0) return
    // The key first, so that every resource in memory has a key that signs its tokens.
    const found = await Promise.all(audiences.map((audience) => store.resources.find(audience)))
    await ring.provide([...resources.list(), ...found.filter((resource) => resource !== undefined)])
    await resources.refresh(audiences)
  }
  const following = await follow({
    store,
    onChanges,
    onRevocations: () => deps.logAge.during(deps.feed.pump),
    onFault,
    from: deps.changesSeen,
    pollMs: defaults.changesPollMs,
  })
  closers.push(() => following.stop())
  // After a rollback of the log, everything in memory is read again.
  deps.feed.onEpoch(async () => {
    const seen = await store.changes.head()
    clients.forgetAll()
    await ring.restoreHorizon()
    await ring.refresh().then(reportKeys)
    await resources.start()
    await ring.provide(resources.list())
    following.goOnFrom(seen)
  })
  const turn = () => void ring.turn().then(reportKeys, onFault)
  const turning = setInterval(turn, defaults.keyTurnMs).unref()
  closers.push(() => clearInterval(turning))
  const housekeeping = startHousekeeping(store, {
    holder: system.randomId(),
    seal: {
      key: ring.secret('audit-chain'),
      now: system.now,
      sign: (statement) =>
        signJwt({ iss: deps.issuer, ...statement }, ring.issuerKey(), { typ: statementType }),
    },
    retentionSeconds: defaults.auditRetentionSeconds,
    onFault,
  })
  closers.push(() => housekeeping.stop())
}
