import type { AuditContext } from '../../audit/events.ts'
import type { ClientRecord, ResourceRecord } from '../port/records.ts'
import type { ResourceVerbs } from '../port/store.ts'
import { all, one, run, type Driver, type Row, type Verb } from '../port/verb.ts'
import { moment, number, text, textOrNull, truth } from './columns.ts'
import { burnOwnKeys, retireOwnKeys } from './keys.ts'
import { writeAudit, appendToLog } from './log.ts'

/** The verbs of resources. */
export function resourceVerbs({ read, write }: Driver): ResourceVerbs {
  return {
    add: (resource, audit, clientId = null) => write(() => addResource(resource, audit, clientId)),
    change: (resource, audit) => write(() => change(resource, audit)),
    find: (audience) => read(() => find(audience)),
    list: () => read(listResources),
    remove: (audience, audit) => write(() => remove(audience, audit)),
  }
}

const insertResource = `insert into resources
  (audience, scopes, token_alg, token_ttl_seconds, token_bytes_max, encryption, status_list, client_id, created_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  on conflict (audience) do nothing returning audience`

// A revocation must outlive every token made so far, so the ceiling only rises.
const raiseCeiling = `update log_head set ttl_ceiling = $1 where one = 1 and ttl_ceiling < $1`

const lockClient = `select id from clients where id = $1 {lock}`

function* addResource(
  resource: ResourceRecord,
  audit: AuditContext,
  clientId: string | null,
): Verb<'added' | 'exists' | 'no_client'> {
  if (clientId !== null && (yield* one(lockClient, clientId)) === undefined) return 'no_client'
  const row = yield* one(insertResource, ...columnsOf(resource), resource.createdAt)
  if (row === undefined) return 'exists'
  yield* writeAudit({ event: 'resource_added', audience: resource.audience }, audit)
  yield* run(raiseCeiling, resource.tokenTtlSeconds)
  const former = yield* burnOwnKeys(resource.audience, audit)
  yield* appendToLog(former.entries, [
    ...former.changes,
    { table: 'resources', id: resource.audience },
  ])
  return 'added'
}

const updateResource = `update resources set scopes = $2, token_alg = $3, token_ttl_seconds = $4, token_bytes_max = $5,
  encryption = $6, status_list = $7, client_id = $8 where audience = $1 returning audience`

function* change(resource: ResourceRecord, audit: AuditContext): Verb<'changed' | 'unknown'> {
  const row = yield* one(updateResource, ...columnsOf(resource))
  if (row === undefined) return 'unknown'
  yield* writeAudit({ event: 'resource_changed', audience: resource.audience }, audit)
  const retired = yield* retireOwnKeys(resource, audit)
  yield* run(raiseCeiling, resource.tokenTtlSeconds)
  yield* appendToLog([], [...retired, { table: 'resources', id: resource.audience }])
  return 'changed'
}

function* find(audience: string): Verb<ResourceRecord | undefined> {
  const row = yield* one(`select * from resources where audience = $1`, audience)
  return row && resourceOf(row)
}

function* listResources(): Verb<readonly ResourceRecord[]> {
  return (yield* all(`select * from resources order by created_at, audience`)).map(resourceOf)
}

const lockResource = `select audience from resources where audience = $1 {lock}`
// The database finds candidates by text; the code below compares exactly.
const selectUsers = `select access from clients where access like $1 escape '!'`
// A later resource of that name may have another owner, so no user keeps access to it.
const deleteUserAccess = `delete from user_access where audience = $1`
const deleteResource = `delete from resources where audience = $1`

function* remove(audience: string, audit: AuditContext): Verb<'removed' | 'in_use' | 'unknown'> {
  // Locked first, so that the search below sees a client that is added at the same time.
  if ((yield* one(lockResource, audience)) === undefined) return 'unknown'
  const inside = JSON.stringify(audience).replaceAll(/[!%_]/g, '!$&')
  const users = yield* all(selectUsers, `%${inside}%`)
  const used = users.some((row) => {
    const access: ClientRecord['access'] = JSON.parse(text(row, 'access'))
    return access.some((part) => part.audience === audience)
  })
  if (used) return 'in_use'
  yield* run(deleteUserAccess, audience)
  yield* run(deleteResource, audience)
  yield* writeAudit({ event: 'resource_removed', audience }, audit)
  const retired = yield* retireOwnKeys({ audience, tokenAlg: '', encryption: null }, audit)
  yield* appendToLog([], [...retired, { table: 'resources', id: audience }])
  return 'removed'
}

function columnsOf(resource: ResourceRecord) {
  return [
    resource.audience,
    JSON.stringify(resource.scopes),
    resource.tokenAlg,
    resource.tokenTtlSeconds,
    resource.tokenBytesMax,
    resource.encryption === null ? null : JSON.stringify(resource.encryption),
    resource.statusList ? 1 : 0,
    resource.clientId,
  ] as const
}

function resourceOf(row: Row): ResourceRecord {
  return {
    audience: text(row, 'audience'),
    scopes: JSON.parse(text(row, 'scopes')),
    tokenAlg: text(row, 'token_alg'),
    tokenTtlSeconds: number(row, 'token_ttl_seconds'),
    tokenBytesMax: number(row, 'token_bytes_max'),
    encryption: row['encryption'] === null ? null : JSON.parse(text(row, 'encryption')),
    statusList: truth(row, 'status_list'),
    clientId: textOrNull(row, 'client_id'),
    createdAt: moment(row, 'created_at'),
  }
}
