import type { EpochSeconds, Key } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import { startFault } from '../config/start-fault.ts'
import type { KeyRecord } from '../store/port/records.ts'
import type { KeyVerbs } from '../store/port/store.ts'
import { isOf, type KeyGroup, type KeyStep, type KeyTimes, type WantedGroup } from './lifecycle.ts'
import { makeMaterial } from './material.ts'
import { openRecords } from './open-records.ts'
import { feedGroup, groupsOf, issuerGroup, ownGroups } from './own-groups.ts'
import { createCoveredKeys } from './covered-keys.ts'
import { createKeyHorizon } from './key-horizon.ts'
import type { KeyRing, ServerSecret, ServerSecretName } from './ring-port.ts'
import {
  initialRing,
  openableKey,
  stepRing,
  type RingEffect,
  type RingEvent,
  type RingState,
} from './ring-step.ts'
import type { Seals } from './seal.ts'

export type { KeyRing } from './ring-port.ts'

export interface KeyRingDeps {
  readonly store: KeyVerbs
  readonly seals: Seals
  readonly times: KeyTimes
  readonly now: () => EpochSeconds
  readonly randomId: () => string
  readonly randomBytes: (length: number) => Uint8Array
}

/** Creates the ring; nothing is read before `start`. The shell of `stepRing`: it performs the effects. */
export function createKeyRing(deps: KeyRingDeps): KeyRing {
  const { store, now } = deps
  const listeners: (() => void)[] = []
  const horizon = createKeyHorizon({ store })
  let state = initialRing(ownGroups)
  let reading: Promise<void> = Promise.resolve()

  async function dispatch(event: RingEvent): Promise<void> {
    const step = stepRing(state, event, deps.times, now())
    ;({ state } = step)
    for (const effect of step.effects) await perform(effect)
  }

  async function perform(effect: RingEffect): Promise<void> {
    switch (effect.do) {
      case 'takeStep':
        return takeStep(effect.step)
      case 'callListeners':
        return listeners.forEach((listener) => listener())
      case 'readAgain':
        await refresh()
        return dispatch({ type: 'due', round: effect.round })
    }
  }

  /** Reads one after another, so that an older read never overwrites a newer one. */
  function refresh(): Promise<void> {
    reading = reading.catch(() => undefined).then(read)
    return reading
  }

  async function read(): Promise<void> {
    const records = await store.list()
    const opened = openRecords(records, state.opened, deps.seals)
    records.forEach(horizon.read)
    await dispatch({ type: 'read', records, opened })
  }

  async function takeStep(step: KeyStep): Promise<void> {
    // The loser of a race finds the winner's key at the next read.
    if (step.act === 'advance') {
      await store.advance(step.kid, step.from, step.to, system)
      return
    }
    const key = createRecord(step.group, step.state, deps)
    const outcome = await store.announce(key, system, openableKey(state))
    if (outcome === 'unwanted') await dispatch({ type: 'unwanted', group: step.group })
  }

  /** Throws: a start fault when the seal of a key does not open here. */
  function openAll(): void {
    for (const record of state.strange) deps.seals.open(record.sealed, record)
  }

  return {
    ...createCoveredKeys({ views: () => state.views, horizon, refresh }),
    ...readersOf(() => state),
    refresh,
    restoreHorizon: horizon.restore,
    async start() {
      await refresh()
      openAll()
      await dispatch({ type: 'due', round: 0 })
      // Another process may have been quicker with the first keys.
      openAll()
    },
    async turn() {
      // The decision reads the present state, not the last known one.
      await refresh()
      await dispatch({ type: 'due', round: 0 })
    },
    async provide(resources) {
      await dispatch({ type: 'needed', groups: resources.flatMap(groupsOf) })
      await dispatch({ type: 'due', round: 0 })
    },
    async renewSecret(name, audit) {
      await refresh()
      const group = { purpose: 'server', alg: name, audience: null } as const
      const records = [...state.opened.values()].map(({ record }) => record)
      // A process that was killed here leaves an announced secret.
      const waiting = records.find((key) => isOf(key, group) && key.state === 'announced')
      const key = waiting ?? createRecord(group, 'announced', deps)
      if (waiting === undefined) {
        const announced = await store.announce(key, audit, openableKey(state))
        if (announced !== 'announced') return 'lost'
      }
      const outcome = await store.advance(key.kid, 'announced', 'active', audit)
      await refresh()
      return outcome === 'advanced' ? 'renewed' : 'lost'
    },
    onChange: (listener) => void listeners.push(listener),
  }
}

const system: AuditContext = { requestId: 'keys', address: null, actor: 'system' }

function createRecord(
  wanted: WantedGroup,
  state: 'announced' | 'active',
  deps: KeyRingDeps,
): KeyRecord {
  const { kid, publicJwk, plain } = makeMaterial(wanted, deps)
  const { curve: _, ...group } = wanted
  const moment = deps.now()
  return {
    ...group,
    kid,
    publicJwk,
    sealed: deps.seals.seal(plain, { ...group, kid }),
    state,
    announcedAt: moment,
    activatedAt: state === 'active' ? moment : null,
    retiredAt: null,
    verifiableUntil: moment,
  }
}

type Readers = Omit<
  KeyRing,
  | 'start'
  | 'provide'
  | 'turn'
  | 'refresh'
  | 'restoreHorizon'
  | 'onChange'
  | 'renewSecret'
  | 'signingKey'
  | 'encryptionKey'
>

/** The questions that memory answers. */
function readersOf(state: () => RingState): Readers {
  const views = () => state().views
  const keyOf = (group: KeyGroup): Key => {
    const key = views().active(group)?.key
    if (key === undefined) throw new Error(`no ${group.purpose} key signs`)
    return key
  }
  const activeSecretOf = (name: ServerSecretName): ServerSecret => {
    const { secret, record } =
      views().active({ purpose: 'server', alg: name, audience: null }) ?? {}
    if (secret === undefined || record === undefined)
      throw new Error(`the server has no secret ${name}`)
    return { id: record.kid, secret }
  }
  return {
    decryptionKey(kid) {
      const { record, key } = state().opened.get(kid) ?? {}
      if (record?.purpose !== 'encryption' || record.audience === null) return undefined
      return key && { key, audience: record.audience }
    },
    decryptionKeys: (audience) => views().decryptionKeys(audience).keys,
    decryptionKeySet: (audience) => views().decryptionKeys(audience),
    verifiers: (audience) => views().verifiers(audience),
    jwks: () => views().jwks,
    feedJwks: () => views().feedJwks,
    fingerprint: () => views().fingerprint,
    feedKey: () => keyOf(feedGroup),
    issuerKey: () => keyOf(issuerGroup),
    secret: (name) => activeSecretOf(name).secret,
    activeSecret: activeSecretOf,
    secretById: (id) => {
      const { secret } = state().opened.get(id) ?? {}
      return secret && { id, secret }
    },
    records: () => [...state().opened.values()].map(({ record }) => record),
    complaint: () => (state().strange.length === 0 ? undefined : startFault(resealed)),
  }
}

const resealed =
  'The keys of this database were sealed under another key-encryption key: restart this process with it. Until then it goes on with the keys that it has, and makes none.'
