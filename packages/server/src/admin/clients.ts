import { ok, type Result } from '@countersign/jwt'
import { clientIdLengthMax } from '../clients/id-length.ts'
import type { ClientRecord } from '../store/port/records.ts'
import { firstSecret, hasSecrets } from './client-secrets.ts'
import { unknownClient, viewClient, type ClientView } from './client-view.ts'
import { judgeClient, type ClientSettings } from './judge-client.ts'
import { refuseOperation, type OperationRefusal, type OperatorDeps } from './operator.ts'

/** A client to be made. */
export interface NewClient extends ClientSettings {
  readonly id: string
  /** A secret of the generated form that exists already. Default: a new one. */
  readonly secret?: string | undefined
}

type Outcome<T> = Promise<Result<T, OperationRefusal>>

/** Makes a client. Its generated secret is in the result only; the service keeps a hash. */
export async function addClient(
  wanted: NewClient,
  deps: OperatorDeps,
): Outcome<{ readonly client: ClientView; readonly secret: string | null }> {
  const objection = objectToId(wanted.id)
  if (objection !== undefined) return refuseOperation('malformed', objection)
  const judged = await judgeClient(wanted, deps.store.resources)
  if (!judged.ok) return judged
  if (!isUnreserved(wanted.id))
    deps.warn?.(
      `Some libraries send the id ${wanted.id} unencoded in HTTP Basic and are refused: letters, digits, "-", ".", "_" and "~" are safe.`,
    )
  const made = hasSecrets(wanted) ? firstSecret(wanted.secret, deps) : undefined
  const client: ClientRecord = {
    id: wanted.id,
    internalId: deps.randomId(),
    version: 1,
    enabled: true,
    secrets: made === undefined ? [] : [made.record],
    ...judged.value,
    createdAt: deps.now(),
  }
  const audiences = client.access.map(({ audience }) => audience)
  switch (await deps.store.clients.add(client, deps.audit, audiences)) {
    case 'added':
      break
    case 'exists':
      return refuseOperation('exists', `There is a client ${wanted.id} already.`)
    case 'id_of_user':
      return refuseOperation('exists', `${wanted.id} is the id of a user: choose another.`)
    case 'no_resource':
      return refuseOperation('lost', 'A resource was changed meanwhile: run the command again.')
  }
  return ok({ client: viewClient(client), secret: made?.secret ?? null })
}

/** Disables, enables or removes a client. Disabling and removing revoke its tokens and end its refresh families. */
export async function switchClient(
  act: 'disable' | 'enable' | 'remove',
  id: string,
  { store, audit }: OperatorDeps,
): Outcome<string> {
  const outcome = await store.clients[act](id, audit)
  if (outcome === 'unknown') return unknownClient(id)
  if (outcome === 'in_use') {
    const resources = (await store.resources.list()).filter(({ clientId }) => clientId === id)
    const names = resources.map(({ audience }) => audience).join(', ')
    return refuseOperation('in_use', `${id} acts for ${names}: remove that resource first.`)
  }
  if (outcome === 'already') return refuseOperation('already', `${id} is already ${act}d.`)
  return ok(outcome)
}

/** Gives one client. */
export async function showClient(id: string, { store }: OperatorDeps): Outcome<ClientView> {
  const client = await store.clients.find(id)
  return client === undefined ? unknownClient(id) : ok(viewClient(client))
}

/** Gives a page of clients, in the order of their ids. Units: `limit` in records, 1000 at most. */
export async function listClients(
  after: string | null,
  limit: number,
  { store }: OperatorDeps,
): Promise<readonly ClientView[]> {
  return (await store.clients.list(after, Math.min(limit, 1_000))).map(viewClient)
}

/** Says in a sentence why no client may have this id; `undefined` where one may. */
export function objectToId(id: string): string | undefined {
  const isVisible = Array.from(id).every((character) => character > ' ' && character <= '~')
  if (id === '' || id.length > clientIdLengthMax || !isVisible)
    return 'A client id is 1 to 256 visible ASCII characters.'
  // A user of another issuer is written `<issuer>|<subject>`; no client may have such a name.
  if (id.includes('|')) return 'A client id may not hold "|", which is for users of other issuers.'
  return id.includes(':')
    ? 'A client id may not hold ":", which ends the id in HTTP Basic.'
    : undefined
}

/** Whether a form encodes each letter as itself. Source: RFC 3986 §2.3. */
function isUnreserved(text: string): boolean {
  return (
    encodeURIComponent(text) === text && !Array.from(text).some((sign) => "!*'()".includes(sign))
  )
}
