import type { ExportedEvents, UserExport } from '../port/account-verbs.ts'
import type { UserId } from '../port/user-records.ts'
import { all, type Row, type Verb } from '../port/verb.ts'
import { moment, number, text } from './columns.ts'

/** The rows of one table that an export holds. */
interface ExportedTable {
  readonly name: string
  /** Never a secret, a hash of one, a seal, or a value that only this service reads. */
  readonly columns: readonly string[]
  /** The condition for the rows of user `$1`. */
  readonly where: string
}

const ofUser = 'user_id = $1'

/** All tables with rows about a user, but for the audit log, which has a way of its own. */
export const exportedTables: readonly ExportedTable[] = [
  {
    name: 'users',
    columns: [
      'id',
      'status',
      'version',
      'profile',
      'profile_at',
      'created_at',
      'erase_at',
      'signed_in_at',
      'passkey_offer_at',
    ],
    where: 'id = $1',
  },
  { name: 'user_names', columns: ['kind', 'shown', 'verified_at', 'added_at'], where: ofUser },
  { name: 'passwords', columns: ['set_at', 'must_change'], where: ofUser },
  {
    name: 'passkeys',
    columns: [
      'credential_id',
      'name',
      'aaguid',
      'transports',
      'backup_eligible',
      'backed_up',
      'created_at',
      'used_at',
    ],
    where: ofUser,
  },
  { name: 'totp', columns: ['confirmed_at'], where: ofUser },
  { name: 'recovery_codes', columns: ['made_at', 'used_at'], where: ofUser },
  { name: 'user_access', columns: ['audience', 'scopes', 'roles'], where: ofUser },
  {
    name: 'sessions',
    columns: [
      'sid',
      'auth_time',
      'proved_at',
      'amr',
      'acr',
      'persistent',
      'agent',
      'network',
      'last_seen',
    ],
    where: ofUser,
  },
  {
    name: 'families',
    columns: [
      'sid',
      'client_id',
      'username',
      'access',
      'generation',
      'opened_at',
      'rotated_at',
      'idle_expires_at',
      'expires_at',
    ],
    where: ofUser,
  },
  {
    name: 'consents',
    columns: ['client_id', 'audience', 'redirect_host', 'scopes', 'given_at'],
    where: ofUser,
  },
  {
    name: 'codes',
    columns: ['client_id', 'audience', 'scopes', 'auth_time', 'acr', 'amr', 'expires_at'],
    where: ofUser,
  },
  {
    name: 'client_sessions',
    columns: ['sid', 'session_sid', 'client_id', 'auth_time', 'acr', 'amr'],
    where: ofUser,
  },
  { name: 'tickets', columns: ['purpose', 'expires_at'], where: ofUser },
  {
    name: 'outbox',
    columns: ['template', 'created_at', 'not_before', 'expires_at', 'tries'],
    where: ofUser,
  },
  { name: 'counters', columns: ['key', 'count', 'ends_at'], where: `key = 'password user ' || $1` },
  {
    name: 'revocations',
    columns: ['kind', 'id', 'bound', 'added_at', 'expires_at'],
    where: `kind in ('user', 'claims_stale') and id = $1`,
  },
  {
    name: 'status_entries',
    columns: ['list', 'position', 'sid', 'cid', 'expires_at'],
    where: 'subject = $1',
  },
  { name: 'changes', columns: ['record', 'sequence'], where: `record = 'users' and id = $1` },
]

/** Reads the rows about a user, as one moment of the database. */
export function* exportUser(id: UserId): Verb<UserExport> {
  const tables: [string, readonly Row[]][] = []
  for (const { name, columns, where } of exportedTables)
    tables.push([name, yield* all(`select ${columns.join(', ')} from ${name} where ${where}`, id)])
  return Object.fromEntries(tables)
}

/** The audit rows of one step. Their table has no index by user. */
const auditStep = 2_000

const selectAudit = `select id, at, body from audit where id < $1 and id >= $2 and body like $3 order by id desc`
const selectLast = `select max(id) as last from audit where id < $1`

/** Reads the events that name a user below an id, the newest first, in one short step. */
export function* exportEvents(id: UserId, below: number): Verb<ExportedEvents> {
  const [row] = yield* all(selectLast, below)
  if (row === undefined || row['last'] === null) return { events: [], below: null }
  const last = number(row, 'last')
  const first = last - auditStep
  const rows = yield* all(selectAudit, last + 1, first, `%${id}%`)
  // The letter _ of an id stands for any letter in a pattern.
  const events = rows
    .filter((found) => text(found, 'body').includes(id))
    .map((found) => ({ at: moment(found, 'at'), ...JSON.parse(text(found, 'body')) }))
  return { events, below: first }
}
