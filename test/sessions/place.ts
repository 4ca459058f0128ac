import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EpochSeconds } from '@countersign/jwt'
import {
  generateClientSecret,
  hashGenerated,
} from '../../packages/server/src/clients/generated-secret.ts'
import { keyTimes } from '../../packages/server/src/config/defaults.ts'
import { createHashQueue } from '../../packages/server/src/hashing/hash-queue.ts'
import { createPasswordHasher } from '../../packages/server/src/hashing/password-hasher.ts'
import { peppersOf } from '../../packages/server/src/hashing/ring-peppers.ts'
import type { Log } from '../../packages/server/src/http/log.ts'
import { createKeyRing } from '../../packages/server/src/keys/ring.ts'
import type { ServerSecretName } from '../../packages/server/src/keys/ring-port.ts'
import { createSeals } from '../../packages/server/src/keys/seal.ts'
import { startService } from '../../packages/server/src/main/service.ts'
import { processSystem } from '../../packages/server/src/main/system.ts'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import type { ResourceRecord } from '../../packages/server/src/store/port/records.ts'
import type { Store } from '../../packages/server/src/store/port/store.ts'
import type { UserId, UserProfile } from '../../packages/server/src/store/port/user-records.ts'
import { foldName } from '../../packages/server/src/users/fold-name.ts'
import { freePort } from '../free-port.ts'
import { enrol, type Enrolled } from './enrol.ts'
import { createDatabase } from '../postgres/shared.ts'
import { randomId } from '../store/ids.ts'
import { aClient, aResource, context } from '../store/records.ts'

export const audience = 'https://app.test'
export const password = 'four ordinary words here'

/** Services with browser sessions on one database. */
export interface Place {
  readonly databaseUrl: string
  readonly sealingKey: Uint8Array
  readonly store: Store
  /** The secret of the client that fetches decryption keys, `orders-api`. */
  readonly apiSecret: string
  /** A secret of the server. */
  readonly secret: (name: ServerSecretName) => Promise<Uint8Array>
  readonly addUser: (names: string | readonly string[], over?: PersonFacts) => Promise<UserId>
  /** Gives a user a code app and recovery codes. */
  readonly enrol: (userId: UserId) => Promise<Enrolled>
  /** Starts one more node. All nodes are one issuer; each has an address of its own. */
  readonly startNode: () => Promise<Node>
  /** Gives the next mail to an address, and waits for it. Each mail is given once. */
  readonly mailTo: (address: string) => Promise<Mail>
  /** All mails so far, given or not. */
  readonly mails: readonly Mail[]
  /** Moves the clock of all nodes; on SQLite it is the clock of the database too. Units: seconds. */
  readonly pass: (seconds: number) => Promise<void>
  readonly now: () => EpochSeconds
  /** All that the nodes logged. */
  readonly logged: () => string
  readonly close: () => Promise<void>
}

/** A mail as a person reads it. */
export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
  /** The code in it; empty for none. */
  readonly code: string
  /** Path and query of the link in it; empty for none. */
  readonly link: string
}

interface PersonFacts {
  readonly roles?: readonly string[]
  readonly mustChange?: boolean
  readonly profile?: UserProfile
  readonly isVerified?: boolean
  readonly password?: string
}

export interface Node {
  readonly issuer: string
  /** The address of this node. */
  readonly origin: string
  readonly stop: () => Promise<void>
}

interface PlaceOptions {
  readonly on?: 'sqlite' | 'postgres'
  readonly tokenTtlSeconds?: number
  readonly issuer?: string
  /** Default: open. */
  readonly signUp?: 'open' | 'invite' | 'off'
  /** Default: yes. */
  readonly sendsMail?: boolean
  /** The name of the host of each node. Passkeys need one that is no address. Default: 127.0.0.1. */
  readonly host?: 'localhost'
  /** The proxies whose `X-Forwarded-For` counts. Default: none. */
  readonly proxies?: readonly string[]
}

