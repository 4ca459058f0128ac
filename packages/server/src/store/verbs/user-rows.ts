import type { NameKey, UserId, UserName, UserRecord } from '../port/user-records.ts'
import type { Row } from '../port/verb.ts'
import { moment, momentOrNull, number, text } from './columns.ts'

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
    status: text(row, 'status') === 'active' ? 'active' : 'disabled',
    version: number(row, 'version'),
    profile: JSON.parse(text(row, 'profile')),
    profileAt: moment(row, 'profile_at'),
    createdAt: moment(row, 'created_at'),
    names: names.toSorted(inOrder),
  }
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
