import type { EpochSeconds } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import type { ChosenSecrets } from '../clients/chosen-secret.ts'
import { startFault } from '../config/start-fault.ts'
import { defaults } from '../config/defaults.ts'
import type { PasswordHasher } from '../hashing/password-hasher.ts'
import type { KeyRing } from '../keys/ring.ts'
import type { ResourceDirectory } from '../resources/directory.ts'
import type { ResourceRecord } from '../store/port/records.ts'
import type { Store } from '../store/port/store.ts'
import { demo } from './demo-names.ts'
import { findPublishedUsers } from './demo-user.ts'

const operator: AuditContext = { requestId: 'dev', address: null, actor: 'system' }

/**
 * Makes the records of the original contract if they are missing: the demo client, and the resource of the protected
 * route. A second start changes nothing, so earlier tokens stay valid.
 */
export async function prepareDemo(
  store: Pick<Store, 'clients' | 'resources'>,
  deps: {
    readonly audience: string
    readonly tokenAlg: string
    readonly chosen: ChosenSecrets
    readonly now: () => EpochSeconds
    readonly randomId: () => string
  },
): Promise<void> {
  await prepareResource(store, aDemoResource(deps.audience, deps.tokenAlg, deps.now()))
  if ((await store.clients.find(demo.clientId)) !== undefined) return
  const hash = await deps.chosen.hash(demo.secret)
  if (hash === undefined) throw new Error('no hash for the demo client')
  const createdAt = deps.now()
  await store.clients.add(
    {
      id: demo.clientId,
      internalId: deps.randomId(),
      version: 1,
      enabled: true,
      authentication: 'client_secret',
      secrets: [{ id: deps.randomId(), form: 'chosen', hash, createdAt }],
      jwks: null,
      grantTypes: ['client_credentials', 'refresh_token'],
      access: [{ audience: deps.audience, scopes: demo.scopes }],
      dpopRequired: false,
      roles: [],
      claims: {},
      createdAt,
    },
    operator,
  )
}

/** Gives the demo client where it has the published secret, and the resources that it acts for. */
async function findPublishedClient(
  { clients, resources }: Pick<Store, 'clients' | 'resources'>,
  chosen: Pick<ChosenSecrets, 'verify'>,
): Promise<{ readonly id: string; readonly audiences: readonly string[] } | undefined> {
  const client = await clients.find(demo.clientId)
  const hashes =
    client?.secrets.flatMap(({ form, hash }) => (form === 'chosen' ? [hash] : [])) ?? []
  if (hashes.length === 0 || (await chosen.verify(demo.secret, hashes)) !== true) return undefined
  const held = (await resources.list()).filter(({ clientId }) => clientId === demo.clientId)
  return { id: demo.clientId, audiences: held.map(({ audience }) => audience) }
}

/**
 * Refuses a database that holds the demo client or the demo user with a published secret.
 * Throws: a start fault with the commands that remove them.
 */
export async function refuseDemo(
  store: Pick<Store, 'clients' | 'resources' | 'users'>,
  chosen: Pick<ChosenSecrets, 'verify'>,
  passwords: Pick<PasswordHasher, 'verify'>,
): Promise<void> {
  const client = await findPublishedClient(store, chosen)
  const users = await findPublishedUsers(store.users, passwords)
  // In this order, because each command refuses what is in use.
  const commands = [
    ...users.map((id) => `users erase ${id} --yes`),
    ...(client?.audiences ?? []).map((audience) => `resources remove ${audience}`),
    ...(client === undefined ? [] : [`clients remove ${client.id}`]),
  ].map((command) => `"countersign ${command}"`)
  if (commands.length === 0) return
  const held = [
    ...(client === undefined ? [] : [`the client ${client.id}`]),
    ...users.map((id) => `the user ${id}`),
  ]
  throw startFault(
    `The database holds ${held.join(' and ')} of "countersign dev" with a published secret: run ${commands.join(', then ')}, or name another data folder with COUNTERSIGN_DATA_DIR.`,
  )
}

/**
 * Puts the protected route of this issuer first in the access of the demo client, which makes it the default.
 * Why it is not stored: a service on another port is another issuer and may use the same data, and each needs its own
 * default.
 */
export function withRouteFirst(
  clients: Pick<Store['clients'], 'find'>,
  audience: string,
): Pick<Store['clients'], 'find'> {
  return {
    async find(id) {
      const client = await clients.find(id)
      if (client?.id !== demo.clientId) return client
      const isHere = (access: { readonly audience: string }) => access.audience === audience
      const here = client.access.find(isHere) ?? { audience, scopes: demo.scopes }
      return { ...client, access: [here, ...client.access.filter((access) => !isHere(access))] }
    },
  }
}

/**
 * Makes the resource of browser sessions if it is missing. Its tokens are encrypted, and the demo client fetches the keys.
 */
export async function prepareDemoSessions(
  store: Pick<Store, 'resources'>,
  audience: string,
  createdAt: EpochSeconds,
): Promise<void> {
  await prepareResource(store, {
    ...aDemoResource(audience, defaults.tokenAlg, createdAt),
    tokenTtlSeconds: defaults.accessTokenTtlSeconds,
    encryption: { source: 'managed', alg: 'ECDH-ES+A256KW', enc: 'A256GCM' },
    clientId: demo.clientId,
  })
}

async function prepareResource(
  { resources }: Pick<Store, 'resources'>,
  record: ResourceRecord,
): Promise<void> {
  if ((await resources.find(record.audience)) === undefined) await resources.add(record, operator)
}

function aDemoResource(
  audience: string,
  tokenAlg: string,
  createdAt: EpochSeconds,
): ResourceRecord {
  return {
    audience,
    scopes: demo.scopes,
    tokenAlg,
    tokenTtlSeconds: defaults.demoTokenTtlSeconds,
    tokenBytesMax: defaults.tokenBytesMax,
    encryption: null,
    statusList: false,
    clientId: null,
    createdAt,
  }
}

/**
 * Sets the algorithm of the demo's tokens.
 * Why only after the service listens: a start that finds its port in use must change nothing for the running service.
 */
export async function signDemoWith(
  tokenAlg: string,
  deps: {
    readonly store: Pick<Store, 'resources'>
    readonly ring: Pick<KeyRing, 'provide'>
    readonly resources: Pick<ResourceDirectory, 'refresh'>
    readonly protectedAudience: string
  },
): Promise<void> {
  const { store, ring, resources, protectedAudience } = deps
  const present = await store.resources.find(protectedAudience)
  if (present === undefined || present.tokenAlg === tokenAlg) return
  const record = { ...present, tokenAlg }
  await store.resources.change(record, operator)
  // After the row, because a shared secret is made only for a resource that uses one. Before the refresh, which puts it in use.
  await ring.provide([record])
  await resources.refresh([protectedAudience])
}
