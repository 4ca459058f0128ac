import { publicKeyOf, type EpochSeconds, type Jwk, type Key, type KeySet } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import { startFault, type StartFault } from '../config/start-fault.ts'
import type { KeyRecord, ResourceEncryption } from '../store/port/records.ts'
import type { KeyVerbs } from '../store/port/store.ts'
import {
  dueSteps,
  type KeyGroup,
  type KeyStep,
  type KeyTimes,
  type WantedGroup,
} from './lifecycle.ts'
import { makeMaterial, openKey, openSecret } from './material.ts'
import { createPromises } from './promises.ts'
import type { Seals } from './seal.ts'
import { nameOf, viewsOf, type Opened } from './views.ts'

/** The names of the server's own secrets, each 32 random bytes. */
const serverSecretNames = [
  'client-secret-hash',
  'refresh-tag',
  'dpop-nonce',
  'audit-chain',
] as const
export type ServerSecretName = (typeof serverSecretNames)[number]

/** The signing key of a resource's tokens. */
export interface Signable {
  readonly audience: string
  readonly tokenAlg: string
}

/** The signing key of a resource's tokens, and their encryption key where it is kept here. */
export interface Needy extends Signable {
  readonly encryption?: ResourceEncryption | null
}

/** All keys of this service, opened and in memory. */
export interface KeyRing {
  /** Reads all keys, makes what is missing, takes every step that is due. */
  readonly start: () => Promise<void>
  /** Makes the keys that these resources need. */
  readonly provide: (resources: readonly Needy[]) => Promise<void>
  /** Takes every step that is due by the clock; any node may, as often as it likes. */
  readonly turn: () => Promise<void>
  /** Reads all keys again, because another hand changed one. */
  readonly refresh: () => Promise<void>
  /**
   * The key that signs for a resource, once it has promised to be verified until then; at once where that stands.
   * Throws: when there is none.
   */
  readonly signingKey: (resource: Signable, until: EpochSeconds) => Key | Promise<Key>
  /**
   * The public key that tokens are encrypted to for a resource whose keys are kept here, once it has promised that its
   * private half is handed out until then; `undefined` where there is none.
   */
  readonly encryptionKey: (
    audience: string,
    alg: string,
    until: EpochSeconds,
  ) => Key | Promise<Key | undefined> | undefined
  /** The private keys that open tokens of one resource, announced and retired ones included. */
  readonly decryptionKeys: (audience: string) => readonly Key[]
  /** The same as a set; the same object until a key changed. */
  readonly decryptionKeySet: (audience: string) => KeySet
  /** One of them by its name, and the resource that it belongs to. */
  readonly decryptionKey: (
    kid: string,
  ) => { readonly key: Key; readonly audience: string } | undefined
  /** Verifies tokens of one resource; the same object until a key changed. A shared secret is only in its own. */
  readonly verifiers: (audience: string) => KeySet
  /** The public keys, announced and retired ones included (RFC 7517). */
  readonly jwks: () => { readonly keys: readonly Jwk[] }
  readonly feedKey: () => Key
  /** Signs what the issuer says besides access tokens. */
  readonly issuerKey: () => Key
  readonly feedJwks: () => { readonly keys: readonly Jwk[] }
  /** Differs when there are other keys that somebody elsewhere may hold; the same on all nodes. */
  readonly fingerprint: () => string
  readonly secret: (name: ServerSecretName) => Uint8Array
  readonly records: () => readonly KeyRecord[]
  readonly onChange: (listener: () => void) => void
  /**
   * The warning for the operator while the keys are sealed under another key-encryption key than this
   * process has.
   */
  readonly complaint: () => StartFault | undefined
}

export interface KeyRingDeps {
  readonly store: KeyVerbs
  readonly seals: Seals
  readonly times: KeyTimes
  readonly now: () => EpochSeconds
  readonly randomId: () => string
  readonly randomBytes: (length: number) => Uint8Array
}

const system: AuditContext = { requestId: 'keys', address: null, actor: 'system' }
/** A node that loses every race for as many rounds as this has met a fault, not a race. */
const roundsMax = 10

