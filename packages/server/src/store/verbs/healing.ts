import type { EpochSeconds } from '@countersign/jwt'
import type { AuditContext } from '../../audit/events.ts'
import type { DisabledRecords, DatedEntry } from '../port/records.ts'
import { partsOf } from '../port/revocation-target.ts'
import type { LostKnowledge } from '../port/revocation-verbs.ts'
import { all, one, run, undo, type Verb } from '../port/verb.ts'
import { number, text } from './columns.ts'
import { hashIn } from './log-head.ts'
import { burnKey } from './keys.ts'
import { appendToLog, writeAudit, type NewChange } from './log.ts'
import { endSignIns } from './user-version.ts'

const lockEpoch = `select epoch from log_head where one = 1 {lock}`

/**
 * Writes entries again that a rollback lost, and repeats their effects, in one transaction.
 * Why: it locks the head after the records, as every other verb does, and before it searches the log. So two nodes that
 * heal the same entry write it once.
 */
export function* heal(
  epoch: string,
  lost: LostKnowledge,
  audit: AuditContext,
): Verb<'healed' | 'nothing_lost' | 'other_epoch'> {
  const changes: NewChange[] = []
  const entries: DatedEntry[] = []
  for (const entry of lost.entries.toSorted(inOrderOfLocks)) {
    const { entry: burnt = entry, changed } = yield* repeatEffect(entry, audit)
    entries.push({ ...entry, until: later(entry.until, burnt.until) })
    changes.push(...changed)
  }
  for (const cid of lost.clients.toSorted()) changes.push(...(yield* disableAgain(cid, audit)))
  for (const uid of lost.users.toSorted()) changes.push(...(yield* disableUserAgain(uid, audit)))
  const head = yield* one(lockEpoch)
  if (head === undefined || text(head, 'epoch') !== epoch) return yield* undo('other_epoch')
  const missing: DatedEntry[] = []
  for (const entry of entries) if (!(yield* isCovered(entry))) missing.push(entry)
  if (missing.length + changes.length === 0) return 'nothing_lost'
  const countOf = (kind: NewChange['table']) => changes.filter(({ table }) => table === kind).length
  const [clients, users, keys] = [countOf('clients'), countOf('users'), countOf('keys')]
  yield* writeAudit({ event: 'log_healed', entries: missing.length, clients, users, keys }, audit)
  yield* appendToLog(missing, changes)
  return 'healed'
}

function later(one: EpochSeconds, other: EpochSeconds): EpochSeconds {
  return one > other ? one : other
}

function inOrderOfLocks(one: DatedEntry, other: DatedEntry): number {
  const [a, b] = [one, other].map(({ target }) => `${target.kind} ${partsOf(target).id}`)
  return (a ?? '') < (b ?? '') ? -1 : 1
}

const selectSame = `select 1 as one from revocations where kind = $1 and id = $2 and bound >= $3 and expires_at > $4
  limit 1`

/** Whether the log holds an entry that revokes the same. Other nodes have its moments in whole seconds, rounded up. */
function* isCovered({ target, until }: DatedEntry): Verb<boolean> {
  const { id, belowVersion = 0 } = partsOf(target)
  return (
    (yield* one(selectSame, target.kind, id, Math.floor(belowVersion), until - 1)) !== undefined
  )
}

const raiseVersion = `update clients set version = $2 where internal_id = $1 and version < $2 returning id`
// A family keeps the version of its client from its opening, so families opened after the healing stay.
const olderFamilies = `families where client_version < $2
  and client_id = (select id from clients where internal_id = $1)`
const raiseUserVersion = `update users set version = $2 where id = $1 and version < $2 returning id`
const olderUserFamilies = `families where user_id = $1 and user_version < $2`
// Unfinished acts of the user began before the loss, because nothing was healed yet.
const deleteTicketsOf = `delete from tickets where user_id = $1`
const oneFamily = `families where sid = $1`
const familiesUpTo = `families where opened_at <= $1`

