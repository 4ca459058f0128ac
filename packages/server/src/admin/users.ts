import { ok } from '@countersign/jwt'
import { contextWords } from '../users/context-words.ts'
import { explainPassword } from '../users/explain-password.ts'
import type { FoldedName } from '../users/folded-name.ts'
import { generatePassword } from '../users/generate-password.ts'
import { judgePassword } from '../users/password-rules.ts'
import { readProfile } from '../users/profile.ts'
import { readPassword } from '../users/read-password.ts'
import type { UserAccess, UserId, UserProfile, UserRecord } from '../store/port/user-records.ts'
import type { NewPassword } from '../store/port/user-verbs.ts'
import { refuseOperation, type OperatorDeps } from './operator.ts'
import {
  findUser,
  nameTaken,
  readAccess,
  readName,
  unknownUser,
  type UserOperatorDeps,
  type UserOutcome,
  type WantedAccess,
} from './user-operator.ts'

/** The password that a user gets. A generated one is shown once. */
export type WantedPassword =
  | { readonly kind: 'typed'; readonly text: string }
  | { readonly kind: 'generated' }
  | { readonly kind: 'none' }

/** A user to be made. */
export interface WantedUser {
  /** User names and mail addresses, in any spelling. */
  readonly names: readonly string[]
  /** Whether the operator knows that the addresses belong to the user. */
  readonly isVerified: boolean
  readonly profile: unknown
  readonly access: readonly WantedAccess[]
  readonly password: WantedPassword
  /** Whether the user must choose another password before the first token. */
  readonly mustChange: boolean
}

/** A user as an operator sees it. */
export interface UserView {
  readonly id: UserId
  readonly status: UserRecord['status']
  readonly version: number
  readonly names: readonly {
    readonly name: string
    readonly kind: 'username' | 'address'
    readonly verifiedAt: number | null
  }[]
  readonly profile: UserProfile
  readonly createdAt: number
}

/** The most resources that a new user gets access to in one call. */
const accessMax = 100

/** Makes a user. A generated password is in the result only; the service keeps a hash. */
export async function addUser(
  wanted: WantedUser,
  deps: UserOperatorDeps,
): UserOutcome<{ readonly user: UserView; readonly password: string | null }> {
  const names: FoldedName[] = []
  for (const text of wanted.names) {
    const name = readName(text)
    if (!name.ok) return name
    if (names.some(({ key }) => key === name.value.key))
      return refuseOperation('malformed', `${name.value.key} is named twice.`)
    names.push(name.value)
  }
  if (names.length === 0) return refuseOperation('malformed', 'A user has at least one name.')
  const profile = readProfile(wanted.profile)
  if (!profile.ok) return refuseOperation('malformed', profile.refusal.problems.join(' '))
  const access = await readAllAccess(wanted.access, deps)
  if (!access.ok) return access
  const password = await makePassword(wanted.password, wanted.mustChange, names, deps)
  if (!password.ok) return password
  const id = deps.randomId() as UserId
  const outcome = await deps.store.users.create(
    {
      id,
      handle: deps.randomBytes(32),
      profile: profile.value,
      names: names.map((name) => ({
        ...name,
        isVerified: wanted.isVerified && name.kind === 'address',
      })),
      access: access.value,
      password: password.value.kept,
    },
    deps.audit,
  )
  switch (outcome.outcome) {
    case 'name_taken':
      return nameTaken(outcome)
    case 'no_resource':
      return refuseOperation('lost', 'A resource was removed meanwhile: run the command again.')
    case 'id_taken':
      return refuseOperation('lost', 'Another has the id that was made: run the command again.')
    case 'created':
  }
  const made = await findUser(id, deps)
  return made.ok ? ok({ user: viewUser(made.value), password: password.value.shown }) : made
}

async function readAllAccess(
  wanted: readonly WantedAccess[],
  deps: OperatorDeps,
): UserOutcome<readonly UserAccess[]> {
  if (wanted.length > accessMax)
    return refuseOperation('too_many', `Name ${accessMax} resources at most.`)
  const access: UserAccess[] = []
  for (const each of wanted) {
    if (access.some(({ audience }) => audience === each.audience))
      return refuseOperation('malformed', `${each.audience} is named twice.`)
    const read = await readAccess(each, deps)
    if (!read.ok) return read
    access.push(read.value)
  }
  return ok(access)
}

