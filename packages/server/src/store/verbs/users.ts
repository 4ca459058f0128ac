import type { AuditContext, AuditFacts } from '../../audit/events.ts'
import type { UserId, UserProfile, UserRecord } from '../port/user-records.ts'
import type { CreateOutcome, NewUser, SignInFacts, UserVerbs } from '../port/user-verbs.ts'
import { all, one, run, undo, type Driver, type Verb } from '../port/verb.ts'
import { number, text } from './columns.ts'
import { readFactors } from './factor-rows.ts'
import { appendToLog, writeAudit, type NewChange } from './log.ts'
import { insertAccess, lockResources, setAccess, listAccess } from './user-access.ts'
import { addName, dropName, insertName, reserveNames } from './user-names.ts'
import {
  findPassword,
  insertPassword,
  passwordOf,
  rehashPassword,
  replacePassword,
} from './passwords.ts'
import { deleteUserRows, insertUserRow, updateStatus, usersOf } from './user-rows.ts'
import { endSignIns } from './user-version.ts'

/** The verbs of users. */
export function userVerbs({ read, write }: Driver): UserVerbs {
  return {
    create: (user, audit) => write(() => createUser(user, audit)),
    find: (id) => read(() => findUser(id)),
    findByName: (key) => read(() => findByName(key)),
    findPassword: (id) => read(() => findPassword(id)),
    list: (after, limit) => read(() => listUsers(after, limit)),
    listAccess: (id) => read(() => listAccess(id)),
    factors: (id) => read(() => readFactors(id)),
    disable: (id, audit) => write(() => disableUser(id, audit)),
    enable: (id, audit) => write(() => enableUser(id, audit)),
    revokeTokens: (id, audit) => write(() => revokeTokensOf(id, audit)),
    erase: (id, audit) => write(() => eraseUser(id, audit)),
    setProfile: (id, profile, audit, was) => write(() => setProfile(id, profile, audit, was)),
    setAccess: (id, access, audit, was) => write(() => setAccess(id, access, audit, was)),
    setPassword: (id, password, audit) => write(() => setPassword(id, password, audit)),
    rehashPassword: (id, from, to, audit) => write(() => rehashPassword(id, from, to, audit)),
    addName: (id, name, audit) => write(() => addName(id, name, audit)),
    dropName: (id, key, audit) => write(() => dropName(id, key, audit)),
  }
}

// Both ids are the `sub` of tokens.
const selectClientWithId = `select id from clients where id = $1`

function* createUser(user: NewUser, audit: AuditContext): Verb<CreateOutcome> {
  const { id, access, password } = user
  if ((yield* one(selectClientWithId, id)) !== undefined) return { outcome: 'id_taken' }
  if (!(yield* lockResources(access))) return { outcome: 'no_resource' }
  const isMade = yield* insertUserRow(id, user.handle, 'active', user.profile)
  if (!isMade) return { outcome: 'id_taken' }
  // In one order for all callers, so that two of them never wait for each other.
  for (const name of user.names.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
    const taken = yield* insertName(id, name)
    if (taken !== undefined) return yield* undo(taken)
  }
  for (const each of access) yield* insertAccess(id, each)
  if (password !== null) yield* insertPassword(id, password)
  yield* writeAudit({ event: 'user_added', userId: id }, audit)
  return { outcome: 'created' }
}

/** Of one user several rows, one for each name. */
const joinNames = `left join user_names on user_names.user_id = users.id`
const selectUser = `select * from users ${joinNames} where users.id = $1`

function* findUser(id: UserId): Verb<UserRecord | undefined> {
  return usersOf(yield* all(selectUser, id))[0]
}

const selectByName = `select users.*, user_names.*, passwords.hash, passwords.pepper_id, passwords.set_at,
  passwords.must_change from users ${joinNames} left join passwords on passwords.user_id = users.id
  where users.id = (select user_id from user_names where key = $1)`

function* findByName(key: string): Verb<SignInFacts | undefined> {
  const rows = yield* all(selectByName, key)
  const [user] = usersOf(rows)
  const [row] = rows
  if (user === undefined || row === undefined) return undefined
  return { user, password: row['hash'] === null ? null : passwordOf(row) }
}

const selectPage = `select * from (select * from users where id > $1 order by id limit $2) as users ${joinNames}
  order by users.id`