/** Makes the ring; nothing is read before `start`. */
export function createKeyRing(deps: KeyRingDeps): KeyRing {
  const { store, now } = deps
  const needed = new Map<string, WantedGroup>(ownGroups.map((group) => [nameOf(group), group]))
  let opened = new Map<string, Opened>()
  let views = viewsOf(opened)
  /** Keys that stand under a seal that does not open here. */
  let strange: readonly KeyRecord[] = []
  const listeners: (() => void)[] = []
  let reading: Promise<void> = Promise.resolve()
  const promises = createPromises({ store })

  /** One after another, so that what was read first never overwrites what was read last. */
  function refresh(): Promise<void> {
    const next = reading.catch(() => undefined).then(read)
    reading = next
    return next
  }

  async function read(): Promise<void> {
    const records = await store.list()
    const next = new Map<string, Opened>()
    for (const record of records) {
      const found = look(record, opened.get(record.kid))
      if (found !== undefined) next.set(record.kid, found)
      promises.seen(record)
    }
    strange = records.filter(({ kid }) => next.get(kid)?.isOurs !== true)
    const isChanged = outline(next) !== outline(opened)
    opened = next
    // Guards compare the set by identity and prove every token again when it differs.
    if (!isChanged) return
    views = viewsOf(opened)
    for (const listener of listeners) listener()
  }

  /** A resealed key is opened again. Where that fails, known keys go on and new ones stay unknown. */
  function look(record: KeyRecord, known: Opened | undefined): Opened | undefined {
    const isSame = known !== undefined && Buffer.compare(known.record.sealed, record.sealed) === 0
    if (isSame) return { ...known, record }
    if (deps.seals.opens(record.sealed, record)) return open(record)
    return known && { ...known, record, isOurs: false }
  }

  function open(record: KeyRecord): Opened {
    if (record.purpose === 'server') {
      const secret = openSecret(record, deps.seals)
      return { record, key: undefined, publicKey: undefined, secret, isOurs: true }
    }
    const key = openKey(record, deps.seals)
    const publicKey = key.kind === 'secret' ? undefined : publicKeyOf(key)
    return { record, key, publicKey, secret: undefined, isOurs: true }
  }

  async function settle(): Promise<void> {
    for (let round = 0; round < roundsMax; round += 1) {
      const records = [...opened.values()].map(({ record }) => record)
      const due = dueSteps(records, [...needed.values()], deps.times, now())
      // A key made now would open for nobody who has the new key-encryption key.
      const known = strange.length === 0 ? due : due.filter(({ act }) => act === 'advance')
      // The first of all is made alone: whoever makes it has said what the others are sealed under.
      const steps = records.length === 0 ? known.slice(0, 1) : known
      if (steps.length === 0) return
      for (const step of steps) await take(step)
      await refresh()
    }
    throw new Error('The keys do not come to rest: other nodes undo what this one does.')
  }

  /** Throws: a start fault when a key stands under a seal that does not open here. */
  function openAll(): void {
    for (const record of strange) deps.seals.open(record.sealed, record)
  }

  async function take(step: KeyStep): Promise<void> {
    // The loser of a race finds the winner's key at the next read.
    if (step.act === 'advance') {
      await store.advance(step.kid, step.from, step.to, system)
      return
    }
    const outcome = await store.announce(create(step.group, step.state), system, anyOfOurs())
    if (outcome === 'unwanted') needed.delete(nameOf(step.group))
  }

  /** Proof, at the commit, that the seals are still those that this process makes; none before the first key. */
  function anyOfOurs(): KeyRecord | undefined {
    return [...opened.values()].find(({ isOurs }) => isOurs)?.record
  }

  function create(wanted: WantedGroup, state: 'announced' | 'active'): KeyRecord {
    const { kid, publicJwk, plain } = makeMaterial(wanted, deps)
    const { curve: _, ...group } = wanted
    const moment = now()
    return {
      ...group,
      kid,
      publicJwk,
      sealed: deps.seals.seal(plain, { ...group, kid }),
      state,
      announcedAt: moment,
      activatedAt: state === 'active' ? moment : null,
      retiredAt: null,
      promisedUntil: moment,
    }
  }

  function keyOf(group: KeyGroup): Key {
    const key = views.active(group)?.key
    if (key === undefined) throw new Error(`no ${group.purpose} key signs`)
    return key
  }

  /** The active key of a group, once it has promised to be known until then; its successor where it was burnt. */
  function promisedKey(
    group: KeyGroup,
    until: EpochSeconds,
  ): Opened | undefined | Promise<Opened | undefined> {
    const found = views.active(group)
    if (found === undefined) return undefined
    const promised = promises.until(found.record.kid, until)
    if (promised === true) return found
    return promised.then(async (outcome) => {
      if (outcome === 'promised') return found
      await refresh()
      return promisedKey(group, until)
    })
  }

  function signingKey(resource: Signable, until: EpochSeconds): Key | Promise<Key> {
    const signer = (found: Opened | undefined): Key => {
      if (found?.key === undefined) throw new Error(`no key signs ${resource.tokenAlg} tokens`)
      return found.key
    }
    const found = promisedKey(groupOf(resource), until)
    return found instanceof Promise ? found.then(signer) : signer(found)
  }

  return {
    refresh,
    signingKey,
    async start() {
      await refresh()
      openAll()
      await settle()
      // Another process may have been quicker with the first keys.
      openAll()
    },
    async turn() {
      // The decision reads the present state, not the last known one.
      await refresh()
      await settle()
    },
    async provide(resources) {
      for (const resource of resources) {
        for (const group of groupsOf(resource)) needed.set(nameOf(group), group)
      }
      await settle()
    },
    encryptionKey(audience, alg, until) {
      const found = promisedKey({ purpose: 'encryption', alg, audience }, until)
      return found instanceof Promise
        ? found.then((settled) => settled?.publicKey)
        : found?.publicKey
    },
    decryptionKey(kid) {
      const { record, key } = opened.get(kid) ?? {}
      if (record?.purpose !== 'encryption' || record.audience === null) return undefined
      return key && { key, audience: record.audience }
    },
    decryptionKeys: (audience) => views.decryptionKeys(audience).keys,
    decryptionKeySet: (audience) => views.decryptionKeys(audience),
    verifiers: (audience) => views.verifiers(audience),
    jwks: () => views.jwks,
    feedJwks: () => views.feedJwks,
    fingerprint: () => views.fingerprint,
    feedKey: () => keyOf(feedGroup),
    issuerKey: () => keyOf(issuerGroup),
    secret: (name) => {
      const secret = views.active({ purpose: 'server', alg: name, audience: null })?.secret
      if (secret === undefined) throw new Error(`the server has no secret ${name}`)
      return secret
    },
    records: () => [...opened.values()].map(({ record }) => record),
    onChange: (listener) => void listeners.push(listener),
    complaint: () => (strange.length === 0 ? undefined : startFault(resealed)),
  }
}

