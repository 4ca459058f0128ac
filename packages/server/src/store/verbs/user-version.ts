import type { UserId } from '../port/user-records.ts'
import { all, one, run, type Verb } from '../port/verb.ts'
import { number } from './columns.ts'
import { appendToLog } from './log.ts'

const raiseByOne = `update users set version = version + 1 where id = $1 returning version`

/** Raises the version of a user, who is there and locked; gives the new one. */
export function* raiseUserVersion(id: UserId): Verb<number> {
  const row = yield* one(raiseByOne, id)
  if (row === undefined) throw new Error('the locked user is gone')
  return number(row, 'version')
}

/** Writes the entry that makes the holders of tokens of lower versions fetch new ones. A verb calls it last. */
export function* appendStale(uid: UserId, belowVersion: number): Verb<void> {
  yield* appendToLog([{ target: { kind: 'claims_stale', uid, belowVersion } }], [])
}

// A thief of an account must not end the ways back that were sent by mail.
const deleteTickets = `delete from tickets where user_id = $1 and purpose not in ('undo_address', 'delete_account')`
// Sessions before families, as everywhere, so that two callers never wait for each other.
const endings = [
  `delete from sessions where user_id = $1`,
  deleteTickets,
  `delete from codes where user_id = $1`,
  `delete from client_sessions where user_id = $1`,
  `delete from families where user_id = $1`,
]

/** Ends all sign-ins of a user, unfinished ones too. */
export function* endSignIns(uid: string): Verb<void> {
  for (const ending of endings) yield* run(ending, uid)
}

const deleteOtherSessions = `delete from sessions where user_id = $1 and sid <> $2 returning sid`
const deleteOtherFamilies = `delete from families where user_id = $1 and sid <> $2`

/** Ends all sign-ins of a user but one session, unfinished ones too; gives the count of other sessions. */
export function* endOtherSignIns(uid: string, keptSid: string): Verb<number> {
  const others = (yield* all(deleteOtherSessions, uid, keptSid)).length
  yield* run(deleteTickets, uid)
  yield* run(`delete from codes where user_id = $1`, uid)
  yield* run(`delete from client_sessions where user_id = $1`, uid)
  yield* run(deleteOtherFamilies, uid, keptSid)
  return others
}