function* listUsers(after: string | null, limit: number): Verb<readonly UserRecord[]> {
  return usersOf(yield* all(selectPage, after ?? '', limit))
}

const lockUser = `select status, version, profile from users where id = $1 {lock}`

/** Ends all sign-ins of a user, unfinished ones too, and writes the entry that revokes all tokens of lower versions. */
function* revokeBelow(
  facts: RevokingFacts,
  audit: AuditContext,
  changes: readonly NewChange[] = [],
): Verb<void> {
  const { userId: uid, version: belowVersion } = facts
  yield* endSignIns(uid)
  yield* writeAudit(facts, audit)
  yield* appendToLog([{ target: { kind: 'user', uid, belowVersion } }], changes)
}

type RevokingFacts = Extract<
  AuditFacts,
  {
    readonly event:
      | 'user_disabled'
      | 'user_erased'
      | 'user_password_set'
      | 'user_tokens_revoked'
      | 'user_address_restored'
  }
>

/** The change of a status, after which each node learns again which users are disabled. */
function switched(id: UserId): NewChange {
  return { table: 'users', id }
}

function* disableUser(id: UserId, audit: AuditContext): Verb<'disabled' | 'already' | 'unknown'> {
  const row = yield* one(lockUser, id)
  if (row === undefined) return 'unknown'
  if (text(row, 'status') !== 'active') return 'already'
  const version = number(row, 'version') + 1
  yield* run(updateStatus, id, 'disabled', version)
  yield* revokeBelow({ event: 'user_disabled', userId: id, version }, audit, [switched(id)])
  return 'disabled'
}

function* enableUser(id: UserId, audit: AuditContext): Verb<'enabled' | 'already' | 'unknown'> {
  const row = yield* one(lockUser, id)
  if (row === undefined) return 'unknown'
  // An account that proved no address is opened by that proof alone.
  if (text(row, 'status') !== 'disabled') return 'already'
  yield* run(updateStatus, id, 'active', number(row, 'version'))
  yield* writeAudit({ event: 'user_enabled', userId: id }, audit)
  yield* appendToLog([], [switched(id)])
  return 'enabled'
}

function* revokeTokensOf(id: UserId, audit: AuditContext): Verb<'revoked' | 'unknown'> {
  const row = yield* one(lockUser, id)
  if (row === undefined) return 'unknown'
  const version = number(row, 'version') + 1
  yield* run(updateStatus, id, text(row, 'status'), version)
  yield* revokeBelow({ event: 'user_tokens_revoked', userId: id, version }, audit)
  return 'revoked'
}

/** Erases a user as the last step of a verb. */
export function* eraseUser(id: UserId, audit: AuditContext): Verb<'erased' | 'unknown'> {
  const row = yield* one(lockUser, id)
  if (row === undefined) return 'unknown'
  yield* reserveNames(id)
  yield* deleteUserRows(id)
  const version = number(row, 'version') + 1
  yield* revokeBelow({ event: 'user_erased', userId: id, version }, audit)
  return 'erased'
}

const updateProfile = `update users set profile = $2, profile_at = {now} where id = $1`

function* setProfile(
  id: UserId,
  profile: UserProfile,
  audit: AuditContext,
  was?: UserProfile,
): Verb<'changed' | 'same' | 'unknown' | 'stale'> {
  const row = yield* one(lockUser, id)
  if (row === undefined) return 'unknown'
  const next = JSON.stringify(profile)
  if (was !== undefined && text(row, 'profile') !== JSON.stringify(was)) return 'stale'
  if (text(row, 'profile') === next) return 'same'
  yield* run(updateProfile, id, next)
  yield* writeAudit({ event: 'user_profile_changed', userId: id }, audit)
  return 'changed'
}

function* setPassword(
  id: UserId,
  password: Parameters<UserVerbs['setPassword']>[1],
  audit: AuditContext,
): Verb<'set' | 'unknown'> {
  const row = yield* one(lockUser, id)
  if (row === undefined) return 'unknown'
  yield* replacePassword(id, password)
  const version = number(row, 'version') + 1
  yield* run(updateStatus, id, text(row, 'status'), version)
  yield* revokeBelow({ event: 'user_password_set', userId: id, version }, audit)
  return 'set'
}
