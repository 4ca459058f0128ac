import { sessionClientId } from '../clients/session-client-id.ts'
import { defaults } from '../config/defaults.ts'
import type { ClientRecord, ResourceRecord } from '../store/port/records.ts'
import type { Store } from '../store/port/store.ts'

/** Resources and clients in the form of a file that `applyRecords` takes. It has no secret and no hash of one. */
export interface ExportedRecords {
  readonly resources: readonly object[]
  readonly clients: readonly object[]
}

/** Exports all resources and clients. Settings with the default value are left out. */
export async function exportRecords(
  store: Pick<Store, 'clients' | 'resources'>,
): Promise<ExportedRecords> {
  const resources = (await store.resources.list()).map(exportResource)
  return { resources, clients: (await listAllClients(store)).map(exportClient) }
}

/** Units: clients in one read. */
const pageSize = 1_000

/** Lists the clients of all pages. Left out: the one that the service makes for browser sessions. */
export async function listAllClients({
  clients,
}: Pick<Store, 'clients'>): Promise<readonly ClientRecord[]> {
  const found: ClientRecord[] = []
  for (let after: string | null = null; ;) {
    const page: readonly ClientRecord[] = await clients.list(after, pageSize)
    found.push(...page.filter(({ id }) => id !== sessionClientId))
    after = page.at(-1)?.id ?? null
    if (page.length < pageSize) return found
  }
}

function exportResource(resource: ResourceRecord): object {
  const { audience, scopes, tokenAlg, tokenTtlSeconds, clientId, encryption, statusList } = resource
  return {
    audience,
    scopes,
    ...(tokenAlg === defaults.tokenAlg ? {} : { tokenAlg }),
    tokenTtlSeconds,
    ...(clientId === null ? {} : { clientId }),
    ...(encryption === null ? {} : { encryption: exportEncryption(encryption) }),
    ...(statusList ? { statusList } : {}),
  }
}

function exportEncryption(encryption: NonNullable<ResourceRecord['encryption']>): object {
  return encryption.source === 'jwk'
    ? { ...encryption, jwk: JSON.parse(encryption.jwk) }
    : encryption
}

function exportClient(client: ClientRecord): object {
  const { id, authentication, grantTypes, access, dpopRequired, roles, claims, jwks, signIn } =
    client
  return {
    id,
    authentication,
    grantTypes,
    access,
    ...(dpopRequired ? { dpopRequired } : {}),
    ...(roles.length === 0 ? {} : { roles }),
    ...(Object.keys(claims).length === 0 ? {} : { claims }),
    ...(signIn === undefined ? {} : { signIn }),
    ...(jwks === null ? {} : { jwks: JSON.parse(jwks) }),
    ...(client.enabled ? {} : { enabled: false }),
  }
}
