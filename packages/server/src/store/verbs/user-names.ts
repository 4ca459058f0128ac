import { leewaySecondsMax } from '@countersign/jwt'
import type { AuditContext } from '../../audit/events.ts'
import type { NameKey, UserId, UserName } from '../port/user-records.ts'
import type { AddNameOutcome, NameTaken, NewName } from '../port/user-verbs.ts'
import { all, one, run, undo, type Verb } from '../port/verb.ts'
import { momentOrNull } from './columns.ts'
import { writeAudit } from './log.ts'
import { usersOf } from './user-rows.ts'
import { appendStale, raiseUserVersion } from './user-version.ts'

/** The most names of one user. */
export const userNamesMax = 10

// A name that nobody has any longer is taken over once it is free.
const insertUserName = `insert into user_names (key, user_id, kind, shown, verified_at, added_at, free_at)
  values ($1, $2, $3, $4, case when $5 = 1 then {now} end, {now}, null)
  on conflict (key) do update set user_id = excluded.user_id, kind = excluded.kind, shown = excluded.shown,
    verified_at = excluded.verified_at, added_at = excluded.added_at, free_at = null
    where user_names.user_id is null and user_names.free_at <= {now}
  returning key`
const selectFreeAt = `select free_at from user_names where key = $1`

/** Inserts a name; gives the outcome where another user has it or had it a moment ago. */
export function* insertName(id: UserId, name: NewName): Verb<NameTaken | undefined> {
  const { key, kind, shown, isVerified } = name
  if ((yield* one(insertUserName, key, id, kind, shown, isVerified ? 1 : 0)) !== undefined)
    return undefined
  const row = yield* one(selectFreeAt, key)
  return {
    outcome: 'name_taken',
    key,
    freeAt: row === undefined ? null : momentOrNull(row, 'free_at'),
  }
}

/** A name is free once the last token that may show it has expired. */
const isShown = `{now} + ${leewaySecondsMax} + (select ttl_ceiling from log_head where one = 1)`
const reserved = `user_id = null, shown = '', verified_at = null`
const reserveAll = `update user_names set ${reserved}, free_at = ${isShown} where user_id = $1`
const reserveOne = `update user_names set ${reserved},
  free_at = case when ${isShown} < {now} + $2 then {now} + $2 else ${isShown} end where key = $1`

/** Takes all names from a user and reserves their keys. */
export function* reserveNames(id: UserId): Verb<void> {
  yield* run(reserveAll, id)
}

/** Takes one name from a user and reserves its key for so many seconds at least. */
export function* reserveName(key: NameKey, secondsMin: number): Verb<void> {
  yield* run(reserveOne, key, secondsMin)
}

// The lock of the user's row lets one caller at a time change the names of a user.
const lockOwner = `select id from users where id = $1 {lock}`
const selectNamesOf = `select * from users join user_names on user_names.user_id = users.id where users.id = $1`

/** Locks a user and reads the names. */
export function* lockNames(id: UserId): Verb<readonly UserName[] | undefined> {
  if ((yield* one(lockOwner, id)) === undefined) return undefined
  return usersOf(yield* all(selectNamesOf, id))[0]?.names ?? []
}

export function* addName(id: UserId, name: NewName, audit: AuditContext): Verb<AddNameOutcome> {
  const before = yield* lockNames(id)
  if (before === undefined) return { outcome: 'unknown' }
  if (before.length >= userNamesMax) return { outcome: 'too_many' }
  const taken = yield* insertName(id, name)
  if (taken !== undefined) return yield* undo(taken)
  yield* writeAudit({ event: 'user_name_added', userId: id, kind: name.kind }, audit)
  yield* raiseIfShown(id, before)
  return { outcome: 'added' }
}

export function* dropName(
  id: UserId,
  key: NameKey,
  audit: AuditContext,
): Verb<'dropped' | 'last' | 'unknown'> {
  const before = yield* lockNames(id)
  const name = before?.find((one) => one.key === key)
  if (before === undefined || name === undefined) return 'unknown'
  if (before.length === 1) return 'last'
  yield* reserveName(key, 0)
  yield* writeAudit({ event: 'user_name_dropped', userId: id, kind: name.kind }, audit)
  yield* raiseIfShown(id, before)
  return 'dropped'
}

/** Makes the holders of older tokens fetch new ones where tokens show another name than before. */
export function* raiseIfShown(id: UserId, before: readonly UserName[]): Verb<void> {
  const after = usersOf(yield* all(selectNamesOf, id))[0]?.names
  if (after?.[0]?.shown !== before[0]?.shown) yield* appendStale(id, yield* raiseUserVersion(id))
}
