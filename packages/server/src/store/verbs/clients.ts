import type { AuditContext, AuditFacts } from '../../audit/events.ts'
import type { ClientSignIn } from '../port/client-sign-in.ts'
import { clientSecretsMax, type ClientRecord, type ClientSecretRecord } from '../port/records.ts'
import type { ClientChange, ClientChangeFacts, ClientVerbs } from '../port/store.ts'
import { all, one, run, undo, type Driver, type Row, type Verb } from '../port/verb.ts'
import { moment, number, text, textOrNull, truth } from './columns.ts'
import { writeAudit, appendToLog } from './log.ts'

/** The verbs of clients. */
export function clientVerbs({ read, write }: Driver): ClientVerbs {
  return {
    add: (client, audit, resources = []) => write(() => addClient(client, audit, resources)),
    find: (id) => read(() => find(id)),
    list: (after, limit) => read(() => listClients(after, limit)),
    listPublicRedirects: () => read(listPublicRedirects),
    change: (id, change, raiseVersion, audit, facts = {}) =>
      write(() => changeClient(id, change, raiseVersion, audit, facts)),
    revokeTokens: (id, audit) => write(() => revokeTokens(id, audit)),
    addSecret: (id, secret, audit) => write(() => addSecret(id, secret, audit)),
    dropSecret: (id, secretId, audit) => write(() => dropSecret(id, secretId, audit)),
    disable: (id, audit) => write(() => disable(id, audit)),
    enable: (id, audit) => write(() => enable(id, audit)),
    remove: (id, audit) => write(() => remove(id, audit)),
  }
}

const insertClient = `insert into clients
  (id, internal_id, version, enabled, authentication, secrets, jwks, grant_types, access, dpop_required, created_at,
   roles, claims, sign_in)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
  on conflict (id) do nothing returning id`

// The lock delays the removal of a resource or scope, so that the removal sees the access of this client.
const lockResource = `select scopes from resources where audience = $1 {share}`

/** Whether the resources of these audiences exist and offer the scopes of the access. */
function* isOffered(access: ClientRecord['access'], audiences: readonly string[]): Verb<boolean> {
  for (const audience of audiences) {
    const row = yield* one(lockResource, audience)
    if (row === undefined) return false
    const offered: readonly string[] = JSON.parse(text(row, 'scopes'))
    const scopes = access.find((part) => part.audience === audience)?.scopes ?? []
    if (!scopes.every((scope) => offered.includes(scope))) return false
  }
  return true
}

// Both ids are the `sub` of tokens.
const selectUserWithId = `select id from users where id = $1`

function* addClient(
  client: ClientRecord,
  audit: AuditContext,
  resources: readonly string[],
): Verb<'added' | 'exists' | 'id_of_user' | 'no_resource'> {
  if (!(yield* isOffered(client.access, resources))) return 'no_resource'
  if ((yield* one(selectUserWithId, client.id)) !== undefined) return 'id_of_user'
  const row = yield* one(
    insertClient,
    client.id,
    client.internalId,
    client.version,
    client.enabled ? 1 : 0,
    client.authentication,
    JSON.stringify(client.secrets),
    client.jwks,
    JSON.stringify(client.grantTypes),
    JSON.stringify(client.access),
    client.dpopRequired ? 1 : 0,
    client.createdAt,
    JSON.stringify(client.roles),
    JSON.stringify(client.claims),
    signInText(client),
  )
  if (row === undefined) return 'exists'
  yield* writeAudit({ event: 'client_added', clientId: client.id }, audit)
  yield* appendToLog([], [{ table: 'clients', id: client.id }])
  return 'added'
}

const selectClient = `select * from clients where id = $1`
const lockClient = `${selectClient} {lock}`

function* find(id: string): Verb<ClientRecord | undefined> {
  const row = yield* one(selectClient, id)
  return row && clientOf(row)
}

function* lock(id: string): Verb<ClientRecord | undefined> {
  const row = yield* one(lockClient, id)
  return row && clientOf(row)
}

const selectPage = `select * from clients where id > $1 order by id limit $2`

