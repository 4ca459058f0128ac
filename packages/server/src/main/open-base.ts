import { availableParallelism } from 'node:os'
import { createEventCounts } from '../audit/fold.ts'
import { createChosenSecrets } from '../clients/chosen-secret.ts'
import { defaults, keyTimes } from '../config/defaults.ts'
import { protectedEndpoint } from '../endpoints/protected.ts'
import { startFault } from '../config/start-fault.ts'
import { createHashQueue, hashesAtOnce } from '../hashing/hash-queue.ts'
import { createPasswordHasher } from '../hashing/password-hasher.ts'
import { peppersOf } from '../hashing/ring-peppers.ts'
import { createKeyRing } from '../keys/ring.ts'
import { createSeals } from '../keys/seal.ts'
import { createResourceDirectory } from '../resources/directory.ts'
import { openStore } from '../store/open-store.ts'
import { addressUnder } from '../tokens/address-under.ts'
import { prepareDemo, prepareDemoSessions, refuseDemo } from './demo.ts'
import { prepareDemoUser } from './demo-user.ts'
import { feedReaders, prepareFeedReaders } from './feed-readers.ts'
import { passwordLengthMin } from '../users/password-rules.ts'
import { knownEvents } from './known-events.ts'
import { prepareSessionClient, sessionResource } from './session-client.ts'
import type { Closers, ServiceSettings } from './settings.ts'
import type { System } from './system.ts'

export type Base = Awaited<ReturnType<typeof openBase>>

/** Opens the parts that all others need: the database, the keys, the resources, and the demo of `dev`. */
export async function openBase(
  settings: ServiceSettings,
  { now, randomId, randomBytes, monotonicMs }: System,
  closers: Closers,
) {
  const seals = createSeals(settings.sealingKey, randomBytes)
  const events = createEventCounts(knownEvents)
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
  const enter = createHashQueue({
    runningMax: hashesAtOnce(availableParallelism(), defaults.hashesRunningMax),
    waitingMax: defaults.hashesWaitingMax,
  })
  const chosen = createChosenSecrets({ randomBytes, enter })
  const peppers = peppersOf(ring)
  const passwords = createPasswordHasher({ peppers, enter, randomBytes, monotonicMs })
  const { sessionAudience } = settings
  if (sessionAudience !== undefined)
    await prepareSessionClient(store, { createdAt: now(), randomId })
  const protectedAudience = addressUnder(settings.issuer, protectedEndpoint.path)
  if (settings.demo === undefined) await refuseDemo(store, chosen, passwords)
  else {
    const { tokenAlg, makesSessionResource } = settings.demo
    await prepareDemo(store, { audience: protectedAudience, tokenAlg, chosen, now, randomId })
    const ofSessions =
      makesSessionResource && sessionAudience !== undefined ? [sessionAudience] : []
    for (const audience of ofSessions) await prepareDemoSessions(store, audience, now())
    const audiences = [protectedAudience, ...ofSessions]
    await prepareDemoUser(store.users, { audiences, passwords, randomBytes })
  }
  const { loginClientId } = settings
  if (loginClientId !== undefined && (await store.clients.find(loginClientId)) === undefined)
    throw startFault(
      'COUNTERSIGN_LOGIN_CLIENT_ID names no client: add the client, or leave the setting out.',
    )
  if (settings.feed === 'closed')
    await prepareFeedReaders(store, feedReaders(settings.issuer), now())
  const resources = createResourceDirectory(store.resources)
  await resources.start()
  await ring.provide(resources.list())
  // In `dev` the resource may be added while the service runs.
  if (sessionAudience !== undefined && settings.demo === undefined)
    sessionResource(sessionAudience, resources.find)
  return {
    store,
    ring,
    chosen,
    passwords,
    passwordRules: {
      lengthMin: settings.passwordLengthMin ?? passwordLengthMin,
      listed: settings.refusedPasswords ?? new Set<string>(),
    },
    loginClientId,
    sessionAudience,
    resources,
    protectedAudience,
    events,
    changesSeen,
  }
}
