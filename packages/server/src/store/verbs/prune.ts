import { clockStepSecondsMax } from '../port/clock.ts'
import { unverifiedSeconds } from '../port/proof-verbs.ts'
import { all, one, run, type Driver, type Verb } from '../port/verb.ts'
import { text } from './columns.ts'
import { deleteEntries } from './log.ts'
import { pruneUnverified } from './sign-up.ts'

/** The most rows that one step reads. */
const stepRows = 500

/** Rows that name something revoked are kept until then, because a clock that is ahead may be set back. */
const forgotten = `{now} - ${clockStepSecondsMax}`

/** Units: seconds. How long a code is kept after its end. */
const usedCodeSeconds = 86_400

/** The deletions that depend only on a date, in this order. */
const dated: readonly Removal[] = [
  // First, because it moves hashes to the table of links.
  (limit) =>
    deleteEntries(
      `delete from revocations where sequence in
    (select sequence from revocations where expires_at <= ${forgotten} limit $1)
    returning sequence, hash, added_at, {now} as now`,
      limit,
    ),
  ...[
    // The date already allows for clocks that differ by minutes. An hour of proofs would be the largest table.
    `delete from spent where mark in (select mark from spent where expires_at <= {now} limit $1) returning 1 as one`,
    `delete from log_links where (log, sequence) in
    (select log, sequence from log_links where expires_at <= {now} order by expires_at limit $1) returning 1 as one`,
    `delete from user_names where key in
    (select key from user_names where free_at <= {now} limit $1) returning 1 as one`,
    `delete from counters where key in
    (select key from counters where ends_at <= ${forgotten} limit $1) returning 1 as one`,
    `delete from tickets where hash in
    (select hash from tickets where expires_at <= ${forgotten} limit $1) returning 1 as one`,
    // A node that sends mail drops it earlier, with an event.
    `delete from outbox where id in
    (select id from outbox where expires_at <= ${forgotten} limit $1) returning 1 as one`,
    // A day after the last import, so that no import that runs now has the row.
    `delete from foreign_schemes where scheme in (select scheme from foreign_schemes
    where imported_at <= ${forgotten} - 86400
      and not exists (select 1 from passwords where passwords.scheme = foreign_schemes.scheme) limit $1)
    and imported_at <= ${forgotten} - 86400 returning 1 as one`,
    `delete from authorizations where hash in
    (select hash from authorizations where expires_at <= ${forgotten} limit $1) returning 1 as one`,
    // A used code is kept, so that its second use is known as one.
    `delete from codes where hash in
    (select hash from codes where expires_at <= {now} - ${usedCodeSeconds} limit $1) returning 1 as one`,
    `delete from status_entries where owner in
    (select owner from status_entries where expires_at <= ${forgotten} limit $1) returning 1 as one`,
    // Places are taken in the newest list only, so no token refers to an empty older list.
    `delete from status_lists where id in (select id from status_lists as former
    where not exists (select 1 from status_entries where list = former.id)
      and exists (select 1 from status_lists as newer
        where newer.audience = former.audience and newer.opened_at > former.opened_at
          and newer.opened_at <= ${forgotten})
    limit $1) returning 1 as one`,
  ].map((statement) => (limit: number) => countRemoved(statement, limit)),
  (limit) => pruneUnverified(unverifiedSeconds, limit),
]

type Removal = (limit: number) => Verb<number>

function* countRemoved(statement: string, limit: number): Verb<number> {
  return (yield* all(statement, limit)).length
}

const walkFamilies = `select max(sid) as last from (select sid from families where sid > $1 order by sid limit $2) as step`
const pruneFamilies = `delete from families where sid > $1 and sid <= $2
  and (expires_at <= {now} or idle_expires_at <= {now}) returning 1 as one`
// A row whose family has ended. The last step has no upper end, because no family has a higher id.
const pruneSessions = `delete from sessions where sid > $1 and ($2 = '' or sid <= $2)
  and not exists (select 1 from families where families.sid = sessions.sid) returning 1 as one`
const pruneClientSessions = `delete from client_sessions where sid > $1 and ($2 = '' or sid <= $2)
  and not exists (select 1 from families where families.sid = client_sessions.sid) returning 1 as one`
const eraseSeals = `update families set successor_seal = null, seal_until = null
  where sid > $1 and sid <= $2 and seal_until <= {now}`

/**
 * Makes the function that deletes expired rows step by step. It walks families in the order of their ids.
 * Why: there is no index on their expiry, because each rotation would have to rewrite it.
 */
export function createPrune({
  write,
}: Driver): () => Promise<{ readonly removed: number; readonly done: boolean }> {
  let stage = 0
  let walked = ''
  return async () => {
    const remove = dated[stage]
    if (remove !== undefined) {
      const removed = await write(() => remove(stepRows))
      if (removed < stepRows) stage += 1
      return { removed, done: false }
    }
    const from = walked
    const step = await write(() => walk(from))
    walked = step.last ?? ''
    const done = step.last === null
    if (done) stage = 0
    return { removed: step.removed, done }
  }
}

function* walk(from: string): Verb<{ last: string | null; removed: number }> {
  const row = yield* one(walkFamilies, from, stepRows)
  if (row === undefined || row['last'] === null)
    return { last: null, removed: yield* dropRows(from, '') }
  const last = text(row, 'last')
  const families = (yield* all(pruneFamilies, from, last)).length
  const removed = families + (yield* dropRows(from, last))
  yield* run(eraseSeals, from, last)
  return { last, removed }
}

/** Drops the rows next to families that have ended. */
function* dropRows(from: string, last: string): Verb<number> {
  const sessions = (yield* all(pruneSessions, from, last)).length
  return sessions + (yield* all(pruneClientSessions, from, last)).length
}