/** Deletes families and their sessions. Sessions first, as everywhere, so that two callers never wait for each other. */
function* deleteFamilies(families: string, ...values: readonly (string | number)[]): Verb<void> {
  yield* run(`delete from sessions where sid in (select sid from ${families})`, ...values)
  yield* run(`delete from ${families}`, ...values)
}

/** The changes that belong to a lost entry, and a new entry where that one must last longer. */
interface Effect {
  readonly changed: readonly NewChange[]
  readonly entry?: DatedEntry
}

const noEffect: Effect = { changed: [] }

function* repeatEffect({ target }: DatedEntry, audit: AuditContext): Verb<Effect> {
  switch (target.kind) {
    case 'client': {
      const client = yield* one(raiseVersion, target.cid, target.belowVersion)
      yield* deleteFamilies(olderFamilies, target.cid, target.belowVersion)
      return client === undefined
        ? noEffect
        : { changed: [{ table: 'clients', id: text(client, 'id') }] }
    }
    case 'key':
      return (yield* burnKey(target.kid, audit)) ?? noEffect
    case 'sid':
      yield* deleteFamilies(oneFamily, target.sid)
      return noEffect
    case 'issuer':
      yield* deleteFamilies(familiesUpTo, target.issuedUpTo)
      return noEffect
    case 'user': {
      const user = yield* one(raiseUserVersion, target.uid, target.belowVersion)
      yield* deleteFamilies(olderUserFamilies, target.uid, target.belowVersion)
      if (user !== undefined) yield* run(deleteTicketsOf, target.uid)
      return noEffect
    }
    case 'claims_stale':
      yield* run(raiseUserVersion, target.uid, target.belowVersion)
      return noEffect
    case 'token':
      return noEffect
  }
}

const disableClient = `update clients set enabled = 0 where internal_id = $1 and enabled = 1 returning id, version`
const familiesOfClient = `families where client_id = $1`

function* disableAgain(cid: string, audit: AuditContext): Verb<readonly NewChange[]> {
  const client = yield* one(disableClient, cid)
  if (client === undefined) return []
  const id = text(client, 'id')
  yield* deleteFamilies(familiesOfClient, id)
  yield* writeAudit(
    { event: 'client_disabled', clientId: id, version: number(client, 'version') },
    audit,
  )
  return [{ table: 'clients', id }]
}

const disableUser = `update users set status = 'disabled' where id = $1 and status = 'active' returning version`

function* disableUserAgain(userId: string, audit: AuditContext): Verb<readonly NewChange[]> {
  const user = yield* one(disableUser, userId)
  if (user === undefined) return []
  yield* endSignIns(userId)
  yield* writeAudit({ event: 'user_disabled', userId, version: number(user, 'version') }, audit)
  return [{ table: 'users', id: userId }]
}

const disabledMax = 10_000
// One statement, so that the records and the head are of the same moment.
const selectDisabled = `select epoch, changes,
  case when changes_hash_at = changes then changes_hash end as changes_hash, kind, id
  from log_head left join (
    select * from (select 'client' as kind, internal_id as id from clients where enabled = 0
      order by internal_id limit ${disabledMax}) as disabled_clients
    union all
    select * from (select 'user' as kind, id from users where status = 'disabled'
      order by id limit ${disabledMax}) as disabled_users
  ) as disabled on 1 = 1 where one = 1`

/** Reads the records that are disabled, and the number of the log of changes at that moment. */
export function* disabledRecords(): Verb<DisabledRecords> {
  const rows = yield* all(selectDisabled)
  const [head] = rows
  if (head === undefined) throw new Error('the log has no head')
  const idsOf = (kind: string) =>
    rows.flatMap((row) => (row['kind'] === kind ? [text(row, 'id')] : []))
  return {
    epoch: text(head, 'epoch'),
    changes: number(head, 'changes'),
    changesHash: hashIn(head, 'changes_hash'),
    clients: idsOf('client'),
    users: idsOf('user'),
  }
}