export async function openPlace(options: PlaceOptions = {}): Promise<Place> {
  const { on = 'sqlite', tokenTtlSeconds = 600 } = options
  const database = await (on === 'sqlite' ? makeFolder() : createDatabase())
  let offset = 0
  const now = () => (Date.now() / 1000 + offset) as EpochSeconds
  const system = { ...processSystem(), now }
  const sealingKey = randomBytes(32)
  const store = await openStore(database.url, { now, randomId, migrate: true })
  const ring = createKeyRing({
    store: store.keys,
    seals: createSeals(sealingKey, randomBytes),
    times: keyTimes,
    now,
    randomId,
    randomBytes,
  })
  await ring.start()
  const enter = createHashQueue({ runningMax: 2, waitingMax: 8 })
  const passwords = createPasswordHasher({
    peppers: peppersOf(ring),
    enter,
    randomBytes,
    monotonicMs: () => performance.now(),
  })
  const apiSecret = generateClientSecret(randomBytes)
  const hash = hashGenerated(apiSecret, ring.secret('client-secret-hash'))
  const secrets = [{ id: randomId(), form: 'generated', hash, createdAt: now() }] as const
  const api = { ...aClient, id: 'orders-api', internalId: randomId(), secrets, access: [] }
  await store.clients.add(api, context)
  const resource: ResourceRecord = {
    ...aResource,
    audience,
    tokenTtlSeconds,
    clientId: 'orders-api',
    encryption: { source: 'managed', alg: 'ECDH-ES+A256KW', enc: 'A256GCM' },
  }
  await store.resources.add(resource, context)

  const lines: string[] = []
  const write = (...parts: readonly unknown[]) => void lines.push(JSON.stringify(parts))
  const log: Log = { debug: write, info: write, warn: write, error: write, writesDebug: true }
  const nodes: Node[] = []
  const mailbox = createMailbox()
  let issuer = options.issuer

  return {
    databaseUrl: database.url,
    sealingKey,
    store,
    apiSecret,
    secret: async (name) => ring.secret(name),
    now,
    mailTo: (address) => mailbox.next(address),
    mails: mailbox.all,
    async pass(seconds) {
      offset += seconds
      // To a node the revocation log is too old until it has read it again.
      for (const { origin } of nodes)
        while ((await fetch(`${origin}/readyz`)).status !== 200) await new Promise(setImmediate)
    },
    logged: () => lines.join('\n'),
    async addUser(names, facts = {}) {
      const { roles = ['editor'], mustChange = false, isVerified = false, profile = {} } = facts
      const hashed = await passwords.hash(facts.password ?? password)
      if (hashed === undefined) throw new Error('the queue was full')
      const id = randomBytes(16).toString('base64url') as UserId
      const made = await store.users.create(
        {
          id,
          handle: randomBytes(32),
          profile,
          names: [names].flat().map((typed) => {
            const name = foldName(typed)
            if (!name.ok) throw new Error(typed)
            return { ...name.value, isVerified: isVerified && name.value.kind === 'address' }
          }),
          access: [{ audience, scopes: ['read'], roles }],
          password: { ...hashed, mustChange },
        },
        context,
      )
      if (made.outcome !== 'created') throw new Error(made.outcome)
      return id
    },
    enrol: (userId) => enrol(userId, { store, ring, clientId: 'orders-api', now }),
    async startNode() {
      const port = await freePort()
      const origin = `http://${options.host ?? '127.0.0.1'}:${port}`
      issuer ??= origin
      const service = await startService(
        {
          issuer,
          database: database.url,
          sealingKey,
          listen: { hosts: ['127.0.0.1'], port },
          edge: options.proxies === undefined ? {} : { proxies: options.proxies },
          oauth: {
            refresh: { idleTtlSeconds: 3_000, absoluteTtlSeconds: 9_000, repeatWindowSeconds: 30 },
            auditEach: false,
            trustedIssuers: [],
          },
          sessionAudience: audience,
          signUp: options.signUp ?? 'open',
          ...(options.sendsMail === false ? {} : { mail: { show: (mail) => mailbox.take(mail) } }),
        },
        system,
        log,
      )
      const node = { issuer, origin, stop: service.stop }
      nodes.push(node)
      return node
    },
    async close() {
      for (const node of nodes) await node.stop()
      await store.close()
      await database.drop()
    },
  }
}

/** A mailbox of everybody. */
function createMailbox() {
  const all: Mail[] = []
  const given = new Set<Mail>()
  const waiting: { readonly address: string; readonly give: (mail: Mail) => void }[] = []
  const pick = (address: string) => all.find((mail) => mail.to === address && !given.has(mail))
  return {
    all,
    take({ to, subject, text }: { to: string; subject: string; text: string }) {
      const [, code = ''] = /\b([0-9A-Z]{4}-[0-9A-Z]{4})\b/.exec(text) ?? []
      const [, link = ''] = /https?:\/\/[^/\s]+(\/\S+=\S+)/.exec(text) ?? []
      const mail = { to, subject, text, code, link }
      all.push(mail)
      const at = waiting.findIndex(({ address }) => address === to)
      if (at === -1) return
      given.add(mail)
      waiting.splice(at, 1)[0]?.give(mail)
    },
    next(address: string): Promise<Mail> {
      const mail = pick(address)
      if (mail === undefined) return new Promise((give) => waiting.push({ address, give }))
      given.add(mail)
      return Promise.resolve(mail)
    },
  }
}

async function makeFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-sessions-'))
  return { url: join(folder, 'a.db'), drop: () => rm(folder, { recursive: true }) }
}