function* listClients(after: string | null, limit: number): Verb<readonly ClientRecord[]> {
  return (yield* all(selectPage, after ?? '', limit)).map(clientOf)
}

const updateClient = `update clients set version = $2, enabled = $3, authentication = $4, secrets = $5, jwks = $6,
  grant_types = $7, access = $8, dpop_required = $9, roles = $10, claims = $11, sign_in = $12
  where id = $1`

/** Writes the record with its event and its change; with a raised version also the entry that revokes lower versions. */
function* updateRecord(
  client: ClientRecord,
  raised: boolean,
  facts: AuditFacts,
  audit: AuditContext,
) {
  yield* run(
    updateClient,
    client.id,
    client.version,
    client.enabled ? 1 : 0,
    client.authentication,
    JSON.stringify(client.secrets),
    client.jwks,
    JSON.stringify(client.grantTypes),
    JSON.stringify(client.access),
    client.dpopRequired ? 1 : 0,
    JSON.stringify(client.roles),
    JSON.stringify(client.claims),
    signInText(client),
  )
  yield* writeAudit(facts, audit)
  yield* appendToLog(raised ? [entryFor(client, client.version)] : [], [
    { table: 'clients', id: client.id },
  ])
}

function entryFor(client: ClientRecord, belowVersion: number) {
  return { target: { kind: 'client', cid: client.internalId, belowVersion } } as const
}

/** The settings that a decision relies on. A secret may be added or dropped meanwhile. */
const settled = [
  'internalId',
  'authentication',
  'jwks',
  'grantTypes',
  'access',
  'dpopRequired',
  'roles',
  'claims',
  'signIn',
] as const satisfies readonly (keyof ClientRecord)[]

const selectManaged = `select audience from resources where client_id = $1 and encryption like '%"managed"%' limit 1`

