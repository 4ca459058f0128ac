import {
  exportJwk,
  generateKey,
  keySetOf,
  publicKeyOf,
  type EpochSeconds,
  type JwsAlgorithm,
  type Jwk,
  type Key,
  type KeySet,
} from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import type { KeyRecord } from '../store/port/records.ts'
import type { KeyVerbs } from '../store/port/store.ts'
import { dueSteps, type KeyGroup, type KeyStep, type KeyTimes } from './lifecycle.ts'
import { openKey, openSecret, isSigningAlg } from './material.ts'
import { createPromises } from './promises.ts'
import type { Seals } from './seal.ts'

/** The names of the server's own secrets, each 32 random bytes. */
export const serverSecretNames = [
  'client-secret-hash',
  'refresh-tag',
  'dpop-nonce',
  'audit-chain',
] as const
export type ServerSecretName = (typeof serverSecretNames)[number]

/** What tokens of a resource are signed with. */
export interface Signable {
  readonly audience: string
  readonly tokenAlg: string
}

/** All keys of this service, opened and in memory. */
export interface KeyRing {
  /** Reads all keys, makes what is missing, takes every step that is due. */
  readonly start: () => Promise<void>
  /** Makes the keys that these resources need. */
  readonly provide: (resources: readonly Signable[]) => Promise<void>
  /** Takes every step that is due by the clock; any node may, as often as it likes. */
  readonly turn: () => Promise<void>
  /** Reads all keys again, because another hand changed one. */
  readonly refresh: () => Promise<void>
  /**
   * The key that signs for a resource, once it has promised to be verified until then; at once where that stands.
   * Throws: when there is none.
   */
  readonly signingKey: (resource: Signable, until: EpochSeconds) => Key | Promise<Key>
  /** Verifies tokens of one resource; the same object until a key changed. A shared secret is only in its own. */
  readonly verifiers: (audience: string) => KeySet
  /** The public keys, announced and retired ones included (RFC 7517). */
  readonly jwks: () => { readonly keys: readonly Jwk[] }
  readonly feedKey: () => Key
  /** Signs what the issuer says besides access tokens. */
  readonly issuerKey: () => Key
  readonly feedJwks: () => { readonly keys: readonly Jwk[] }
  readonly secret: (name: ServerSecretName) => Uint8Array
  readonly records: () => readonly KeyRecord[]
  readonly onChange: (listener: () => void) => void
}

export interface KeyRingDeps {
  readonly store: KeyVerbs
  readonly seals: Seals
  readonly times: KeyTimes
  readonly now: () => EpochSeconds
  readonly randomId: () => string
  readonly randomBytes: (length: number) => Uint8Array
}

interface Opened {
  readonly record: KeyRecord
  /** Absent for the server's own secrets. */
  readonly key: Key | undefined
  readonly secret: Uint8Array | undefined
}

const system: AuditContext = { requestId: 'keys', address: null, actor: 'system' }
/** A node that loses every race for as many rounds as this has met a fault, not a race. */
const roundsMax = 10

