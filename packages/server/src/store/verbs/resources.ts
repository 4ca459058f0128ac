import type { AuditContext } from '../../audit/events.ts'
import type { ClientRecord, ResourceRecord } from '../port/records.ts'
import type { ResourceVerbs } from '../port/store.ts'
import { all, one, run, undo, type Driver, type Row, type Verb } from '../port/verb.ts'
import { moment, number, text, textOrNull, truth } from './columns.ts'
import { burnOwnKeys, retireOwnKeys } from './keys.ts'
import { writeAudit, appendToLog } from './log.ts'

/** The verbs of resources. */
export function resourceVerbs({ read, write }: Driver): ResourceVerbs {
  return {
    add: (resource, audit, clientId = null) => write(() => addResource(resource, audit, clientId)),
    change: (resource, audit, was) => write(() => change(resource, audit, was)),
    users: (audience, scopes, limit) => read(() => usersOf(audience, scopes, limit)),
    countUsers: (audience) => read(() => countUsers(audience)),
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

const lockClient = `select authentication from clients where id = $1 {lock}`

/** Whether a client may act for a resource: it exists, and it proves who it is where it gets managed keys. */
function* mayAct(clientId: string, { encryption }: ResourceRecord): Verb<boolean> {
  const row = yield* one(lockClient, clientId)
  if (row === undefined) return false
  return encryption?.source !== 'managed' || text(row, 'authentication') !== 'none'
}

function* addResource(
  resource: ResourceRecord,
  audit: AuditContext,
  clientId: string | null,
): Verb<'added' | 'exists' | 'no_client'> {
  if (clientId !== null && !(yield* mayAct(clientId, resource))) return 'no_client'
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
  encryption = $6, status_list = $7, client_id = $8 where audience = $1`

const lockWhole = `select * from resources where audience = $1 {lock}`

function* change(
  resource: ResourceRecord,
  audit: AuditContext,
  was: ResourceRecord | undefined,
): Verb<'changed' | 'unknown' | 'stale' | 'in_use' | 'held_by_users' | 'no_client'> {
  const { audience, clientId } = resource
  // Locked before the resource, as a change of the client does.
  if (was !== undefined && clientId !== null && !(yield* mayAct(clientId, resource)))
    return 'no_client'
  const row = yield* one(lockWhole, audience)
  if (row === undefined) return yield* undo('unknown')
  const present = resourceOf(row)
  if (was !== undefined && differences(was, present).length > 0) return yield* undo('stale')
  const gone = present.scopes.filter((scope) => !resource.scopes.includes(scope))
  if (gone.length > 0 && (yield* usersOf(audience, gone, 1)).length > 0)
    return yield* undo('in_use')
  for (const scope of gone)
    if (yield* isHeldByUser(audience, scope)) return yield* undo('held_by_users')
  yield* run(updateResource, ...columnsOf(resource))
  const names = differences(present, resource).join(' ')
  yield* writeAudit({ event: 'resource_changed', audience, change: names }, audit)
  const used = isKnownToFormer(present, resource) ? { ...resource, encryption: null } : resource
  const retired = yield* retireOwnKeys(used, audit)
  yield* run(raiseCeiling, resource.tokenTtlSeconds)
  yield* appendToLog([], [...retired, { table: 'resources', id: audience }])
  return 'changed'
}

// A scope has no quote and no backslash, so its JSON text stands for it alone. One database compares without case in
// `like`, and both compare exactly in `replace`.
const selectHolder = `select user_id from user_access where audience = $1 and replace(scopes, $2, '') <> scopes limit 1`

function* isHeldByUser(audience: string, scope: string): Verb<boolean> {
  return (yield* one(selectHolder, audience, JSON.stringify(scope))) !== undefined
}

/** Whether the managed keys must be replaced: another client has them, or they are of another curve. */
function isKnownToFormer(former: ResourceRecord, next: ResourceRecord): boolean {
  if (former.clientId !== null && former.clientId !== next.clientId) return true
  const [one, other] = [former.encryption, next.encryption]
  if (one?.source !== 'managed' || other?.source !== 'managed') return false
  return (one.curve ?? 'X25519') !== (other.curve ?? 'X25519')
}

/** The names of the settings in which two records differ. */
function differences(one: ResourceRecord, other: ResourceRecord): readonly string[] {
  return settings.filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]))
}

const settings = [
  'scopes',
  'tokenAlg',
  'tokenTtlSeconds',
  'tokenBytesMax',
  'encryption',
  'statusList',
  'clientId',
] as const satisfies readonly (keyof ResourceRecord)[]

function* find(audience: string): Verb<ResourceRecord | undefined> {
  const row = yield* one(`select * from resources where audience = $1`, audience)
  return row && resourceOf(row)
}

function* listResources(): Verb<readonly ResourceRecord[]> {
  return (yield* all(`select * from resources order by created_at, audience`)).map(resourceOf)
}

const lockResource = `select audience from resources where audience = $1 {lock}`
// The database finds candidates by text; the code below compares exactly.
const selectUsers = `select id, access from clients where access like $1 escape '!' and id > $2 order by id limit $3`

/** Units: rows of one step of a search. */
const pageLength = 500

function* usersOf(
  audience: string,
  scopes: readonly string[] | null,
  limit: number,
): Verb<readonly string[]> {
  const inside = JSON.stringify(audience).replaceAll(/[!%_]/g, '!$&')
  const found: string[] = []
  for (let after = ''; ;) {
    const rows = yield* all(selectUsers, `%${inside}%`, after, pageLength)
    for (const row of rows) {
      const access: ClientRecord['access'] = JSON.parse(text(row, 'access'))
      const held = access.find((part) => part.audience === audience)?.scopes
      const uses = held !== undefined && (scopes?.some((scope) => held.includes(scope)) ?? true)
      if (uses) found.push(text(row, 'id'))
      if (found.length >= limit) return found
      after = text(row, 'id')
    }
    if (rows.length < pageLength) return found
  }
}

const countHolders = `select count(*) as count from user_access where audience = $1`
const selectAnyHolder = `select user_id from user_access where audience = $1 limit 1`

function* countUsers(audience: string): Verb<number> {
  const row = yield* one(countHolders, audience)
  return row === undefined ? 0 : number(row, 'count')
}

const deleteResource = `delete from resources where audience = $1`

function* remove(
  audience: string,
  audit: AuditContext,
): Verb<'removed' | 'in_use' | 'held_by_users' | 'unknown'> {
  // Locked first, so that the searches below see clients and users that get access at the same time.
  if ((yield* one(lockResource, audience)) === undefined) return 'unknown'
  if ((yield* usersOf(audience, null, 1)).length > 0) return 'in_use'
  if ((yield* one(selectAnyHolder, audience)) !== undefined) return 'held_by_users'
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
