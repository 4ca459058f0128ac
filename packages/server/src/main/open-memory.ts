import { createLiveIndex, type LiveIndex } from '@countersign/guard/revocations'
import { signJwt } from '@countersign/jwt'
import { createAuditCollector } from '../audit/collector.ts'
import { createClientDirectory } from '../clients/directory.ts'
import { createPublicOrigins } from '../clients/public-origins.ts'
import { defaults } from '../config/defaults.ts'
import { isPostgresAddress } from '../config/postgres-address.ts'
import type { Log } from '../http/log.ts'
import type { KeyRing } from '../keys/ring.ts'
import { createFeed, type Feed } from '../revocation/feed.ts'
import { createLogAge, type LogAge } from '../revocation/log-age.ts'
import type { Store } from '../store/port/store.ts'
import { startBackground } from './background.ts'
import { createBackgroundFaults } from './background-faults.ts'
import { withRouteFirst } from './demo.ts'
import type { Base } from './open-base.ts'
import { createOutageLog } from './outage.ts'
import type { Closers, ServiceSettings } from './settings.ts'
import type { System } from './system.ts'

export type Memory = Awaited<ReturnType<typeof openMemory>>

/** Reads clients and revocations into memory, and starts the work that keeps memory and database in step. */
export async function openMemory(
  base: Base,
  settings: ServiceSettings,
  system: System,
  log: Log,
  closers: Closers,
) {
  const { issuer } = settings
  const { now, randomId, monotonicMs } = system
  const { store, ring, resources, changesSeen } = base
  const outage = createOutageLog({
    log,
    databaseName: isPostgresAddress(settings.database) ? 'Postgres' : 'The database',
    monotonicMs,
    takesWrites: async () => (await store.health()).ok,
  })
  const onFault = createBackgroundFaults(log, monotonicMs, outage.onBackgroundFault)
  const collector = createAuditCollector({
    now,
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
  const publicOrigins = createPublicOrigins(() => store.clients.listPublicRedirects(), monotonicMs)
  await startBackground({
    issuer,
    store,
    ring,
    clients,
    publicOrigins,
    resources,
    passwords: base.passwords,
    feed,
    logAge,
    system,
    log,
    onFault,
    onAnswer: outage.onAnswer,
    closers,
    changesSeen,
  })
  return { outage, onFault, collector, index, logAge, feed, clients, publicOrigins }
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