/** A password to keep, and the text of a generated one to show. */
interface MadePassword {
  readonly kept: NewPassword | null
  readonly shown: string | null
}

/** Judges or generates a password and hashes it. */
async function makePassword(
  wanted: WantedPassword,
  mustChange: boolean,
  names: readonly Pick<FoldedName, 'key' | 'kind'>[],
  deps: UserOperatorDeps,
): UserOutcome<MadePassword> {
  if (wanted.kind === 'none') return ok({ kept: null, shown: null })
  const isGenerated = wanted.kind === 'generated'
  const text = isGenerated ? generatePassword(deps.randomBytes) : wanted.text
  const read = readPassword(text)
  if (!read.ok) return refuseOperation('malformed', explainPassword(read.refusal))
  const judged = isGenerated
    ? read
    : judgePassword(read.value, deps.rules, contextWords(names, deps.issuer))
  if (!judged.ok) return refuseOperation('malformed', explainPassword(judged.refusal))
  const hashed = await deps.passwords.hash(judged.value)
  if (hashed === undefined)
    return refuseOperation('lost', 'Too many passwords are hashed now: try again in a second.')
  return ok({ kept: { ...hashed, mustChange }, shown: isGenerated ? text : null })
}

/** Gives a page of users, in the order of their ids. Units: `limit` in records, 1000 at most. */
export async function listUsers(
  after: string | null,
  limit: number,
  { store }: OperatorDeps,
): Promise<readonly UserView[]> {
  return (await store.users.list(after, Math.min(limit, 1_000))).map(viewUser)
}

/** Gives one user with the access, and the moment of the password. */
export async function showUser(
  text: string,
  deps: OperatorDeps,
): UserOutcome<
  UserView & {
    readonly access: readonly UserAccess[]
    readonly passwordSetAt: number | null
    readonly passwordMustChange: boolean
  }
> {
  const found = await findUser(text, deps)
  if (!found.ok) return found
  const { users } = deps.store
  const { id, names } = found.value
  const [first] = names
  const facts = first === undefined ? undefined : await users.findByName(first.key)
  const access = await users.listAccess(id)
  const { setAt = null, mustChange = false } = facts?.password ?? {}
  return ok({
    ...viewUser(found.value),
    access,
    passwordSetAt: setAt,
    passwordMustChange: mustChange,
  })
}

/** Disables, enables or erases a user. Disabling and erasing revoke the tokens and end the refresh families. */
export async function switchUser(
  act: 'disable' | 'enable' | 'erase',
  text: string,
  deps: OperatorDeps,
): UserOutcome<{ readonly id: UserId; readonly outcome: 'disabled' | 'enabled' | 'erased' }> {
  const found = await findUser(text, deps)
  if (!found.ok) return found
  const { id } = found.value
  const outcome = await deps.store.users[act](id, deps.audit)
  switch (outcome) {
    case 'unknown':
      return unknownUser(text)
    case 'already':
      return refuseOperation('already', `The user is already ${act}d.`)
    case 'disabled':
    case 'enabled':
    case 'erased':
      return ok({ id, outcome })
  }
}

/**
 * Sets a password. It revokes the tokens and ends the refresh families of the user. With `mustChange` the user must choose
 * another one before the next token.
 */
export async function setUserPassword(
  text: string,
  wanted: WantedPassword,
  mustChange: boolean,
  deps: UserOperatorDeps,
): UserOutcome<{ readonly id: UserId; readonly password: string | null }> {
  const found = await findUser(text, deps)
  if (!found.ok) return found
  const { id, names } = found.value
  const made = await makePassword(wanted, mustChange, names, deps)
  if (!made.ok) return made
  const { kept, shown } = made.value
  if (kept === null) return refuseOperation('malformed', 'Give a password or have one generated.')
  const outcome = await deps.store.users.setPassword(id, kept, deps.audit)
  return outcome === 'unknown' ? unknownUser(text) : ok({ id, password: shown })
}

function viewUser({ id, status, version, names, profile, createdAt }: UserRecord): UserView {
  const shown = names.map(({ shown: name, kind, verifiedAt }) => ({ name, kind, verifiedAt }))
  return { id, status, version, names: shown, profile, createdAt }
}
