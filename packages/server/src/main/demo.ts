import type { EpochSeconds } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import type { ChosenSecrets } from '../clients/chosen-secret.ts'
import { startFault } from '../config/start-fault.ts'
import { defaults } from '../config/defaults.ts'
import type { KeyRing } from '../keys/ring.ts'
import type { ResourceDirectory } from '../resources/directory.ts'
import type { ResourceRecord } from '../store/port/records.ts'
import type { Store } from '../store/port/store.ts'

/** The demo client of the original contract; it exists only in `countersign dev`. */
export const demo = { clientId: 'foo', secret: 'bar', scopes: ['read', 'write'] } as const

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
  await prepareResource(store, deps.audience, deps.tokenAlg, deps.now())
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

/**
 * Refuses a database that holds the demo client with its published secret.
 * Throws: a start fault that says how to remove it.
 */
export async function refuseDemo(
  { clients }: Pick<Store, 'clients'>,
  chosen: Pick<ChosenSecrets, 'verify'>,
): Promise<void> {
  const client = await clients.find(demo.clientId)
  const hashes =
    client?.secrets.flatMap(({ form, hash }) => (form === 'chosen' ? [hash] : [])) ?? []
  if (hashes.length === 0 || (await chosen.verify(demo.secret, hashes)) !== true) return
  throw startFault(
    `The database holds the client ${demo.clientId} of "countersign dev", whose secret is published: run "countersign clients remove ${demo.clientId}", or name another data folder with COUNTERSIGN_DATA_DIR.`,
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

async function prepareResource(
  { resources }: Pick<Store, 'resources'>,
  audience: string,
  tokenAlg: string,
  createdAt: EpochSeconds,
): Promise<void> {
  if ((await resources.find(audience)) !== undefined) return
  const record: ResourceRecord = {
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
  await resources.add(record, operator)
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
