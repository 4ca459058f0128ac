import type { EpochSeconds } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import type { ChosenSecrets } from '../clients/chosen-secret.ts'
import { defaults } from '../config/defaults.ts'
import type { ResourceRecord } from '../store/port/records.ts'
import type { Store } from '../store/port/store.ts'

/** The demo client of the original contract; it exists only in `countersign dev`. */
export const demo = { clientId: 'foo', secret: 'bar', scopes: ['read', 'write'] } as const

const operator: AuditContext = { requestId: 'dev', address: null, actor: 'system' }

/**
 * Makes what the original contract needs, or brings it up to date: the demo client, and the resource that the protected
 * route is. A second start changes nothing, so earlier tokens stay valid.
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
  const access = { audience: deps.audience, scopes: demo.scopes }
  const client = await store.clients.find(demo.clientId)
  if (client === undefined) {
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
        access: [access],
        dpopRequired: false,
        createdAt,
      },
      operator,
    )
    return
  }
  if (client.access[0]?.audience === deps.audience) return
  // Another port is another issuer; the route at hand is the default, the others stay.
  const others = client.access.filter(({ audience }) => audience !== deps.audience)
  await store.clients.change(client.id, { access: [access, ...others] }, false, operator)
}

async function prepareResource(
  { resources }: Pick<Store, 'resources'>,
  audience: string,
  tokenAlg: string,
  createdAt: EpochSeconds,
): Promise<void> {
  const standing = await resources.find(audience)
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
  if (standing === undefined) await resources.add(record, operator)
  else if (standing.tokenAlg !== tokenAlg) {
    await resources.change({ ...standing, tokenAlg }, operator)
  }
}