const resealed =
  'The keys of this database were sealed under another key-encryption key: restart this process with it. Until then it goes on with the keys that it has, and makes none.'

/** The visible state of the keys: their ids and states. */
function outline(opened: ReadonlyMap<string, Opened>): string {
  return [...opened.values()].map(({ record: { kid, state } }) => `${kid} ${state}`).join('\n')
}

const feedGroup: KeyGroup = { purpose: 'feed', alg: 'ES256', audience: null }
const issuerGroup: KeyGroup = { purpose: 'token', alg: 'ES256', audience: null }
const ownGroups: readonly KeyGroup[] = [
  feedGroup,
  issuerGroup,
  ...serverSecretNames.map((alg) => ({ purpose: 'server' as const, alg, audience: null })),
]

/** A shared secret belongs to one resource; a key pair signs for all resources of its algorithm. */
function groupOf({ audience, tokenAlg }: Signable): KeyGroup {
  const isShared = tokenAlg.startsWith('HS')
  return { purpose: 'token', alg: tokenAlg, audience: isShared ? audience : null }
}

function groupsOf(resource: Needy): readonly WantedGroup[] {
  const { audience, encryption } = resource
  if (encryption?.source !== 'managed') return [groupOf(resource)]
  const { alg, curve } = encryption
  return [groupOf(resource), { purpose: 'encryption', alg, curve, audience }]
}