function* changeClient(
  id: string,
  change: ClientChange,
  raiseVersion: boolean,
  audit: AuditContext,
  { was, resources = [], endFamilies = false }: ClientChangeFacts,
): Verb<'changed' | 'unknown' | 'stale' | 'no_resource' | 'in_use'> {
  const client = yield* lock(id)
  if (client === undefined) return 'unknown'
  if (was !== undefined && !settled.every((name) => isSame(was[name], client[name]))) return 'stale'
  const next = { ...client, ...change, version: client.version + (raiseVersion ? 1 : 0) }
  if (!(yield* isOffered(next.access, resources))) return yield* undo('no_resource')
  if (next.authentication === 'none' && client.authentication !== 'none')
    // The adding of a resource locks the client's row, so this statement sees the resource.
    if ((yield* one(selectManaged, id)) !== undefined) return yield* undo('in_use')
  if (endFamilies) yield* run(deleteFamilies, id)
  const facts = {
    event: 'client_changed',
    clientId: id,
    change: Object.keys(change).join(' '),
  } as const
  yield* updateRecord(next, raiseVersion, facts, audit)
  return 'changed'
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function* addSecret(
  id: string,
  secret: ClientSecretRecord,
  audit: AuditContext,
): Verb<'added' | 'too_many' | 'unknown'> {
  const client = yield* lock(id)
  if (client === undefined) return 'unknown'
  if (client.secrets.length >= clientSecretsMax) return 'too_many'
  const facts = { event: 'client_secret_added', clientId: id, secretId: secret.id } as const
  yield* updateRecord({ ...client, secrets: [...client.secrets, secret] }, false, facts, audit)
  return 'added'
}

function* dropSecret(
  id: string,
  secretId: string,
  audit: AuditContext,
): Verb<'dropped' | 'unknown'> {
  const client = yield* lock(id)
  const secrets = client?.secrets.filter((secret) => secret.id !== secretId)
  if (client === undefined || secrets?.length === client.secrets.length) return 'unknown'
  const facts = { event: 'client_secret_dropped', clientId: id, secretId } as const
  const next = { ...client, secrets: secrets ?? [], version: client.version + 1 }
  yield* updateRecord(next, true, facts, audit)
  return 'dropped'
}

const deleteFamilies = `delete from families where client_id = $1`

function* disable(id: string, audit: AuditContext): Verb<'disabled' | 'already' | 'unknown'> {
  const client = yield* lock(id)
  if (client === undefined) return 'unknown'
  if (!client.enabled) return 'already'
  const version = client.version + 1
  yield* run(deleteFamilies, id)
  const facts = { event: 'client_disabled', clientId: id, version } as const
  yield* updateRecord({ ...client, enabled: false, version }, true, facts, audit)
  return 'disabled'
}

function* revokeTokens(id: string, audit: AuditContext): Verb<'revoked' | 'unknown'> {
  const client = yield* lock(id)
  if (client === undefined) return 'unknown'
  yield* run(deleteFamilies, id)
  const facts = { event: 'client_changed', clientId: id, change: 'tokens revoked' } as const
  yield* updateRecord({ ...client, version: client.version + 1 }, true, facts, audit)
  return 'revoked'
}

function* enable(id: string, audit: AuditContext): Verb<'enabled' | 'already' | 'unknown'> {
  const client = yield* lock(id)
  if (client === undefined) return 'unknown'
  if (client.enabled) return 'already'
  yield* updateRecord(
    { ...client, enabled: true },
    false,
    { event: 'client_enabled', clientId: id },
    audit,
  )
  return 'enabled'
}

// The adding of a resource locks the client's row, so this statement sees the resource.
const selectResourceOf = `select audience from resources where client_id = $1 limit 1`
// A later client of this name has none of the consents and codes of the former one.
const deleteSignIns = ['consents', 'codes', 'authorizations', 'client_sessions'].map(
  (table) => `delete from ${table} where client_id = $1`,
)
const deleteClient = `delete from clients where id = $1`

function* remove(id: string, audit: AuditContext): Verb<'removed' | 'in_use' | 'unknown'> {
  const client = yield* lock(id)
  if (client === undefined) return 'unknown'
  if ((yield* one(selectResourceOf, id)) !== undefined) return 'in_use'
  yield* run(deleteFamilies, id)
  for (const statement of deleteSignIns) yield* run(statement, id)
  yield* run(deleteClient, id)
  yield* writeAudit({ event: 'client_removed', clientId: id }, audit)
  yield* appendToLog([entryFor(client, client.version + 1)], [{ table: 'clients', id }])
  return 'removed'
}

function clientOf(row: Row): ClientRecord {
  return {
    id: text(row, 'id'),
    internalId: text(row, 'internal_id'),
    version: number(row, 'version'),
    enabled: truth(row, 'enabled'),
    authentication: text(row, 'authentication'),
    secrets: JSON.parse(text(row, 'secrets')),
    jwks: textOrNull(row, 'jwks'),
    grantTypes: JSON.parse(text(row, 'grant_types')),
    access: JSON.parse(text(row, 'access')),
    dpopRequired: truth(row, 'dpop_required'),
    roles: JSON.parse(text(row, 'roles')),
    claims: JSON.parse(text(row, 'claims')),
    ...signInOf(textOrNull(row, 'sign_in')),
    createdAt: moment(row, 'created_at'),
  }
}

/** Units: clients. */
const publicMax = 100_000
const selectPublic = `select sign_in from clients
  where authentication = 'none' and enabled = 1 and sign_in is not null order by id limit ${publicMax}`

function* listPublicRedirects(): Verb<readonly string[]> {
  const uris = new Set<string>()
  for (const row of yield* all(selectPublic)) {
    const { redirectUris }: ClientSignIn = JSON.parse(text(row, 'sign_in'))
    for (const uri of redirectUris) uris.add(uri)
  }
  return [...uris]
}

/** The settings that records of earlier versions lack. */
const laterSettings = { userinfoSignedAlg: 'plain' } as const

function signInText({ signIn }: ClientRecord): string | null {
  return signIn === undefined ? null : JSON.stringify(signIn)
}

function signInOf(column: string | null): Pick<ClientRecord, 'signIn'> {
  return column === null ? {} : { signIn: { ...laterSettings, ...JSON.parse(column) } }
}
