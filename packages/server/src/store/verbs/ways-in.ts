import type { UserId } from '../port/user-records.ts'
import { all, one, type Verb } from '../port/verb.ts'
import { appendStale, raiseUserVersion } from './user-version.ts'

// A passkey that never verified its user is a second factor only.
const selectWay = `select user_id from passwords where user_id = $1
  union all select user_id from passkeys where user_id = $1 and uv_seen = 1 limit 1`

/** Whether the user can still sign in. The caller has locked the user, and removed a credential. */
export function* hasWayIn(userId: UserId): Verb<boolean> {
  return (yield* one(selectWay, userId)) !== undefined
}

// Apps refresh their tokens by what their own session says, and codes give it to them.
const lowerings = ['sessions', 'codes', 'client_sessions'].map(
  (table) => `update ${table} set acr = '1' where user_id = $1 and acr = '2'
    and (amr like $2 or amr like $3) returning user_id`,
)

/**
 * Lowers the sessions that used one of two methods to level 1, and what apps got by them. Guards refuse their older tokens
 * within a second. A verb calls it last.
 * Units: `methods` are values of RFC 8176.
 */
export function* lowerSessionsBy(
  userId: UserId,
  [one, other]: readonly [string, string],
): Verb<void> {
  let lowered = 0
  for (const lowering of lowerings)
    lowered += (yield* all(lowering, userId, `%"${one}"%`, `%"${other}"%`)).length
  if (lowered > 0) yield* appendStale(userId, yield* raiseUserVersion(userId))
}