/** Makes the ring; nothing is read before `start`. */
export function createKeyRing(deps: KeyRingDeps): KeyRing {
  const { store, now } = deps
  const needed = new Map<string, KeyGroup>(ownGroups.map((group) => [nameOf(group), group]))
  let opened = new Map<string, Opened>()
  let views = viewsOf(opened)
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
      const known = opened.get(record.kid)
      // A key that was sealed anew is opened anew: a process with the former key-encryption key must hear of it, before
      // it seals a key that nobody else can open.
      const isSame = known !== undefined && Buffer.compare(known.record.sealed, record.sealed) === 0
      next.set(record.kid, isSame ? { ...known, record } : open(record))
      promises.seen(record)
    }
    const isChanged = outline(next) !== outline(opened)
    opened = next
    // Guards compare the set by identity and prove every token anew when it differs.
    if (!isChanged) return
    views = viewsOf(opened)
    for (const listener of listeners) listener()
  }

  function open(record: KeyRecord): Opened {
    return record.purpose === 'server'
      ? { record, key: undefined, secret: openSecret(record, deps.seals) }
      : { record, key: openKey(record, deps.seals), secret: undefined }
  }

  async function settle(): Promise<void> {
    for (let round = 0; round < roundsMax; round += 1) {
      const records = [...opened.values()].map(({ record }) => record)
      const steps = dueSteps(records, [...needed.values()], deps.times, now())
      if (steps.length === 0) return
      for (const step of steps) await take(step)
      await refresh()
    }
    throw new Error('The keys do not come to rest: other nodes undo what this one does.')
  }

  async function take(step: KeyStep): Promise<void> {
    // Who loses a race finds the winner's key with the next look.
    if (step.act === 'advance') await store.advance(step.kid, step.from, step.to, system)
    else await store.announce(create(step.group, step.state), system)
  }

  function create(group: KeyGroup, state: 'announced' | 'active'): KeyRecord {
    const { kid, publicJwk, plain } = makeMaterial(group, deps)
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

  function active(group: KeyGroup): Opened | undefined {
    return views.active.get(nameOf(group))
  }

  function keyOf(group: KeyGroup): Key {
    const key = active(group)?.key
    if (key === undefined) throw new Error(`no ${group.purpose} key signs`)
    return key
  }

  function signingKey(resource: Signable, until: EpochSeconds): Key | Promise<Key> {
    const found = active(groupOf(resource))
    if (found?.key === undefined) throw new Error(`no key signs ${resource.tokenAlg} tokens`)
    const { key } = found
    const promised = promises.until(found.record.kid, until)
    if (promised === true) return key
    return promised.then(async (outcome) => {
      if (outcome === 'promised') return key
      // Burnt a moment ago: its successor signs.
      await refresh()
      return signingKey(resource, until)
    })
  }

  return {
    refresh,
    signingKey,
    async start() {
      await refresh()
      await settle()
    },
    async turn() {
      // What this decides on is what stands now, not what was heard of last.
      await refresh()
      await settle()
    },
    async provide(resources) {
      for (const resource of resources) {
        const group = groupOf(resource)
        needed.set(nameOf(group), group)
      }
      await settle()
    },
    verifiers: (audience) => views.verifiers(audience),
    jwks: () => views.jwks,
    feedJwks: () => views.feedJwks,
    feedKey: () => keyOf(feedGroup),
    issuerKey: () => keyOf(issuerGroup),
    secret: (name) => {
      const secret = active({ purpose: 'server', alg: name, audience: null })?.secret
      if (secret === undefined) throw new Error(`the server has no secret ${name}`)
      return secret
    },
    records: () => [...opened.values()].map(({ record }) => record),
    onChange: (listener) => void listeners.push(listener),
  }
}

/** What others can notice of the keys: which there are, in which states. */
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
export function groupOf({ audience, tokenAlg }: Signable): KeyGroup {
  const isShared = tokenAlg.startsWith('HS')
  return { purpose: 'token', alg: tokenAlg, audience: isShared ? audience : null }
}

function nameOf({ purpose, alg, audience }: KeyGroup): string {
  return `${purpose}\n${alg}\n${audience ?? ''}`
}

/** What is asked on each request, worked out once per change. */
function viewsOf(opened: ReadonlyMap<string, Opened>) {
  const all = [...opened.values()]
  const active = new Map<string, Opened>()
  for (const one of all) if (one.record.state === 'active') active.set(nameOf(one.record), one)
  const sets = new Map<string, KeySet>()
  const tokenKeys = all.filter(({ record }) => record.purpose === 'token')
  const published = (purpose: KeyRecord['purpose']) => ({
    keys: all.flatMap(({ record, key }) =>
      record.purpose === purpose && record.publicJwk !== null && key !== undefined
        ? [
            {
              ...exportJwk(publicKeyOf(key)),
              kid: record.kid,
              alg: record.alg,
              use: 'sig' as const,
            },
          ]
        : [],
    ),
  })
  const setOf = (mine: readonly Opened[]) =>
    keySetOf(
      mine.flatMap(({ key }) =>
        key === undefined ? [] : [key.kind === 'secret' ? key : publicKeyOf(key)],
      ),
    )
  return {
    active,
    jwks: published('token'),
    feedJwks: published('feed'),
    verifiers: (audience: string): KeySet => {
      const known = sets.get(audience)
      if (known !== undefined) return known
      const made = setOf(
        tokenKeys.filter(({ record }) => record.audience === null || record.audience === audience),
      )
      sets.set(audience, made)
      return made
    },
  }
}

interface Material {
  readonly kid: string
  readonly publicJwk: string | null
  readonly plain: Uint8Array
}

const secretBytes = 32

function makeMaterial(
  { purpose, alg }: KeyGroup,
  { randomId, randomBytes }: Pick<KeyRingDeps, 'randomId' | 'randomBytes'>,
): Material {
  if (purpose === 'server')
    return { kid: randomId(), publicJwk: null, plain: randomBytes(secretBytes) }
  if (!isSigningAlg(alg)) throw new Error(`no key can be made for ${alg}`)
  const kid = randomId()
  const key = generateKey(alg satisfies JwsAlgorithm, { kid })
  const plain = Buffer.from(JSON.stringify(exportJwk(key, { private: true })))
  const isSecret = key.kind === 'secret'
  return {
    kid,
    publicJwk: isSecret ? null : JSON.stringify(exportJwk(publicKeyOf(key))),
    plain,
  }
}
