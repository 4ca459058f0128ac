import { ok, type Result } from '@countersign/jwt'
import { generateClientSecret, hashGenerated } from '../clients/generated-secret.ts'
import { clientIdLengthMax } from '../clients/id-length.ts'
import { clientMethods, findMethod } from '../clients/methods.ts'
import { parseScope } from '../grants/select-access.ts'
import { findGrant } from '../grants/table.ts'
import type { ClientRecord, ClientSecretRecord } from '../store/port/records.ts'
import { readClientKeys } from './client-keys.ts'
import { refuseOperation, type OperationRefusal, type OperatorDeps } from './operator.ts'

/** A client to be made. */
export interface NewClient {
  readonly id: string
  /** The name of a row of the table of authentication methods. */
  readonly authentication: string
  readonly grantTypes: readonly string[]
  readonly access: readonly { readonly audience: string; readonly scope: string }[]
  /** For `private_key_jwt`: a JWK set, one JWK or PEM. */
  readonly jwks?: string | undefined
  /** The algorithm of PEM, and of RSA keys that do not name one. */
  readonly alg?: string | undefined
  readonly dpopRequired: boolean
}

/** A client without its secrets' hashes, as an operator sees it. */
export type ClientView = Omit<ClientRecord, 'secrets'> & {
  readonly secrets: readonly Pick<ClientSecretRecord, 'id' | 'form' | 'createdAt'>[]
}

type Outcome<T> = Promise<Result<T, OperationRefusal>>

/** Makes a client. Its generated secret is in the result only; the service keeps a hash. */
export async function addClient(
  wanted: NewClient,
  deps: OperatorDeps,
): Outcome<{ readonly client: ClientView; readonly secret: string | null }> {
  const { jwks: text, alg } = wanted
  if (alg !== undefined && text === undefined)
    return refuseOperation('malformed', 'An algorithm belongs to public keys: give them too.')
  const jwks = text === undefined ? ok(null) : readClientKeys({ text, alg })
  if (!jwks.ok) return refuseOperation('malformed', jwks.refusal)
  const access = await checkClient(wanted, deps)
  if (!access.ok) return access
  if (!isUnreserved(wanted.id))
    deps.warn?.(
      `Some libraries send the id ${wanted.id} unencoded in HTTP Basic and are refused: letters, digits, "-", ".", "_" and "~" are safe.`,
    )
  const made = hasSecrets(wanted) ? makeSecret(deps) : undefined
  const client: ClientRecord = {
    id: wanted.id,
    internalId: deps.randomId(),
    version: 1,
    enabled: true,
    authentication: wanted.authentication,
    secrets: made === undefined ? [] : [made.record],
    jwks: jwks.value,
    grantTypes: wanted.grantTypes,
    access: access.value,
    dpopRequired: wanted.dpopRequired,
    createdAt: deps.now(),
  }
  const audiences = client.access.map(({ audience }) => audience)
  switch (await deps.store.clients.add(client, deps.audit, audiences)) {
    case 'added':
      break
    case 'exists':
      return refuseOperation('exists', `There is a client ${wanted.id} already.`)
    case 'no_resource':
      return refuseOperation('lost', 'A resource was removed meanwhile: run the command again.')
  }
  return ok({ client: viewClient(client), secret: made?.secret ?? null })
}

