import type {
  NameKey,
  UserId,
  UserName,
  UserProfile,
  UserRecord,
  UserStatus,
} from '../port/user-records.ts'
import { one, run, type Row, type Verb } from '../port/verb.ts'
import { deleteFactors } from './factor-rows.ts'
import { moment, momentOrNull, number, text } from './columns.ts'

const insertUser = `insert into users (id, status, version, handle, profile, profile_at, created_at)
  values ($1, $2, 1, $3, $4, {now}, {now}) on conflict (id) do nothing returning id`

/** Writes the row of a new user; gives whether the id was free. */
export function* insertUserRow(
  id: UserId,
  handle: Uint8Array,
  status: UserStatus,
  profile: UserProfile,
): Verb<boolean> {
  return (yield* one(insertUser, id, status, handle, JSON.stringify(profile))) !== undefined
}

/** The fault of a random id that another user has. */
export function takenId(): Error {
  return new Error('a random id of a user is taken')
}

/** Sets status and version of a locked user. */
export const updateStatus = `update users set status = $2, version = $3 where id = $1`

// Every table of something by which a user signs in.
const credentials = ['passwords', 'passkeys'].map(
  (table) => `delete from ${table} where user_id = $1`,
)

/** Deletes everything by which a user could sign in. */
export function* deleteCredentials(id: UserId): Verb<void> {
  for (const deletion of credentials) yield* run(deletion, id)
  yield* deleteFactors(id)
}

/** Deletes everything about a user but the names, the sign-ins and the audit events. */
export function* deleteUserRows(id: UserId): Verb<void> {
  yield* deleteCredentials(id)
  yield* run(`delete from user_access where user_id = $1`, id)
  yield* run(`delete from tickets where user_id = $1`, id)
  yield* run(`delete from outbox where user_id = $1`, id)
  yield* run(`delete from consents where user_id = $1`, id)
  yield* run(`delete from users where id = $1`, id)
}

/** Reads users from rows of which each holds one name; the rows of one user follow each other. */
export function usersOf(rows: readonly Row[]): readonly UserRecord[] {
  const users: UserRecord[] = []
  for (let start = 0; start < rows.length;) {
    const first = rows[start]
    if (first === undefined) break
    const id = text(first, 'id')
    const end = rows.findIndex((row, index) => index > start && row['id'] !== id)
    const own = rows.slice(start, end === -1 ? undefined : end)
    users.push(userOf(first, own.flatMap(nameOf)))
    start += own.length
  }
  return users
}

function userOf(row: Row, names: readonly UserName[]): UserRecord {
  return {
    id: text(row, 'id') as UserId,
    status: statusOf(text(row, 'status')),
    version: number(row, 'version'),
    profile: JSON.parse(text(row, 'profile')),
    profileAt: moment(row, 'profile_at'),
    createdAt: moment(row, 'created_at'),
    eraseAt: momentOrNull(row, 'erase_at') ?? undefined,
    signedInAt: momentOrNull(row, 'signed_in_at') ?? undefined,
    names: names.toSorted(inOrder),
  }
}

/** A status that this version does not know keeps the user out. */
function statusOf(status: string): UserStatus {
  return status === 'active' || status === 'unverified' ? status : 'disabled'
}

function nameOf(row: Row): readonly UserName[] {
  if (row['key'] === null) return []
  return [
    {
      key: text(row, 'key') as NameKey,
      kind: text(row, 'kind') === 'username' ? 'username' : 'address',
      shown: text(row, 'shown'),
      verifiedAt: momentOrNull(row, 'verified_at'),
      addedAt: moment(row, 'added_at'),
    },
  ]
}

/** Orders names as `UserRecord.names` says. */
function inOrder(one: UserName, other: UserName): number {
  if (one.kind !== other.kind) return one.kind === 'username' ? -1 : 1
  if (one.addedAt !== other.addedAt) return one.addedAt - other.addedAt
  return one.key < other.key ? -1 : 1
}
