import type { AuditContext } from '../../audit/events.ts'
import type { UserAccess, UserId } from '../port/user-records.ts'
import { all, one, run, undo, type Row, type Verb } from '../port/verb.ts'
import { text } from './columns.ts'
import { writeAudit } from './log.ts'
import { appendStale, raiseUserVersion } from './user-version.ts'

// The lock delays the removal of a resource or scope, so that the removal sees the access written here.
const lockShared = `select scopes from resources where audience = $1 {share}`

/** Locks resources against removal and changes; `false` where one is gone, or lacks a scope of the access. */
export function* lockResources(access: readonly UserAccess[]): Verb<boolean> {
  for (const { audience, scopes } of access.toSorted(inOrderOfLocks)) {
    const row = yield* one(lockShared, audience)
    if (row === undefined) return false
    const offered: readonly string[] = JSON.parse(text(row, 'scopes'))
    if (!scopes.every((scope) => offered.includes(scope))) return false
  }
  return true
}

function inOrderOfLocks(a: UserAccess, b: UserAccess): number {
  return a.audience < b.audience ? -1 : 1
}

const insertRow = `insert into user_access (user_id, audience, scopes, roles) values ($1, $2, $3, $4)`
const putRow = `${insertRow} on conflict (user_id, audience) do update set scopes = excluded.scopes, roles = excluded.roles`
const deleteRow = `delete from user_access where user_id = $1 and audience = $2`
const selectRow = `select * from user_access where user_id = $1 and audience = $2`
const selectRows = `select * from user_access where user_id = $1 order by audience`

/** Writes the access of a new user. */
export function* insertAccess(id: UserId, access: UserAccess): Verb<void> {
  const { audience, scopes, roles } = access
  yield* run(insertRow, id, audience, JSON.stringify(scopes), JSON.stringify(roles))
}

export function* listAccess(id: UserId): Verb<readonly UserAccess[]> {
  return (yield* all(selectRows, id)).map(accessOf)
}

const lockUserRow = `select id from users where id = $1 {lock}`

export function* setAccess(
  id: UserId,
  access: UserAccess,
  audit: AuditContext,
  was?: Omit<UserAccess, 'audience'>,
): Verb<'changed' | 'same' | 'unknown' | 'no_resource' | 'stale'> {
  const { audience, scopes, roles } = access
  const isEnded = scopes.length + roles.length === 0
  if (!isEnded && !(yield* lockResources([access]))) return 'no_resource'
  if ((yield* one(lockUserRow, id)) === undefined) return yield* undo('unknown')
  const row = yield* one(selectRow, id, audience)
  const before = row === undefined ? { scopes: [], roles: [] } : accessOf(row)
  if (was !== undefined && !(isSame(was.scopes, before.scopes) && isSame(was.roles, before.roles)))
    return yield* undo('stale')
  if (isSame(before.scopes, scopes) && isSame(before.roles, roles)) return 'same'
  if (isEnded) yield* run(deleteRow, id, audience)
  else yield* run(putRow, id, audience, JSON.stringify(scopes), JSON.stringify(roles))
  const version = yield* raiseUserVersion(id)
  yield* writeAudit({ event: 'user_access_changed', userId: id, audience, version }, audit)
  yield* appendStale(id, version)
  return 'changed'
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return JSON.stringify(some.toSorted()) === JSON.stringify(others.toSorted())
}

function accessOf(row: Row): UserAccess {
  return {
    audience: text(row, 'audience'),
    scopes: JSON.parse(text(row, 'scopes')),
    roles: JSON.parse(text(row, 'roles')),
  }
}