async function checkClient(
  wanted: NewClient,
  { store }: OperatorDeps,
): Outcome<ClientRecord['access']> {
  if (wanted.id === '' || wanted.id.length > clientIdLengthMax || !isVisible(wanted.id))
    return refuseOperation('malformed', 'A client id is 1 to 256 visible ASCII characters.')
  // A user of another issuer is written `<issuer>|<subject>`; no client may have such a name.
  if (wanted.id.includes('|'))
    return refuseOperation(
      'malformed',
      'A client id may not hold "|", which is for users of other issuers.',
    )
  const odd = wanted.grantTypes.find((grant) => findGrant(grant) === undefined)
  if (odd !== undefined) return refuseOperation('malformed', `There is no grant ${odd}.`)
  const closed = wanted.grantTypes.find((grant) => findGrant(grant)?.publicClients === false)
  const method = findMethod(wanted.authentication)
  if (method === undefined)
    return refuseOperation(
      'malformed',
      `A client authenticates by ${namesOf(clientMethods)}, not by ${wanted.authentication}.`,
    )
  if (!method.proves && closed !== undefined)
    return refuseOperation(
      'malformed',
      `A public client does not authenticate, so it may not use ${closed}: give it other grants, or a secret.`,
    )
  if ((method.holds === 'jwks') !== (wanted.jwks !== undefined))
    return refuseOperation(
      'malformed',
      `Public keys (a JWK set) belong to ${namesOf(withKeys)}, and it needs them.`,
    )
  const access: { audience: string; scopes: readonly string[] }[] = []
  for (const { audience, scope } of wanted.access) {
    if (access.some((before) => before.audience === audience))
      return refuseOperation('malformed', `${audience} is named twice.`)
    const resource = await store.resources.find(audience)
    if (resource === undefined)
      return refuseOperation('unknown', `There is no resource ${audience}: add it first.`)
    const scopes = scope === '' ? resource.scopes : parseScope(scope)
    const beyond = scopes?.find((name) => !resource.scopes.includes(name))
    if (scopes === undefined || beyond !== undefined)
      return refuseOperation('malformed', `${audience} has no scope ${beyond ?? scope}.`)
    access.push({ audience, scopes })
  }
  return ok(access)
}

/** Whether a form encodes each letter as itself. Source: RFC 3986 §2.3. */
function isUnreserved(text: string): boolean {
  return (
    encodeURIComponent(text) === text && !Array.from(text).some((sign) => "!*'()".includes(sign))
  )
}

function isVisible(text: string): boolean {
  return Array.from(text).every((character) => character > ' ' && character <= '~')
}

/** Adds another secret. With `drop` it ends one instead, and tokens that were got with it are revoked at once. */
export async function rotateSecret(
  id: string,
  drop: string | undefined,
  deps: OperatorDeps,
): Outcome<{ readonly secret: string | null; readonly secretId: string | null }> {
  const { clients } = deps.store
  if (drop !== undefined) {
    if ((await clients.dropSecret(id, drop, deps.audit)) === 'unknown')
      return refuseOperation('unknown', `There is no client ${id} with a secret ${drop}.`)
    return ok({ secret: null, secretId: drop })
  }
  const client = await clients.find(id)
  if (client === undefined) return unknown(id)
  if (!hasSecrets(client))
    return refuseOperation('malformed', `${id} does not authenticate with a secret.`)
  const { secret, record } = makeSecret(deps)
  switch (await clients.addSecret(id, record, deps.audit)) {
    case 'added':
      return ok({ secret, secretId: record.id })
    case 'too_many':
      return refuseOperation('too_many', `${id} has as many secrets as it may: drop one first.`)
    case 'unknown':
      return unknown(id)
  }
}

const withKeys = clientMethods.filter(({ holds }) => holds === 'jwks')

function namesOf(methods: typeof clientMethods): string {
  return methods.map(({ name }) => name).join(', ')
}

function hasSecrets({ authentication }: Pick<ClientRecord, 'authentication'>): boolean {
  return findMethod(authentication)?.holds === 'secret'
}

function makeSecret({ ring, randomBytes, randomId, now }: OperatorDeps) {
  const secret = generateClientSecret(randomBytes)
  const hash = hashGenerated(secret, ring.secret('client-secret-hash'))
  const record: ClientSecretRecord = { id: randomId(), form: 'generated', hash, createdAt: now() }
  return { secret, record }
}

/** Disables, enables or removes a client. Disabling and removing revoke its tokens and end its refresh families. */
export async function switchClient(
  act: 'disable' | 'enable' | 'remove',
  id: string,
  { store, audit }: OperatorDeps,
): Outcome<string> {
  const outcome = await store.clients[act](id, audit)
  if (outcome === 'unknown') return unknown(id)
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
  return client === undefined ? unknown(id) : ok(viewClient(client))
}

/** Gives a page of clients, in the order of their ids. Units: `limit` in records, 1000 at most. */
export async function listClients(
  after: string | null,
  limit: number,
  { store }: OperatorDeps,
): Promise<readonly ClientView[]> {
  return (await store.clients.list(after, Math.min(limit, 1_000))).map(viewClient)
}

function viewClient(client: ClientRecord): ClientView {
  const secrets = client.secrets.map(({ id, form, createdAt }) => ({ id, form, createdAt }))
  return { ...client, secrets }
}

function unknown(id: string) {
  return refuseOperation('unknown', `There is no client ${id}.`)
}
