import type { EpochSeconds } from '@countersign/jwt'
import type { AuditContext } from '../../audit/events.ts'
import { clockStepSecondsMax } from '../port/clock.ts'
import type { RevocationEntry, TokenOwner } from '../port/records.ts'
import { partsOf, targetOf, type RevocationTarget } from '../port/revocation-target.ts'
import type { RevocationVerbs } from '../port/revocation-verbs.ts'
import type { Spending } from '../port/spending.ts'
import { all, one, undo, type Driver, type Row, type Verb } from '../port/verb.ts'
import { moment, number, text } from './columns.ts'
import { foldTokens } from './fold-tokens.ts'
import { disabledRecords, heal } from './healing.ts'
import { writeAudit, appendToLog, type NewChange, type NewEntry } from './log.ts'
import { recover, startEpoch } from './recover.ts'
import { headSince, linkUpTo, startEpochAfterRollback } from './rollback.ts'
import { spendAll } from './spent.ts'

/** The verbs of the revocation log. */
export function revocationVerbs({ read, write }: Driver): RevocationVerbs {
  return {
    add: (target, until, audit, owner, spending = {}) =>
      write(() => spendAndAdd(target, until, audit, owner, spending)),
    head: () =>
      read(function* () {
        return (yield* headSince(undefined)).head
      }),
    headSince: (known) => read(() => headSince(known)),
    linkUpTo: (sequence) => read(() => linkUpTo('revocations', sequence)),
    startEpochAfterRollback: (known, epoch, audit) =>
      write(() => startEpochAfterRollback(known, epoch, audit)),
    disabledRecords: () => read(disabledRecords),
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
  owner: TokenOwner | undefined,
  { spend = [] }: Spending,
): Verb<RevocationEntry | 'spent'> {
  if (!(yield* spendAll(spend))) return yield* undo('spent')
  return yield* addEntry(target, until, audit, owner)
}

const selectSame = `select * from revocations where kind = $1 and id = $2 and bound >= $3 and expires_at >= $4
  order by sequence desc limit 1`

function* addEntry(
  target: RevocationTarget,
  until: EpochSeconds | undefined,
  audit: AuditContext,
  owner: TokenOwner | undefined,
): Verb<RevocationEntry> {
  if (until === undefined) return yield* write({ target }, [], audit)
  const { id, belowVersion = 0 } = partsOf(target)
  const same = yield* one(selectSame, target.kind, id, belowVersion, until)
  if (same !== undefined) return entryOf(same)
  if (target.kind === 'token' && owner !== undefined) {
    const folded = yield* foldTokens(owner, audit)
    if (folded !== undefined) return yield* write(folded.entry, folded.changes, audit)
  }
  return yield* write({ target, until, owner }, [], audit)
}

function* write(
  entry: NewEntry,
  changes: readonly NewChange[],
  audit: AuditContext,
): Verb<RevocationEntry> {
  // Refresh families end too: none of them may give a token that is younger than the entry.
  if (entry.target.kind === 'issuer') yield* all(`delete from families`)
  const [written] = yield* appendToLog([entry], changes)
  if (written === undefined) throw new Error('the entry was not written')
  const { target, sequence } = written
  const { id } = partsOf(target)
  yield* writeAudit({ event: 'revocation_added', kind: target.kind, target: id, sequence }, audit)
  return written
}

// Entries that ended in the last hour are included, because a clock that is ahead may be set back.
const selectPage = `select * from revocations where sequence > $1 and expires_at > {now} - ${clockStepSecondsMax}
  order by sequence limit $2`

function* page(after: number, limit: number): Verb<readonly RevocationEntry[]> {
  return (yield* all(selectPage, after, limit)).map(entryOf)
}

function entryOf(row: Row): RevocationEntry {
  return {
    sequence: number(row, 'sequence'),
    target: targetOf(text(row, 'kind'), {
      id: text(row, 'id'),
      belowVersion: number(row, 'bound'),
    }),
    at: moment(row, 'added_at'),
    until: moment(row, 'expires_at'),
  }
}
