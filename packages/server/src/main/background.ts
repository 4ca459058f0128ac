import { signJwt } from '@countersign/jwt'
import { statementType } from '../audit/statement.ts'
import type { ClientDirectory } from '../clients/directory.ts'
import type { PublicOrigins } from '../clients/public-origins.ts'
import { defaults } from '../config/defaults.ts'
import type { LearningHasher } from '../hashing/password-hasher.ts'
import type { Log } from '../http/log.ts'
import type { KeyRing } from '../keys/ring.ts'
import type { ResourceDirectory } from '../resources/directory.ts'
import type { Feed } from '../revocation/feed.ts'
import type { LogAge } from '../revocation/log-age.ts'
import { startHousekeeping } from '../store/housekeeping/start-housekeeping.ts'
import type { ChangeRecord } from '../store/port/records.ts'
import type { Store } from '../store/port/store.ts'
import { writeAuditLines } from './audit-lines.ts'
import { follow } from './follow.ts'
import type { Closers } from './settings.ts'
import type { System } from './system.ts'

interface Background {
  readonly issuer: string
  readonly changesSeen: number
  readonly store: Store
  readonly ring: KeyRing
  readonly clients: ClientDirectory
  readonly publicOrigins: PublicOrigins
  readonly resources: ResourceDirectory
  readonly passwords: Pick<LearningHasher, 'learn'>
  readonly feed: Feed
  readonly logAge: LogAge
  readonly system: System
  readonly log: Log
  readonly onFault: (fault: unknown) => void
  /** Is called after each read of the log that succeeded. */
  readonly onAnswer: () => void
  readonly closers: Closers
}

/** Starts the background work: follows commits of others, rotates keys by the clock, seals and prunes. */
export async function startBackground(deps: Background): Promise<void> {
  const { store, ring, clients, resources, passwords, system, onFault, closers } = deps
  const reportKeys = () => {
    const complaint = ring.complaint()
    if (complaint !== undefined) onFault(complaint)
  }
  // Only sign-ins wait for the measuring.
  const learnHashes = async () =>
    void passwords.learn(await store.imports.listExamples()).catch(onFault)
  await learnHashes()
  const onChanges = async (changes: readonly ChangeRecord[]) => {
    const changed = (table: ChangeRecord['table']) =>
      changes.filter((change) => change.table === table).map(({ id }) => id)
    clients.forget(changed('clients'))
    if (changed('clients').length > 0) deps.publicOrigins.forget()
    if (changed('keys').length > 0) await ring.refresh().then(reportKeys)
    if (changed('foreign_schemes').length > 0) await learnHashes()
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
    onRevocations: () => deps.logAge.during(deps.feed.pump).then(deps.onAnswer),
    onFault,
    from: deps.changesSeen,
    pollMs: defaults.changesPollMs,
  })
  closers.push(() => following.stop())
  // After a rollback of the log, everything in memory is read again.
  deps.feed.onEpoch(async () => {
    const seen = await store.changes.head()
    clients.forgetAll()
    deps.publicOrigins.forget()
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
      onSealed: (rows) => writeAuditLines(deps.log, rows),
      sign: (statement) =>
        signJwt({ iss: deps.issuer, ...statement }, ring.issuerKey(), { typ: statementType }),
    },
    retentionSeconds: defaults.auditRetentionSeconds,
    onFault,
  })
  closers.push(() => housekeeping.stop())
}
