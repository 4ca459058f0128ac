import { leewaySecondsMax, type EpochSeconds } from '@countersign/jwt'
import type { AuditContext } from '../../audit/events.ts'
import { tokenTtlSecondsMax } from '../../config/token-life.ts'
import type { Recovery } from '../port/revocation-verbs.ts'
import type { RevocationEntry } from '../port/records.ts'
import { all, one, run, type Verb } from '../port/verb.ts'
import { moment, number, text } from './columns.ts'
import { writeAudit, appendToLog, type NewChange } from './log.ts'
import { startFencedEpoch } from './rollback.ts'

/**
 * Begins an epoch and revokes all tokens issued before it.
 * Why its entries last as long as any token may: a restored database may lack a resource with longer tokens.
 */
export function* startEpoch(
  epoch: string,
  reason: 'restore' | 'issuer',
  issuedUpTo: EpochSeconds | undefined,
  audit: AuditContext,
  effects: Effects = none,
): Verb<RevocationEntry> {
  yield* startFencedEpoch(epoch, reason, audit)
  const now = yield* clock()
  // Refresh families end too, because they would give new tokens.
  yield* run(`delete from families`)
  const until = (now + tokenTtlSecondsMax + leewaySecondsMax) as EpochSeconds
  const issuer = {
    kind: 'issuer',
    issuedUpTo: issuedUpTo ?? (Math.floor(now) as EpochSeconds),
  } as const
  const burnt = effects.kids.map((kid) => ({ target: { kind: 'key', kid }, until }) as const)
  const [written] = yield* appendToLog([{ target: issuer, until }, ...burnt], effects.changes)
  if (written === undefined) throw new Error('the entry was not written')
  const { sequence } = written
  yield* writeAudit({ event: 'revocation_added', kind: 'issuer', target: '', sequence }, audit)
  return written
}

interface Effects {
  readonly kids: readonly string[]
  readonly changes: readonly NewChange[]
}

const none: Effects = { kids: [], changes: [] }

function* clock(): Verb<EpochSeconds> {
  const row = yield* one(`select {now} as now`)
  if (row === undefined) throw new Error('the database gave no time')
  return moment(row, 'now')
}

const selectLastEvent = `select at from audit order by id desc limit 1`
const deleteKeys = `delete from keys where purpose in ('token', 'feed', 'encryption') returning kid, alg`
const disableClients = `update clients set enabled = 0, version = version + 1 where enabled = 1
  returning id, version`

/**
 * Makes a restored database safe: revokes all tokens, and burns each key that signs or encrypts.
 * Why: a key that was burnt after the backup is active in it.
 * Not checked: secrets that were dropped, clients that were disabled and records that were removed after the backup.
 */
export function* recover(
  epoch: string,
  options: { readonly disableClients: boolean },
  audit: AuditContext,
): Verb<Recovery> {
  const last = yield* one(selectLastEvent)
  const keys = yield* all(deleteKeys)
  for (const row of keys)
    yield* writeAudit({ event: 'key_burnt', kid: text(row, 'kid'), alg: text(row, 'alg') }, audit)
  const clients = options.disableClients ? yield* all(disableClients) : []
  for (const row of clients) {
    const facts = { clientId: text(row, 'id'), version: number(row, 'version') }
    yield* writeAudit({ event: 'client_disabled', ...facts }, audit)
  }
  const kids = keys.map((row) => text(row, 'kid')).toSorted()
  // Most of it was sent after the backup, and its codes and links are of tickets that were used.
  yield* run(`delete from outbox`)
  const changes: readonly NewChange[] = [
    ...kids.map((id) => ({ table: 'keys', id }) as const),
    ...clients.map((row) => ({ table: 'clients', id: text(row, 'id') }) as const),
  ]
  yield* startEpoch(epoch, 'restore', undefined, audit, { kids, changes })
  return {
    lastEventAt: last === undefined ? null : moment(last, 'at'),
    keysBurnt: keys.length,
    clientsDisabled: clients.length,
  }
}
