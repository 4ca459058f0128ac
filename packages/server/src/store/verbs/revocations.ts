import type { EpochSeconds } from '@countersign/jwt'
import type { AuditContext } from '../../audit/events.ts'
import { clockStepSecondsMax } from '../port/clock.ts'
import type { RevocationEntry, RevocationTarget } from '../port/records.ts'
import type { RevocationVerbs } from '../port/revocation-verbs.ts'
import type { Spending } from '../port/store.ts'
import { all, one, undo, type Driver, type Row, type Verb } from '../port/verb.ts'
import { moment, number, text } from './columns.ts'
import { disabledClients, heal } from './healing.ts'
import { columnsOf, deleteEntries, note, record, type NewChange, type NewEntry } from './log.ts'
import { recover, startEpoch } from './recover.ts'
import { headSince, linkUpTo, startEpochAfterRollback } from './rollback.ts'
import { spendAll } from './spent.ts'

/** Live token entries that one client may have; one more and the client's version takes their place. */
const tokenEntriesMax = 1000

/** The verbs of the revocation log. */
export function revocationVerbs({ read, write }: Driver): RevocationVerbs {
  return {
    add: (target, until, audit, cid, spending = {}) =>
      write(() => spendAndAdd(target, until, audit, cid, spending)),
    head: () =>
      read(function* () {
        return (yield* headSince(undefined)).head
      }),
    headSince: (known) => read(() => headSince(known)),
    linkUpTo: (sequence) => read(() => linkUpTo('revocations', sequence)),
    startEpochAfterRollback: (known, epoch, audit) =>
      write(() => startEpochAfterRollback(known, epoch, audit)),
    disabledClients: () => read(disabledClients),
    heal: (epoch, lost, audit) => write(() => heal(epoch, lost, audit)),
    page: (after, limit) => read(() => page(after, limit)),
    startEpoch: (epoch, issuedUpTo, audit) =>
      write(() => startEpoch(epoch, 'issuer', issuedUpTo, audit)),
    recover: (epoch, options, audit) => write(() => recover(epoch, options, audit)),
  }
}

function* spendAndAdd(
  target: RevocationTarget,
  until: EpochSeconds | undefined,
  audit: AuditContext,
  cid: string | undefined,
  { spend = [] }: Spending,
): Verb<RevocationEntry | 'spent'> {
  if (!(yield* spendAll(spend))) return yield* undo('spent')
  return yield* add(target, until, audit, cid)
}

const selectStanding = `select * from revocations where kind = $1 and id = $2 and bound >= $3 and expires_at >= $4
  order by sequence desc limit 1`

function* add(
  target: RevocationTarget,
  until: EpochSeconds | undefined,
  audit: AuditContext,
  cid: string | undefined,
): Verb<RevocationEntry> {
  if (until === undefined) return yield* write({ target }, [], audit)
  const [id, bound] = columnsOf(target)
  const standing = yield* one(selectStanding, target.kind, id, bound, until)
  if (standing !== undefined) return entryOf(standing)
  if (target.kind === 'token' && cid !== undefined) {
    const folded = yield* fold(cid, audit)
    if (folded !== undefined) return folded
    return yield* write({ target, until, cid }, [], audit)
  }
  return yield* write({ target, until }, [], audit)
}

function* write(
  entry: NewEntry,
  changes: readonly NewChange[],
  audit: AuditContext,
): Verb<RevocationEntry> {
  // What was issued includes refresh families: none of them may give a token that is younger than the entry.
  if (entry.target.kind === 'issuer') yield* all(`delete from families`)
  const [written] = yield* record([entry], changes)
  if (written === undefined) throw new Error('the entry was not written')
  const { target, sequence } = written
  const [id] = columnsOf(target)
  yield* note({ event: 'revocation_added', kind: target.kind, target: id, sequence }, audit)
  return written
}

const countLive = `select count(*) as live from revocations where cid = $1 and expires_at > {now}`
const raiseVersion = `update clients set version = version + 1 where internal_id = $1 returning id, version`
const deleteTokens = `delete from revocations where cid = $1 returning sequence, hash, added_at, {now} as now`

/** Replaces a client's many token entries by one that kills its lower versions. */
function* fold(cid: string, audit: AuditContext): Verb<RevocationEntry | undefined> {
  const counted = yield* one(countLive, cid)
  if (counted === undefined || number(counted, 'live') < tokenEntriesMax) return undefined
  const client = yield* one(raiseVersion, cid)
  if (client === undefined) return undefined
  yield* deleteEntries(deleteTokens, cid)
  const target = { kind: 'client', cid, belowVersion: number(client, 'version') } as const
  return yield* write({ target }, [{ table: 'clients', id: text(client, 'id') }], audit)
}

// With those that a clock which is set back would need.
const selectPage = `select * from revocations where sequence > $1 and expires_at > {now} - ${clockStepSecondsMax}
  order by sequence limit $2`

function* page(after: number, limit: number): Verb<readonly RevocationEntry[]> {
  return (yield* all(selectPage, after, limit)).map(entryOf)
}

function entryOf(row: Row): RevocationEntry {
  return {
    sequence: number(row, 'sequence'),
    target: targetOf(text(row, 'kind'), text(row, 'id'), number(row, 'bound')),
    at: moment(row, 'added_at'),
    until: moment(row, 'expires_at'),
  }
}

function targetOf(kind: string, id: string, bound: number): RevocationTarget {
  switch (kind) {
    case 'token':
      return { kind, jti: id }
    case 'sid':
      return { kind, sid: id }
    case 'client':
      return { kind, cid: id, belowVersion: bound }
    case 'user':
    case 'claims_stale':
      return { kind, uid: id, belowVersion: bound }
    case 'key':
      return { kind, kid: id }
    case 'issuer':
      return { kind, issuedUpTo: bound as EpochSeconds }
    default:
      throw new TypeError('the entry is of an unknown kind')
  }
}
