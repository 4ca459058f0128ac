import type { ClientRecord, ClientSecretRecord } from '../store/port/records.ts'
import { refuseOperation } from './operator.ts'

/** A client without its secrets' hashes, as an operator sees it. */
export type ClientView = Omit<ClientRecord, 'secrets'> & {
  readonly secrets: readonly Pick<ClientSecretRecord, 'id' | 'form' | 'createdAt'>[]
}

/** Leaves out the hashes of secrets. */
export function viewClient(client: ClientRecord): ClientView {
  const secrets = client.secrets.map(({ id, form, createdAt }) => ({ id, form, createdAt }))
  return { ...client, secrets }
}

/** Makes the refusal for an id without a client. */
export function unknownClient(id: string) {
  return refuseOperation('unknown', `There is no client ${id}: see "countersign clients list".`)
}
